-- Cards that were destroyed before they reached a hand, decisions after the last visit, and the cases whose end was
-- told. Tables of their own: older versions select all columns of `cases` and `print_attempt` in transactions.

create table destroyed_card (
    print_id uuid        primary key references print_attempt,
    case_id  uuid        not null references cases,
    cause    text        not null,
    at       timestamptz not null
);
create index destroyed_card_by_case on destroyed_card (case_id);

-- A case may be printed again once its card is destroyed. That it has one card at a time is kept by its row's lock
-- and its stage, in older versions too.
drop index one_card_a_case;

create table decision (
    id         bigint      generated always as identity primary key,
    case_id    uuid        not null references cases,
    decision   text        not null check (decision in ('again', 'close')),
    reason     text        not null,
    at         timestamptz not null,
    by         text        not null,
    decided_at timestamptz not null default clock_timestamp()
);
create index decision_by_case on decision (case_id, id);

-- Cancelled cases whose end requests was told of, by CaseClosed or by a CardDestroyed that ended it. A tick tells of
-- those that an older version closed without a word.
create table told_end (
    case_id uuid primary key references cases
);
create index cases_cancelled on cases (case_id) where stage = 'cancelled';
