"""Counting the whole ledger again."""

from dataclasses import dataclass

from shared.database.connection import Connection

# One statement is one snapshot: writers going on meanwhile are not taken for differences. The ledger is read
# once; all else is computed from its totals, of which there are few.
_VERIFY = """
with total as materialized (
    select place, day, kind, source, target, sum(quantity)::bigint as quantity, count(*)::bigint as movements
    from movement group by place, day, kind, source, target
), leg as (
    select source as account, -quantity as change from total union all select target, quantity from total
), truth as (
    select account, sum(change)::bigint as balance, split_part(account, ':', 1) as place,
        split_part(account, ':', 2) in ('office_store', 'tray') as on_hand
    from leg group by account
), day as (
    select place, day, sum(case kind when 'reversal' then -quantity else quantity end)
            filter (where kind in ('receipt', 'arrival', 'reversal'))::bigint as received,
        sum(quantity) filter (where kind = 'print')::bigint as printed,
        sum(quantity) filter (where kind = 'spoil')::bigint as spoiled
    from total where length(place) = 5 and kind in ('receipt', 'arrival', 'reversal', 'print', 'spoil')
    group by place, day
)
select 'account ' || coalesce(a.name, t.account) as what, coalesce(a.balance, 0) as kept,
    coalesce(t.balance, 0) as counted
from account a full join truth t on t.account = a.name where coalesce(a.balance, 0) <> coalesce(t.balance, 0)
union all
select 'on hand ' || o.office, o.on_hand, coalesce(t.balance, 0)
from office_stock o
left join (select place, sum(balance)::bigint as balance from truth where on_hand group by place) t
    on t.place = o.office
where o.on_hand <> coalesce(t.balance, 0)
union all
select 'day ' || coalesce(d.office, t.place) || ' ' || coalesce(d.day, t.day),
    coalesce(d.received - d.printed - d.spoiled, 0),
    coalesce(t.received, 0) - coalesce(t.printed, 0) - coalesce(t.spoiled, 0)
from office_day d full join day t on t.place = d.office and t.day = d.day
where (coalesce(d.received, 0), coalesce(d.printed, 0), coalesce(d.spoiled, 0))
    <> (coalesce(t.received, 0), coalesce(t.printed, 0), coalesce(t.spoiled, 0))
union all
select '', (select coalesce(sum(balance), 0)::bigint from account),
    (select coalesce(sum(movements), 0)::bigint from total)
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored figure that differs from the movements: `kept` is stored, `counted` is right."""

    what: str
    kept: int
    counted: int


@dataclass(frozen=True, slots=True)
class Verification:
    """The sum of all balances, which is zero, the number of movements, and what differs."""

    sum: int
    movements: int
    differences: list[Difference]


async def verify(conn: Connection) -> Verification:
    """Compute every balance, stock and day from the movements, and compare."""
    *rows, total = await conn.fetch(_VERIFY)
    return Verification(total["kept"], total["counted"], [Difference(**row) for row in rows])
