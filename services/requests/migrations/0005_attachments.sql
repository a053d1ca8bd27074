-- Papers of a case as files. The bytes are in a store outside of the database, sealed under a key of each file's own;
-- that key is here, sealed as persons are. Without its row a file in the store opens for nobody.

create table attachment (
    id         uuid        primary key, -- random; the file's name in the store
    case_id    uuid        not null references case_file,
    document   text        not null,
    type       text        not null,
    size       integer     not null, -- bytes as they are opened
    sha256     bytea       not null, -- of the bytes as they are stored
    key_id     bigint      not null,
    sealed_key bytea       not null,
    stored_at  timestamptz not null default clock_timestamp(),
    by         text        not null
);
create index attachment_by_case on attachment (case_id, stored_at);
create index attachment_by_key on attachment (key_id, id);

-- Files whose row went: written in the transaction that deleted it, and gone once the store has deleted the bytes.
create table attachment_waste (
    id    uuid        primary key,
    since timestamptz not null default clock_timestamp()
);
