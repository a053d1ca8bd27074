-- What every service keeps to send each fact once in effect and to take each fact once.

-- The head of each aggregate's stream of events. Its row is the aggregate's lock: `outbox.add` takes it before
-- it draws an outbox id, so within one key ids, sequence numbers and commits have the same order.
create table stream (
    topic    text   not null,
    key      text   not null,
    sequence bigint not null,
    primary key (topic, key)
) with (fillfactor = 80);

create table outbox (
    id          bigint generated always as identity primary key,
    -- The writing transaction: what the relay has published is a snapshot, and this says what a snapshot holds.
    xid         xid8        not null default pg_current_xact_id(),
    recorded_at timestamptz not null default clock_timestamp(),
    event_id    uuid        not null,
    topic       text        not null,
    partition   smallint    not null,
    key         text        not null,
    sequence    bigint      not null,
    headers     text        not null, -- a line of names, then a value a line
    value       text        not null
);
create index outbox_by_key on outbox (topic, key);
create index outbox_by_time on outbox using brin (recorded_at);

-- How far the relay has published: all that `published` sees, and of what `window_` sees besides, ids to `upto`.
create table relay_mark (
    one         boolean primary key default true check (one),
    published   text   not null, -- pg_snapshot
    window_     text,            -- pg_snapshot; null when the last window is finished
    upto        bigint not null default 0,
    -- No unpublished row has an id at or below `floor`; `next_floor` takes its place once every transaction
    -- below `next_floor_xid` has ended.
    floor          bigint not null default 0,
    next_floor     bigint not null default 0,
    next_floor_xid bigint not null default 0,
    -- A replay asked for by an operator: ids above `replayed` up to `replay_to` are published again.
    replayed    bigint,
    replay_to   bigint
);
insert into relay_mark (published) values ('1:1:');

create table inbox (
    consumer    text        not null,
    event_id    uuid        not null,
    received_at timestamptz not null default clock_timestamp(),
    primary key (consumer, event_id)
);
create index inbox_by_time on inbox using brin (received_at);

create table dead_letter (
    id          uuid primary key,
    handler     text        not null,
    topic       text        not null,
    partition   integer     not null,
    "offset"    bigint      not null,
    key         bytea,
    headers     jsonb       not null,
    value       bytea, -- the first 64 kB
    size        integer     not null,
    reason      text        not null,
    detail      text        not null,
    recorded_at timestamptz not null default clock_timestamp(),
    -- A batch that is tried again meets the same record again.
    unique (handler, topic, partition, "offset")
);

-- The first answer to each command, given again when the command is sent again.
create table command (
    key         uuid        primary key,
    actor       text        not null,
    digest      bytea       not null,
    status      smallint,
    answer      text,
    recorded_at timestamptz not null default clock_timestamp()
);
create index command_by_time on command using brin (recorded_at);

-- The latest tick of business time this service was told of.
create table business_clock (
    one boolean primary key default true check (one),
    at  timestamptz not null
);
