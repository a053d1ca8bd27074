"""Each service's database: version, migrations, clock, outbox, dead letters, forgotten transactions."""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from ops.admin.doctor.result import CheckResult, failed, passed
from ops.admin.outbox import OLD
from ops.admin.output import duration, stamp
from ops.paths import ROOT
from shared import clock
from shared.database.connection import Session
from shared.database.migrate import MESSAGING
from shared.messaging import dead_letter_queue, relay_status
from shared.system_clock import utc_now

NEWEST_NEEDED = 180_000
SKEW = timedelta(seconds=2)
FORGOTTEN = timedelta(seconds=10)
TICKED = timedelta(minutes=5)
_FORGOTTEN = """
select count(*), max(clock_timestamp() - state_change) as longest from pg_stat_activity
where datname = current_database() and state like 'idle in transaction%' and clock_timestamp() - state_change > $1
"""


async def check_database(service: str, conn: Session) -> AsyncIterator[CheckResult]:
    """All lines of one database."""
    yield await _version(service, conn)
    yield await _migrations(service, conn)
    yield await _skew(service, conn)
    yield await _forgotten(service, conn)
    yield await _outbox(service, conn)
    yield await _dead_letters(service, conn)
    yield await _business_clock(service, conn)


async def _version(service: str, conn: Session) -> CheckResult:
    number = int(await conn.fetchval("show server_version_num"))
    said = f"{service}: PostgreSQL {number // 10_000}.{number % 10_000}"
    if number < NEWEST_NEEDED:
        return failed("database", said, "naikkan PostgreSQL ke versi 18")
    return passed("database", said)


async def _migrations(service: str, conn: Session) -> CheckResult:
    known = {row["name"]: row["digest"] for row in await conn.fetch("select name, digest from migration")}
    folders = (MESSAGING, ROOT / "services" / service / "migrations")
    files = {f"{f.parent.parent.name}/{f.stem}": f for folder in folders for f in sorted(folder.glob("[0-9]*.sql"))}
    missing = [name for name in files if name not in known]
    changed = [
        name
        for name, f in files.items()
        if name in known and known[name] != hashlib.sha256(f.read_bytes()).hexdigest()
    ]
    newer = [name for name in known if name not in files]
    if changed:
        return failed(
            "migrasi", f"{service}: {', '.join(changed)} berubah sejak dijalankan", "kembalikan berkasnya (git)"
        )
    if missing:
        remedy = f"jalankan ulang {service}: migrasi dikerjakannya saat mulai"
        return failed("migrasi", f"{service}: belum dijalankan: {', '.join(missing)}", remedy)
    if newer:
        return failed(
            "migrasi", f"{service}: database lebih baru ({', '.join(newer)})", "pakai versi perkakas yang sama"
        )
    return passed("migrasi", f"{service}: {len(files)} berkas, tidak berubah")


async def _skew(service: str, conn: Session) -> CheckResult:
    before = utc_now()
    there: datetime = await conn.fetchval("select clock_timestamp()")
    after = utc_now()
    skew = max(before - there, there - after, timedelta())
    if skew > SKEW:
        return failed(
            "jam", f"{service}: jam database berbeda {duration(skew.total_seconds())}", "hidupkan NTP di kedua mesin"
        )
    return passed("jam", f"{service}: jam database sama")


async def _forgotten(service: str, conn: Session) -> CheckResult:
    row = await conn.fetchrow(_FORGOTTEN, FORGOTTEN)
    assert row is not None
    if row["count"]:
        longest = duration(row["longest"].total_seconds())
        said = f"{service}: {row['count']} transaksi terbuka tanpa kerja, terlama {longest}"
        remedy = "lihat pg_stat_activity; sesi layanan diputus sendiri setelah 30 dtk, sesi orang tidak"
        return failed("transaksi", said, remedy)
    return passed("transaksi", f"{service}: tidak ada yang tertinggal terbuka")


async def _outbox(service: str, conn: Session) -> CheckResult:
    now = await relay_status.status(conn)
    if now.leader is None:
        return failed("outbox", f"{service}: tidak ada yang menerbitkan", f"jalankan {service}; lihat lognya")
    if now.oldest is not None and now.oldest > OLD:
        said = f"{service}: {now.unsent} belum terbit, tertua {duration(now.oldest)}"
        return failed("outbox", said, "periksa broker; `python -m ops outbox status`")
    return passed("outbox", f"{service}: {now.unsent} belum terbit")


async def _dead_letters(service: str, conn: Session) -> CheckResult:
    count = await dead_letter_queue.open_count(conn)
    if count:
        return failed(
            "pesan tersisih", f"{service}: {count} terbuka", f"`python -m ops dlq list --service {service}`"
        )
    return passed("pesan tersisih", f"{service}: tidak ada")


async def _business_clock(service: str, conn: Session) -> CheckResult:
    at = await clock.now(conn)
    remedy = "setel TICK_EVERY=60 pada layanan itu dan mulai ulang; bila sudah, cari `tick failed` di lognya"
    if at is None:
        return failed("penjadwal", f"{service}: belum pernah diberi tahu waktu", remedy)
    late = utc_now() - at
    if late > TICKED:
        return failed("penjadwal", f"{service}: waktu kerja berhenti di {stamp(at)}", remedy)
    return passed("penjadwal", f"{service}: waktu kerja {stamp(at)}")
