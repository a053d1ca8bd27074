-- The ledger of blank cards. A movement takes cards from one account and puts them into another, so that the
-- balances of all accounts sum to zero, always. Accounts are named place:kind or place:kind:station, such as
-- 17:provincial_store, 17.02:office_store, 17.02:tray:P1; `outside` is where cards come from, below zero.

create type movement_kind as enum ('receipt', 'refill', 'shipment', 'arrival', 'print', 'spoil');

create table movement (
    id          bigint generated always as identity,
    -- The office in whose ledger it stands; the province for what touches no office.
    place       text collate "C" not null,
    -- The day of `at` in the zone of the place.
    day         date        not null,
    at          timestamptz not null,
    kind        movement_kind not null,
    source      text collate "C" not null,
    target      text collate "C" not null,
    quantity    integer     not null check (quantity > 0),
    -- The event or command that caused it: the ledger is its own inbox.
    event_id    uuid        not null unique,
    -- A print attempt, and a blank card, have one fate.
    print_id    uuid        unique,
    serial      text collate "C" unique,
    -- The document of a receipt, the cause of a spoil, the id of a shipment.
    reference   text,
    recorded_at timestamptz not null default clock_timestamp(),
    check (source <> target),
    check ((kind >= 'print') = (print_id is not null and serial is not null))
);
-- Not unique, though it is: a unique one would be searched before each insert.
create index movement_of_place on movement (place, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only: correct it by another movement';
end $$;
create trigger movement_is_append_only before update or delete or truncate on movement
    for each statement execute function refuse_change();

create table account (
    name    text collate "C" primary key,
    place   text collate "C" not null generated always as (split_part(name, ':', 1)) stored,
    kind    text collate "C" not null generated always as (split_part(name, ':', 2)) stored,
    station text collate "C" not null generated always as (split_part(name, ':', 3)) stored,
    balance bigint not null
) with (fillfactor = 50);
create index account_by_place on account (place);

-- One row an office that ever had a movement. Whatever changes an office's cards locks this row before any
-- account of it, so that crossings of a level are decided one after the other.
create table office_stock (
    office        text collate "C" primary key,
    on_hand       bigint not null, -- office_store + trays
    level         text   not null default 'ok' check (level in ('ok', 'low', 'critical', 'out')),
    crossing      bigint not null default 0,
    low_at        bigint not null, -- low below this many cards
    critical_at   bigint not null, -- critical at or below this many
    recovered_at  bigint not null, -- ok again at or above this many
    usage         double precision not null check (usage > 0), -- prints a working day
    rationing     boolean not null default false,
    state_version bigint not null default 1, -- of the rationing
    closed        date -- the last day that was reported
) with (fillfactor = 50);

-- What each day did to the cards on hand; `changed` since it was last compared with what was reported.
create table office_day (
    office   text collate "C" not null,
    day      date   not null,
    received bigint not null,
    printed  bigint not null,
    spoiled  bigint not null,
    changed  boolean not null default true,
    primary key (office, day)
) with (fillfactor = 50);
create index office_day_changed on office_day (office, day) where changed;

-- Every report that was told to the province, with all its revisions.
create table report (
    office   text collate "C" not null,
    day      date    not null,
    revision integer not null check (revision > 0),
    opening  bigint  not null,
    received bigint  not null,
    printed  bigint  not null,
    spoiled  bigint  not null,
    closing  bigint  not null,
    told_at  timestamptz not null,
    primary key (office, day, revision),
    check (opening + received - printed - spoiled = closing)
);

create table shipment (
    id            uuid primary key,
    office        text collate "C" not null,
    approved      integer     not null check (approved > 0),
    approved_at   timestamptz not null,
    -- Waiting, while all of these are null, for cards in the provincial store.
    dispatched    integer     check (dispatched between 1 and approved),
    dispatched_at timestamptz,
    received      integer     check (received between 0 and dispatched),
    received_at   timestamptz
);
create index shipment_by_office on shipment (office, id);
create index shipment_waiting on shipment (left(office, 2), approved_at, id) where dispatched is null;
