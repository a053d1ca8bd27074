-- What the provider calls the person, sealed as `refresh` is. `role` holds all roles of the person, sorted and joined by
-- "+". An older process reads neither the one nor, where there are several, the other: it knows the person by `subject`,
-- and lets nobody in who has several roles.
alter table session add column name bytea;
