-- What the residents of a drive apply for where their list says nothing else; and the line of the list that a case came
-- with.

alter table request add column usual_service text;
alter table case_file add column line int;
