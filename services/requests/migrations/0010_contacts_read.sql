-- Whom to call about a letter is read under the same audit as a person: `case_id` may be the id of a letter then.
alter table person_access drop constraint person_access_case_id_fkey;
