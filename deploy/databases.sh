#!/bin/bash
# One role and one database a service; nobody may enter another's. Runs once, when the volume is empty.
set -euo pipefail
for service in requests dispatch inventory notify; do
    password=$(cat "/run/secrets/${service}.password")
    psql -v ON_ERROR_STOP=1 -U postgres -v name="$service" -v password="$password" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke connect, temporary on database :"name" from public;
SQL
done
