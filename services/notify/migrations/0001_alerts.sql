-- How each office stands. Its row is the lock under which the alerts of the office change.
create table standing (
    office   text   primary key,
    province text   not null,
    level    text   not null default 'ok',
    crossing bigint not null default 0, -- the latest crossing seen
    -- The latest daily report and its revision.
    reported_day      date,
    reported_revision bigint,
    reported_closing  integer
);

create table alert (
    alert_id        uuid        primary key,
    office          text        not null references standing,
    province        text        not null,
    level           text        not null check (level in ('low', 'critical', 'out')),
    crossing        bigint      not null,
    on_hand         integer     not null,
    cover           float       not null, -- working days
    usage           float       not null, -- prints a working day
    state           text        not null check (state in ('raised', 'acknowledged', 'resolved')),
    step            smallint    not null default 0,
    raised_at       timestamptz not null,
    acknowledged_at timestamptz,
    resolved_at     timestamptz,
    -- A crossing is told once, whatever is delivered twice.
    unique (office, crossing)
);
create index alert_open on alert (office) where state <> 'resolved';

create table shipment (
    shipment_id   uuid primary key,
    office        text not null,
    alert_id      uuid references alert,
    -- Of each step the cards counted and the time; a step not yet known is null.
    approved      integer,
    approved_at   timestamptz,
    dispatched    integer,
    dispatched_at timestamptz,
    received      integer,
    received_at   timestamptz
);
create index shipment_by_office on shipment (office, shipment_id);
