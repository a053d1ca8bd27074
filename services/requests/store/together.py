"""Letters of many callers in one statement that is a transaction by itself: all of them are stored, or none is.

It decides nothing that one letter alone would be told: it stands only when every letter is new and meets nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.requests.domain.filing import Filing
from services.requests.encryption import DataKeys as Keys
from services.requests.store.batch_conflict import conflict_details as told_by
from services.requests.store.filing import part
from shared.db import Database
from shared.statement import Part

_MET = """
met as (
    select keys, cases, alike, used,
        cardinality(keys) = $1 and cardinality(cases) = $2 and alike = '{}' and used = '{}' as nobody
    from (
        select array(
                select key from kept where exists (select from sealing) and not exists (
                    select from unnest($3::timestamptz[]) as t(tick)
                    where t.tick is distinct from (select at from business_clock)
                )
            ) as keys,
            array(select case_id from sealed) as cases, array(select case_id from alike) as alike,
            array(select id from used) as used
    ) found
)"""
_STAND = "select case when nobody then true else abandon(to_jsonb(met)) end from met"


class Met(Exception):
    """Something was met that is stored already, or the keys are not in force any more, or business time has moved on
    since the letters were judged: nothing is stored."""

    def __init__(self, keys: Sequence[str], cases: Sequence[str], alike: Sequence[str], used: Sequence[str]) -> None:
        super().__init__(f"{len(keys)} keys, {len(cases)} cases")
        self.keys = frozenset(map(UUID, keys))
        """Of commands that were never used before; none when the keys to seal with are no more in force, or the
        letters were judged by another time than it is."""
        self.cases = frozenset(map(UUID, cases)) - frozenset(map(UUID, alike))
        """Whose residents have no open case, and look like nobody's who has."""
        self.used = frozenset(map(UUID, used))
        """Letters whose number their kelurahan has used before."""


async def insert_all(
    db: Database,
    keys: Keys,
    answers: Part,
    events: Part,
    filed: Sequence[tuple[str, Filing]],
    ticks: Sequence[datetime | None],
) -> None:
    """Write filings, each with who files it, with their answers (`commands.kept`) and what they tell (`outbox.part`).

    `ticks` are those by which the letters were judged, None before the first: they stand only by the latest.
    Raises Met: then nothing of it is stored.
    """
    cases = sum(len(filing.cases) for _, filing in filed)
    try:
        await db.at_once(answers, part(keys, filed), events, Part(_MET, (len(filed), cases, ticks)), then=_STAND)
    except asyncpg.RaiseError as error:
        met = told_by(error)
        raise Met(met["keys"], met["cases"], met["alike"], met["used"]) from None
