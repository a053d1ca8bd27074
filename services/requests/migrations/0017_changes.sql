-- That something changed in a kelurahan: lists that are open ask for it every other second, and are read again only then.
-- Rows are only added, so that writers never wait for each other, and go after a day.

create table list_change (
    id        bigint      generated always as identity primary key,
    office    text        not null,
    kelurahan text        not null,
    at        timestamptz not null default clock_timestamp()
);
create index list_change_by_kelurahan on list_change (kelurahan, id);
create index list_change_by_office on list_change (office, id);
create index list_change_by_age on list_change (at);

create function note_list_change() returns trigger language plpgsql as $$
begin
    insert into list_change (office, kelurahan) select distinct office, kelurahan from changed;
    return null;
end $$;
create trigger request_filed_noted after insert on request
    referencing new table as changed for each statement execute function note_list_change();
create trigger request_change_noted after update on request
    referencing new table as changed for each statement execute function note_list_change();
create trigger case_filed_noted after insert on case_file
    referencing new table as changed for each statement execute function note_list_change();
create trigger case_change_noted after update on case_file
    referencing new table as changed for each statement execute function note_list_change();

-- What a list of those who need a clerk asks for.
create index case_file_refused on case_file (closed_at) where stage = 'rejected';

-- The visits of a day.
create index step_by_start on step (starts_at) where starts_at is not null;
