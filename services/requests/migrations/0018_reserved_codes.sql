-- Tracking codes that an operator's device holds, to be given to families before their request arrives. A row goes once
-- its code was filed with, or lapses.

create table reserved_code (
    code     text primary key,
    operator text not null,
    office   text not null,
    until    timestamptz not null
);
create index reserved_code_operator on reserved_code (operator);
create index reserved_code_until on reserved_code (until);
