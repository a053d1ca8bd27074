"""Each service's database: version, migrations, clock, outbox, dead letters, forgotten transactions."""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from ops.admin.doctor.result import Line, well, wrong
from ops.admin.outbox import OLD
from ops.admin.output import brief, stamp
from ops.paths import ROOT
from shared import clock, deadletters, relaystatus
from shared.connection import Session
from shared.db import MESSAGING
from shared.wall import utc_now

NEWEST_NEEDED = 180_000
SKEW = timedelta(seconds=2)
FORGOTTEN = timedelta(seconds=10)
TICKED = timedelta(minutes=5)
_FORGOTTEN = """
select count(*), max(clock_timestamp() - state_change) as longest from pg_stat_activity
where datname = current_database() and state like 'idle in transaction%' and clock_timestamp() - state_change > $1
"""


async def database_lines(service: str, conn: Session) -> AsyncIterator[Line]:
    """All lines of one database."""
    yield await _version(service, conn)
    yield await _migrations(service, conn)
    yield await _skew(service, conn)
    yield await _forgotten(service, conn)
    yield await _outbox(service, conn)
    yield await _dead_letters(service, conn)
    yield await _business_clock(service, conn)


async def _version(service: str, conn: Session) -> Line:
    number = int(await conn.fetchval("show server_version_num"))
    said = f"{service}: PostgreSQL {number // 10_000}.{number % 10_000}"
    if number < NEWEST_NEEDED:
        return wrong("database", said, "naikkan PostgreSQL ke versi 18")
    return well("database", said)


async def _migrations(service: str, conn: Session) -> Line:
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
        return wrong(
            "migrasi", f"{service}: {', '.join(changed)} berubah sejak dijalankan", "kembalikan berkasnya (git)"
        )
    if missing:
        remedy = f"jalankan ulang {service}: migrasi dikerjakannya saat mulai"
        return wrong("migrasi", f"{service}: belum dijalankan: {', '.join(missing)}", remedy)
    if newer:
        return wrong(
            "migrasi", f"{service}: database lebih baru ({', '.join(newer)})", "pakai versi perkakas yang sama"
        )
    return well("migrasi", f"{service}: {len(files)} berkas, tidak berubah")


async def _skew(service: str, conn: Session) -> Line:
    before = utc_now()
    there: datetime = await conn.fetchval("select clock_timestamp()")
    after = utc_now()
    skew = max(before - there, there - after, timedelta())
    if skew > SKEW:
        return wrong(
            "jam", f"{service}: jam database berbeda {brief(skew.total_seconds())}", "hidupkan NTP di kedua mesin"
        )
    return well("jam", f"{service}: jam database sama")


async def _forgotten(service: str, conn: Session) -> Line:
    row = await conn.fetchrow(_FORGOTTEN, FORGOTTEN)
    assert row is not None
    if row["count"]:
        longest = brief(row["longest"].total_seconds())
        said = f"{service}: {row['count']} transaksi terbuka tanpa kerja, terlama {longest}"
        remedy = "lihat pg_stat_activity; sesi layanan diputus sendiri setelah 30 dtk, sesi orang tidak"
        return wrong("transaksi", said, remedy)
    return well("transaksi", f"{service}: tidak ada yang tertinggal terbuka")


async def _outbox(service: str, conn: Session) -> Line:
    now = await relaystatus.status(conn)
    if now.leader is None:
        return wrong("outbox", f"{service}: tidak ada yang menerbitkan", f"jalankan {service}; lihat lognya")
    if now.oldest is not None and now.oldest > OLD:
        said = f"{service}: {now.unsent} belum terbit, tertua {brief(now.oldest)}"
        return wrong("outbox", said, "periksa broker; `python -m ops outbox status`")
    return well("outbox", f"{service}: {now.unsent} belum terbit")


async def _dead_letters(service: str, conn: Session) -> Line:
    count = await deadletters.open_count(conn)
    if count:
        return wrong("pesan tersisih", f"{service}: {count} terbuka", f"`python -m ops dlq list --service {service}`")
    return well("pesan tersisih", f"{service}: tidak ada")


async def _business_clock(service: str, conn: Session) -> Line:
    at = await clock.now(conn)
    remedy = "setel TICK_EVERY=60 pada layanan itu dan mulai ulang; bila sudah, cari `tick failed` di lognya"
    if at is None:
        return wrong("penjadwal", f"{service}: belum pernah diberi tahu waktu", remedy)
    late = utc_now() - at
    if late > TICKED:
        return wrong("penjadwal", f"{service}: waktu kerja berhenti di {stamp(at)}", remedy)
    return well("penjadwal", f"{service}: waktu kerja {stamp(at)}")
