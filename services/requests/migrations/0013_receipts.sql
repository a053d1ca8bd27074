-- When it was received that a case, or a letter with a contact, ended: retention counts from then, if the device said
-- an earlier moment. By the business clock, so that what a simulation lives through ages with its own.
-- Version 0.1.0 runs on this schema as before: it names the columns of `person`, and the triggers note its closings
-- too, whichever way a case ends.

alter table person add column closed_at timestamptz;
alter table contact add column closed_at timestamptz;

create function note_person_closed() returns trigger language plpgsql as $$
begin
    new.closed_at := coalesce((select at from business_clock), clock_timestamp());
    return new;
end $$;
create trigger person_closed before update of open on person
    for each row when (old.open and not new.open) execute function note_person_closed();

create function note_contact_closed() returns trigger language plpgsql as $$
begin
    update contact set closed_at = coalesce((select at from business_clock), clock_timestamp())
    where request_id = new.id;
    return null;
end $$;
create trigger contact_closed after update of closed_at on request
    for each row when (old.closed_at is null and new.closed_at is not null) execute function note_contact_closed();

-- What ended before: as it was told, but not in the future, where its time would never come.
update person p set closed_at = b.at
from case_file c, business_clock b
where c.id = p.case_id and not p.open and b.at < greatest(c.closed_at, (
    select max(s.at) from step s where s.case_id = c.id and s.stage in ('handed_over', 'rejected')
));
update contact t set closed_at = b.at
from request r, business_clock b
where r.id = t.request_id and r.closed_at > b.at;
