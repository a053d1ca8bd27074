-- Cases from the letter to the hand. Every change of a case, of its visits and of its prints locks the row of
-- `cases` first.

create table cases (
    case_id        uuid        primary key,
    request_id     uuid        not null,
    -- One correlation id for the whole story of its request.
    story          uuid        not null,
    office         text collate "C" not null,
    service        text        not null,
    kelurahan      text collate "C" not null,
    minutes        integer     not null check (minutes > 0),
    team_size      integer     not null check (team_size > 0),
    skills         text[]      not null,
    urgency        text        not null,
    on_hold        boolean     not null,
    filed_at       timestamptz not null,
    position       bigint      not null, -- among the events of its request
    told           bigint      not null, -- the latest of those that changed its needs
    stage          text        not null,
    attempts       integer     not null,
    deferred       text,
    accepted_at    timestamptz,
    ready_at       timestamptz,
    recorded_at    timestamptz,
    print_ready_at timestamptz,
    printed_at     timestamptz,
    handed_over_at timestamptz,
    receiver       text,
    check (stage not in ('accepted', 'scheduled') or ready_at is not null),
    check (stage <> 'printed' or printed_at is not null)
) with (fillfactor = 70);
create index cases_by_request on cases (request_id);
create index cases_to_visit on cases (office, accepted_at) where stage in ('accepted', 'visited');
create index cases_to_print on cases (office, print_ready_at) where stage = 'print_ready';

-- What is known of a request, for cases that are told of late.
create table letter (
    request_id  uuid primary key,
    accepted_at timestamptz,
    closed      text check (closed in ('rejected', 'cancelled'))
);

-- What was told of a case before the case itself.
create table early (
    case_id   uuid    primary key,
    withdrawn boolean not null default false,
    eligible  boolean not null default false
);

create table visit (
    visit_id   uuid        primary key,
    case_id    uuid        not null references cases,
    office     text collate "C" not null,
    state      text        not null check (state in ('planned', 'released', 'done', 'cancelled')),
    -- Where it is promised; the case may be amended later.
    kelurahan  text collate "C" not null,
    team       text        not null,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null check (ends_at > starts_at),
    outcome    text,
    outcome_at timestamptz,
    check ((state = 'done') = (outcome is not null and outcome_at is not null))
);
create unique index one_open_visit on visit (case_id) where state in ('planned', 'released');
create index visit_by_case on visit (case_id);
create index visit_by_office on visit (office, starts_at) where state in ('planned', 'done');

-- An attempt to print takes one blank card, whether it turns out well or not.
create table print_attempt (
    print_id uuid        primary key,
    case_id  uuid        not null references cases,
    kind     text        not null check (kind in ('printed', 'spoiled')),
    station  text        not null,
    serial   text        not null unique,
    cause    text,
    at       timestamptz not null,
    check ((kind = 'spoiled') = (cause is not null))
);
create unique index one_card_a_case on print_attempt (case_id) where kind = 'printed';
create index print_attempt_by_case on print_attempt (case_id);

-- The latest that inventory announced of each office.
create table rationing (
    office        text collate "C" primary key,
    state_version bigint  not null,
    active        boolean not null,
    allowed       text[]  not null
);
