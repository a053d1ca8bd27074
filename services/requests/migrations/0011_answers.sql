-- What a case waits for besides the stage that it is at, and why dispatch closed it. A table of its own: older
-- versions select all columns of `case_file` in transactions.
--   decision  the last visit brought no record: a person of the office decides
--   answer    closed here, and dispatch has not said yet whether a card was printed: the NIK stays taken
--   card      closed, and its printed card is still to be handed over or destroyed: the NIK stays taken

create table case_wait (
    case_id    uuid primary key references case_file,
    waits_for  text check (waits_for in ('decision', 'answer', 'card')),
    end_reason text
);
create index case_wait_open on case_wait (waits_for, case_id) where waits_for is not null;

-- Those whose last visit was followed by no decision before there were any.
insert into case_wait (case_id, waits_for)
select c.id, 'decision' from case_file c join step s on s.case_id = c.id and s.sequence = c.step_sequence
where s.deferral = 'outcome' and c.stage = 'accepted';
