-- What the residents of a drive apply for, and why they cannot come, where their list says nothing else; and the line of
-- the list that a case came with.

alter table request
    add column usual_service text,
    add column usual_reason  text;
alter table case_file add column line int;
