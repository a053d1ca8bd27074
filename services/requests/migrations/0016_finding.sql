-- Persons and letters are found by words. An older process runs on this schema as before.

-- Keyed digests, cut to 24 bits, of the words of a name, of a NIK and of the last digits of a phone: several words share
-- one, and who is found is opened and looked at. Null until it is written; a worker fills in what older versions filed.
alter table person add column words integer[];
create index person_words on person using gin (words);
create index person_without_words on person (case_id) where words is null;

-- An older process corrects a person and leaves the words of before. This version writes them by themselves, after.
create function forget_words() returns trigger language plpgsql as $$
begin
    new.words := null;
    return new;
end $$;
create trigger person_words_forgotten before update of sealed on person for each row
    when (new.sealed <> old.sealed and new.key_id = old.key_id and new.words is not distinct from old.words)
    execute function forget_words();

-- The number of a letter and the name of an institution are clear text; each word goes with its office.
create function letter_words(office text, number text, place text) returns text[]
    language sql immutable parallel safe as $$
    select array(
        select distinct office || ' ' || word
        from regexp_split_to_table(lower(number || ' ' || coalesce(place, '')), '[^a-z0-9]+') as word where word <> ''
    )
$$;
create index request_words on request using gin (letter_words(office, letter_number, place_name));
create index request_by_filing on request (office, filed_at);

-- One look at a list opens many persons: one row of the audit, under an id of its own, says which.
alter table person_access add column opened uuid[];
create index person_access_opened on person_access using gin (opened) where opened is not null;
