-- When a case's place can be visited, and a family card (KK) on the same visit; only of cases that say so. A table of
-- its own: version 0.1.0 selects all columns of `cases` in transactions, and a new one would fail what it has prepared.

create table case_wish (
    case_id        uuid      primary key references cases,
    preferred_days integer[] not null, -- 0 is Monday; none: the office's working days
    on_holidays    boolean   not null,
    family_card    boolean   not null
);
