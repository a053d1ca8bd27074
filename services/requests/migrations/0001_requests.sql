-- Requests (the letters), their cases (one a resident), the steps dispatch tells of, and the persons, sealed.

create table request (
    id            uuid        primary key, -- UUIDv7: pages are read in its order
    office        text        not null,
    kelurahan     text        not null,
    kind          text        not null,
    letter_number text        not null,
    letter_date   date        not null,
    -- What became of the letter itself; how far its cases are is in case_file.
    stage         text        not null check (stage in ('filed', 'accepted', 'rejected', 'cancelled')),
    filed_at      timestamptz not null,
    accepted_at   timestamptz,
    closed_at     timestamptz,
    reason        text,
    -- When the limit of the letter's stage passes; null once that was told, or the letter is closed.
    due_at        timestamptz
);
create index request_by_kelurahan on request (kelurahan, id);
create index request_due on request (due_at) where due_at is not null;

-- Two facts decide where a case stands: what became of its letter, decided here, and the latest step of dispatch.
-- A card in a hand counts whatever was decided meanwhile; else what this office closed stays closed.
create table case_file (
    id             uuid        primary key,
    request_id     uuid        not null references request,
    place          integer     not null, -- in the letter, from 0
    office         text        not null,
    kelurahan      text        not null,
    service        text        not null,
    minutes        integer     not null,
    team_size      integer     not null,
    skills         text[]      not null,
    urgency        text        not null,
    print_on_hold  boolean     not null,
    letter_stage   text        not null check (letter_stage in ('filed', 'accepted', 'rejected', 'cancelled')),
    closed_at      timestamptz,
    reason         text,
    step_stage     text,
    step_sequence  bigint      not null default 0,
    due_at         timestamptz, -- when the limit of its stage passes; null once that was told
    stage          text        not null generated always as (
        case
            when step_stage = 'handed_over' then step_stage
            when letter_stage in ('rejected', 'cancelled') then letter_stage
            else coalesce(step_stage, letter_stage)
        end
    ) stored
) with (fillfactor = 80);
create index case_file_by_request on case_file (request_id, place);
create index case_file_by_stage on case_file (stage, request_id);
create index case_file_due on case_file (due_at) where due_at is not null;

-- All steps of a case. No reference to case_file: a step may be known before its case is, after a restore.
create table step (
    case_id   uuid        not null,
    sequence  bigint      not null, -- of the case's stream in the topic `cases`
    stage     text        not null,
    at        timestamptz not null,
    starts_at timestamptz,
    ends_at   timestamptz,
    outcome   text,
    deferral  text,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (case_id, sequence)
);

-- Limits that passed, each told once.
create table overdue (
    request_id uuid        not null references request,
    stage      text        not null,
    due_at     timestamptz not null,
    told_at    timestamptz not null,
    primary key (request_id, stage)
);

-- The only table with personal data: name, birth date, sex, reason, address, NIK and telephone in one sealed
-- value. The indexes beside it are keyed hashes that tell nothing without the key.
create table person (
    case_id       uuid    primary key references case_file,
    sealed        bytea   not null,
    nik_index     bytea,
    turns17_index bytea, -- of the 17th birthday, while the print waits for it
    open          boolean not null default true
);
-- One open case a NIK: whoever comes second, even in the same moment, is told of the first.
create unique index person_open_nik on person (nik_index) where open;
create index person_turns17 on person (turns17_index) where turns17_index is not null;

-- Who read which person when, by the wall clock.
create table person_access (
    id      bigint      generated always as identity primary key,
    case_id uuid        not null references case_file,
    actor   text        not null,
    role    text        not null,
    read_at timestamptz not null default clock_timestamp()
);
create index person_access_by_case on person_access (case_id);
