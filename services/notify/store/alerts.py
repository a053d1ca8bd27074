"""Standings of offices and their alerts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.notify.domain.alerts import Alert, AlertState, Lapse
from shared.contract.events import StockReported
from shared.contract.fields import StockLevel
from shared.database.connection import Connection

_COLUMNS = (
    "alert_id, office, province, level, crossing, on_hand, usage, state, raised_at, step, acknowledged_at, lapsed_at,"
    " lapsed_step"
)


def _alert(row: Record) -> Alert:
    return Alert(
        alert_id=row["alert_id"],
        office=row["office"],
        province=row["province"],
        level=StockLevel(row["level"]),
        crossing=row["crossing"],
        on_hand=row["on_hand"],
        usage=row["usage"],
        state=AlertState(row["state"]),
        raised_at=row["raised_at"],
        step=row["step"],
        acknowledged_at=row["acknowledged_at"],
        lapse=Lapse(row["lapsed_at"], row["lapsed_step"]) if row["lapsed_at"] else None,
    )


async def lock_standing(conn: Connection, office: str, province: str) -> int:
    """Lock an office's row, made when it is the first of the office; returns the latest crossing seen."""
    # The update changes nothing, but it locks a row that is there already; `do nothing` would not.
    crossing: int = await conn.fetchval(
        "insert into standing (office, province) values ($1, $2)"
        " on conflict (office) do update set province = excluded.province returning crossing",
        *(office, province),
    )
    return crossing


async def set_standing(conn: Connection, office: str, level: StockLevel, crossing: int) -> None:
    """The level of an office since a crossing; an older crossing changes nothing."""
    await conn.execute(
        "update standing set level = $2, crossing = $3 where office = $1 and crossing < $3",
        *(office, level, crossing),
    )


async def set_report(conn: Connection, report: StockReported, revision: int) -> None:
    """The latest daily report of an office; an older one changes nothing."""
    await conn.execute(
        "insert into standing as s (office, province, reported_day, reported_revision, reported_closing)"
        " values ($1, $2, $3, $4, $5) on conflict (office) do update set"
        " reported_day = $3, reported_revision = $4, reported_closing = $5"
        " where s.reported_day is null or (s.reported_day, s.reported_revision) < ($3, $4)",
        *(report.office, report.province, report.day, revision, report.closing),
    )


async def standings(conn: Connection, wilayah: str, province: str | None) -> list[Record]:
    """The offices of a wilayah, by code."""
    return await conn.fetch(
        "select office, province, level, reported_day, reported_closing from standing"
        " where ($1 = '' or office = $1 or starts_with(office, $1 || '.')) and ($2::text is null or province = $2)"
        " order by office",
        *(wilayah, province),
    )


async def insert(conn: Connection, alert: Alert, cover: float) -> None:
    """A new alert. `cover` is in working days, for whoever reads it."""
    await conn.execute(
        "insert into alert (alert_id, office, province, level, crossing, on_hand, usage, state, raised_at, cover)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        *(alert.alert_id, alert.office, alert.province, alert.level, alert.crossing),
        *(alert.on_hand, alert.usage, alert.state, alert.raised_at, cover),
    )


async def find(conn: Connection, alert_id: UUID) -> Alert | None:
    """An alert, without a lock."""
    row = await conn.fetchrow(f"select {_COLUMNS} from alert where alert_id = $1", alert_id)  # noqa: S608
    return _alert(row) if row else None


async def opened(conn: Connection, office: str) -> list[Alert]:
    """The open alerts of an office, by crossing; call it with the standing locked."""
    rows = await conn.fetch(
        f"select {_COLUMNS} from alert where office = $1 and state <> 'resolved' order by crossing",  # noqa: S608
        office,
    )
    return [_alert(row) for row in rows]


async def all_opened(conn: Connection) -> list[Alert]:
    """The open alerts of all offices, by office, without a lock."""
    rows = await conn.fetch(f"select {_COLUMNS} from alert where state <> 'resolved' order by office, crossing")  # noqa: S608
    return [_alert(row) for row in rows]


async def acknowledge(conn: Connection, alerts: Sequence[Alert], moments: Sequence[datetime]) -> None:
    """The alerts are acknowledged, each at its moment."""
    await conn.execute(
        "update alert a set state = 'acknowledged', acknowledged_at = t.at"
        " from unnest($1::uuid[], $2::timestamptz[]) as t(alert_id, at) where a.alert_id = t.alert_id",
        *([alert.alert_id for alert in alerts], moments),
    )


async def raise_at(conn: Connection, alerts: Sequence[Alert]) -> None:
    """Keep since when these alerts are known."""
    await conn.executemany(
        "update alert set raised_at = $2 where alert_id = $1", [(alert.alert_id, alert.raised_at) for alert in alerts]
    )


async def resolve(conn: Connection, alerts: Sequence[Alert], at: datetime) -> None:
    """The alerts are resolved."""
    await conn.execute(
        "update alert set state = 'resolved', resolved_at = $2 where alert_id = any($1)",
        *([alert.alert_id for alert in alerts], at),
    )


async def set_step(conn: Connection, alert: Alert, step: int) -> None:
    """The alert was escalated up to this step."""
    await conn.execute("update alert set step = $2 where alert_id = $1", alert.alert_id, step)


async def set_lapse(conn: Connection, alert: Alert, lapse: Lapse) -> None:
    """The answer to the alert has lapsed."""
    await conn.execute(
        "update alert set state = 'raised', lapsed_at = $2, lapsed_step = $3 where alert_id = $1",
        *(alert.alert_id, lapse.at, lapse.step),
    )


async def page(
    conn: Connection,
    wilayah: str,
    province: str | None,
    state: AlertState | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Alerts of a wilayah, the newest first, from the one that follows `after`."""
    return await conn.fetch(
        f"select {_COLUMNS}, cover, resolved_at from alert"  # noqa: S608
        " where ($1 = '' or office = $1 or starts_with(office, $1 || '.')) and ($2::text is null or province = $2)"
        " and ($3::text is null or state = $3) and ($4::uuid is null or alert_id < $4)"
        " order by alert_id desc limit $5",
        *(wilayah, province, state, after, limit),
    )


async def count_open(conn: Connection) -> dict[tuple[str, str], float]:
    """How many alerts are open, by level and state."""
    rows = await conn.fetch(
        "select level, state, count(*) as n from alert where state <> 'resolved' group by level, state"
    )
    return {(row["level"], row["state"]): float(row["n"]) for row in rows}


async def unanswered_ages(conn: Connection) -> dict[tuple[str], float]:
    """Seconds of business time since the oldest alert of each office that nobody answered."""
    rows = await conn.fetch(
        "select office, extract(epoch from greatest(max(c.at) - min(raised_at), interval '0')) as age"
        " from alert, business_clock c where state = 'raised' group by office"
    )
    return {(row["office"],): float(row["age"]) for row in rows}
