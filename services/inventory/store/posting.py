"""Posting to the ledger: deduplication, movements, balances, days and the offices' stock in one statement.

The ledger is its own inbox: a movement whose event, print or card is there already is not posted, and what was
not posted changes no balance. So any order and any repetition of events leaves the same balances.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.inventory.domain.accounts import Movement
from services.inventory.domain.levels import Stock, Thresholds
from services.inventory.store.stock import stock_of
from shared.contract.envelope import Message
from shared.contract.events import PrintCompleted, PrintSpoiled
from shared.database.connection import Connection
from shared.reference.offices import Office

Printed = Message[PrintCompleted] | Message[PrintSpoiled]


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """A place with its zone, and the office it is; `office` is None for a province."""

    code: str
    zone: str
    office: Office | None


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted to one office: its stock now, how many movements, and the latest of their times."""

    stock: Stock
    movements: int
    at: datetime


_PRINTS = """
with sent as (
    select event_id, at, office as place,
        case when cause is null then 'print'::movement_kind else 'spoil' end as kind,
        office || ':tray:' || station as source,
        office || case when cause is null then ':printed' else ':spoiled' end as target,
        1 as quantity, print_id, serial, cause as reference, counted_on
    from unnest($7::uuid[], $8::timestamptz[], $9::text[], $10::text[], $11::uuid[], $12::text[], $13::text[],
        $14::date[]) as t(event_id, at, office, station, print_id, serial, cause, counted_on)
)"""

_MOVEMENTS = """
with sent as (
    select event_id, at, place, kind::movement_kind as kind, source, target, quantity, null::uuid as print_id,
        null::text as serial, reference, null::date as counted_on
    from unnest($7::uuid[], $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::int[],
        $14::text[]) as t(event_id, at, place, kind, source, target, quantity, reference)
)"""

# Concurrency hangs on two things. The insert yields to rows that are there, and waits for those of a
# transaction under way; in event order, so that two batches with the same events do not wait for each other.
# Then `held` makes every office's row be locked, in order of offices, before any account or day of it: whoever
# holds the row decides alone about the office's level. Between statements of a transaction there is no such order:
# whoever posts to several offices calls `stock.lock_order` before.
_POST = """, place as (
    select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::float8[])
        as t(code, zone, low_at, critical_at, recovered_at, usage)
), posted as (
    insert into movement (place, day, at, kind, source, target, quantity, event_id, print_id, serial, reference)
    select s.place, coalesce(s.counted_on, (s.at at time zone p.zone)::date), s.at, s.kind, s.source, s.target,
        s.quantity, s.event_id, s.print_id, s.serial, s.reference
    from sent s join place p on p.code = s.place order by s.event_id
    on conflict do nothing
    returning place, day, at, kind, source, target, quantity
), total as (
    select place, day, kind, source, target, sum(quantity)::bigint as quantity, count(*) as movements, max(at) as at
    from posted group by place, day, kind, source, target
), leg as (
    select place, source as account, -quantity as change from total
    union all select place, target, quantity from total
), on_hand as (
    select place, coalesce(sum(change) filter (where split_part(account, ':', 2) in ('office_store', 'tray')), 0)
        as change
    from leg group by place
), stocked as (
    insert into office_stock as o (office, on_hand, low_at, critical_at, recovered_at, usage)
    select h.place, h.change, p.low_at, p.critical_at, p.recovered_at, p.usage
    from on_hand h join place p on p.code = h.place where p.usage is not null order by h.place
    on conflict (office) do update set on_hand = o.on_hand + excluded.on_hand
    returning o.office, o.on_hand, o.level, o.crossing, o.low_at, o.critical_at, o.recovered_at, o.usage, o.rationing,
        o.state_version, o.closed
), held as (
    select count(*) from stocked
), balanced as (
    insert into account as a (name, balance)
    select account, sum(change) from leg, held group by account order by account
    on conflict (name) do update set balance = a.balance + excluded.balance
), counted as (
    insert into office_day as d (office, day, received, printed, spoiled)
    -- What is taken back is a receipt or an arrival of the same day.
    select place, day, coalesce(sum(case kind when 'reversal' then -quantity else quantity end)
            filter (where kind in ('receipt', 'arrival', 'reversal')), 0),
        coalesce(sum(quantity) filter (where kind = 'print'), 0),
        coalesce(sum(quantity) filter (where kind = 'spoil'), 0)
    from total join place p on p.code = place, held
    where p.usage is not null and kind in ('receipt', 'arrival', 'reversal', 'print', 'spoil')
    group by place, day order by place, day
    on conflict (office, day) do update set received = d.received + excluded.received,
        printed = d.printed + excluded.printed, spoiled = d.spoiled + excluded.spoiled, changed = true
)
select s.*, t.movements, t.at from stocked s
join (select place, sum(movements)::bigint as movements, max(at) as at from total group by place) t
    on t.place = s.office
order by s.office
"""


async def post_prints(
    conn: Connection, places: Sequence[LedgerPlace], prints: Sequence[Printed], days: Sequence[date | None]
) -> list[Posted]:
    """One card a print from its tray to the printed or the spoiled, unless it is there already.

    `places` has each office of `prints` once; `days` the day on which each print counts, None for that of its own
    time. One statement, whatever the number of prints.
    """
    rows = await conn.fetch(
        _PRINTS + _POST,
        *_columns(places),
        [m.id for m in prints],
        [m.event.at for m in prints],
        [m.event.office for m in prints],
        [m.event.station for m in prints],
        [m.event.print_id for m in prints],
        [m.event.serial for m in prints],
        [m.event.cause if isinstance(m.event, PrintSpoiled) else None for m in prints],
        days,
    )
    return [Posted(stock_of(row), row["movements"], row["at"]) for row in rows]


async def post(conn: Connection, places: Sequence[LedgerPlace], movements: Sequence[Movement]) -> list[Posted]:
    """Post movements that commands and shipments ask for; `places` has each of their places once."""
    rows = await conn.fetch(
        _MOVEMENTS + _POST,
        *_columns(places),
        [m.event_id for m in movements],
        [m.at for m in movements],
        [m.place for m in movements],
        [m.kind for m in movements],
        [m.source for m in movements],
        [m.target for m in movements],
        [m.quantity for m in movements],
        [m.reference for m in movements],
    )
    return [Posted(stock_of(row), row["movements"], row["at"]) for row in rows]


def _columns(places: Sequence[LedgerPlace]) -> tuple[list[object], ...]:
    """Codes, zones, and what an office starts with: thresholds in cards and usage; null for a province."""
    starts = [(p, Thresholds.of(p.office, p.office.usage) if p.office else None) for p in places]
    return (
        [p.code for p in places],
        [p.zone for p in places],
        [t.low_at if t else None for _, t in starts],
        [t.critical_at if t else None for _, t in starts],
        [t.recovered_at if t else None for _, t in starts],
        [p.office.usage if p.office else None for p in places],
    )


_CONTRADICTION = """
select s.serial, s.print_id
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as s(event_id, print_id, serial, kind)
join movement m on m.serial = s.serial or m.print_id = s.print_id
where not exists (select from movement known where known.event_id = s.event_id)
  and (m.serial, m.print_id, m.kind) is distinct from (s.serial, s.print_id, s.kind::movement_kind)
limit 1
"""


async def contradiction(conn: Connection, prints: Sequence[Printed]) -> str | None:
    """Describes a print whose card, or attempt, the ledger has with another result; None when all agree."""
    row = await conn.fetchrow(
        _CONTRADICTION,
        [m.id for m in prints],
        [m.event.print_id for m in prints],
        [m.event.serial for m in prints],
        ["spoil" if isinstance(m.event, PrintSpoiled) else "print" for m in prints],
    )
    return f"card {row['serial']} or print {row['print_id']} is in the ledger with another fate" if row else None
