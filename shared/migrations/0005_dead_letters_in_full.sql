-- What a stranger calls an id may be of any length. An entry of a btree may not, one of a hash index is a number.
drop index dead_letter_by_event;
create index dead_letter_by_event on dead_letter using hash (event_id);

-- The headers of a record, byte for byte; `dead_letter.headers` has them as text, to be read and looked for.
create table dead_letter_headers (
    id       uuid    primary key references dead_letter on delete cascade,
    names    bytea[] not null,
    contents bytea[] not null -- null where a header had none
);
