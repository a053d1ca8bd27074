-- What an operator asks of a dead letter, what came of it, and who asked. It is open while `resolution` is null.
alter table dead_letter
    -- Its service applies it again; null once that was done, whatever came of it.
    add column replay_requested_at timestamptz,
    add column resolved_at timestamptz,
    -- replayed: applied by its handler; known: its effect was there already; the others: why it was discarded.
    add column resolution text check (resolution in
        ('replayed', 'known', 'duplicate', 'foreign', 'obsolete', 'corrected', 'test')),
    add column attempts integer not null default 0,
    add column last_error text,
    add column by_whom text,
    -- As the record said it, for it may be no id at all. Strict, or the path would unwrap the pairs.
    add column event_id text generated always as
        (jsonb_path_query_first(headers, 'strict $[*] ? (@[0] == "ce_id")[1]', '{}', true) #>> '{}') stored,
    add check ((resolved_at is null) = (resolution is null)),
    add check (replay_requested_at is null or resolved_at is null);
create index dead_letter_asked on dead_letter (topic, partition, "offset") where replay_requested_at is not null;
create index dead_letter_open on dead_letter (recorded_at) where resolved_at is null;
create index dead_letter_by_event on dead_letter (event_id);

-- Who mended what, when: every command of an operator that changed something here.
create table mending (
    id      bigint      generated always as identity primary key,
    at      timestamptz not null default clock_timestamp(),
    by_whom text        not null,
    action  text        not null,
    about   text        not null
);
