-- When a case's place can be visited. Version 0.1.0 runs on this schema as before: it plans on working days.

alter table cases
    add column preferred_days integer[] not null default '{}', -- 0 is Monday; none: the office's working days
    add column on_holidays    boolean   not null default false,
    add column family_card    boolean   not null default false; -- a family card (KK) is printed on the same visit
