# Sourced by the others. A lineage is a server's identity and timeline: after a restore it is another one, so two
# histories never share a folder. FOLDER/<lineage>/wal and FOLDER/<lineage>/base/<UTC time of completion>.
# The server is named by libpq's own PGHOST, PGPORT, PGUSER.

lineage() {
    psql -XAtq -F - "dbname=postgres replication=database" -c IDENTIFY_SYSTEM | cut -d- -f1,2
}

# The first WAL segment that a base backup needs.
first_segment() {
    sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\)).*/\1/p' "$1/backup_label"
}
