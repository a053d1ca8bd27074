-- A movement that takes another one back, from its target to its source. It has no serial: hence before 'print'.
alter type movement_kind add value 'reversal' before 'print';

-- Which movement takes which one back, each once, and why. The pair stands at one business time and one day; when the
-- mistake was found is said here.
create table reversal (
    reversed    uuid primary key references movement (event_id),
    event_id    uuid not null unique references movement (event_id) deferrable initially deferred,
    reason      text not null,
    by          text not null, -- the subject of the token
    at          timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);

-- Each count that put an earlier one of the same shipment right; the shipment itself has the latest.
create table recount (
    shipment_id uuid    not null references shipment,
    revision    integer not null check (revision > 1),
    before      integer not null check (before >= 0),
    quantity    integer not null check (quantity >= 0),
    reason      text    not null,
    by          text    not null, -- the subject of the token
    at          timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (shipment_id, revision),
    check (before <> quantity)
);

create trigger reversal_is_append_only before update or delete or truncate on reversal
    for each statement execute function refuse_change();
create trigger recount_is_append_only before update or delete or truncate on recount
    for each statement execute function refuse_change();

-- A receipt by its delivery note, however it is spaced and capitalised; an arrival by its shipment.
create index movement_by_document on movement (place, upper(replace(reference, ' ', '')))
    where kind in ('receipt', 'arrival');
create index movement_receipts on movement (place, id desc) where kind = 'receipt';
