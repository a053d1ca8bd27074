-- Intake: drives, papers, who files with whose consent, the code the family tracks by, changes of a case.
-- Version 0.1.0 runs on this schema as before: what it writes has none of these, and told dispatch at once.

alter table request
    add column received_at    timestamptz, -- by the server's clock; filed_at is the operator's
    add column filed_by       text,
    add column consent        text,
    add column place          text, -- of a drive, with the four that follow
    add column place_name     text,
    add column headcount      integer,
    add column preferred_days integer[] not null default '{}', -- 0 is Monday
    add column on_holidays    boolean   not null default false;
alter table request alter column received_at set default clock_timestamp();
create index request_by_place on request (kelurahan, id) where kind = 'drive';

alter table case_file
    add column tracking    text, -- the family's code; null until a tick gives one to a case of an older version
    add column told        boolean   not null default true, -- dispatch knows it
    add column accepted_at timestamptz, -- its own papers complete; null where the letter's moment counts
    add column added_at    timestamptz, -- null: with the letter
    add column documents   text[]    not null default '{}',
    add column missing     text[]    not null default '{}', -- filed and not empty: it needs documents
    add column family_card boolean   not null default false;
create unique index case_file_tracking on case_file (tracking);
create index case_file_untracked on case_file (id) where tracking is null;

-- Whom to call and where to go: sealed as persons are, under the same keys.
create table contact (
    request_id uuid   primary key references request,
    key_id     bigint not null,
    sealed     bytea  not null
);
create index contact_by_key on contact (key_id, request_id);

-- Keyed hash of name, birth date and kelurahan: who looks like whom.
alter table person add column twin_index bytea;
create index person_twin on person (twin_index) where open and twin_index is not null;

-- Which fields of a case or request were changed when, and by whom; never what to.
create table amendment (
    id          bigint      generated always as identity primary key,
    request_id  uuid        not null references request,
    case_id     uuid        references case_file,
    fields      text[]      not null,
    at          timestamptz not null,
    by          text        not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index amendment_by_request on amendment (request_id);
