-- The turn of a record in the print queue: since when it is known here to be ready, if that is later than told. A
-- device's clock lets nobody jump the queue. A table of its own: version 0.1.0 selects all columns of `cases`.

create table print_turn (
    case_id uuid        primary key references cases,
    since   timestamptz not null
);
