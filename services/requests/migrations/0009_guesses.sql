-- How often somebody was wrong about a tracking code, counted for all processes together. `whose` is a keyed hash
-- of an address or of a code.

create table guess (
    whose bytea primary key,
    count int not null,
    until timestamptz not null
);
