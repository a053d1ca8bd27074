-- Days on which an office rationed its prints, or began or ended to: how much is printed then says nothing about how
-- much is asked for. Days without blanks need no row, they follow from office_day.
create table rationed_day (
    office text collate "C" not null,
    day    date not null,
    primary key (office, day)
);
