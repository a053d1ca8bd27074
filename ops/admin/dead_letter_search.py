"""Finds dead letters of all services. What may hold personal data is left out."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ops.admin.connections import database, query_each, require_all
from ops.platform import PlatformError
from ops.system.discovery import Reachable
from shared.database.connection import Session
from shared.messaging import dead_letter_queue, dead_letter_redaction
from shared.messaging.dead_letter_queue import DeadLetter, DeadLetterFilter

LOOK_EVERY = 0.2
Change = Callable[[Session, Sequence[UUID]], Awaitable[list[UUID]]]
"""What is done to dead letters of one service, in a transaction; returns those that changed."""


@dataclass(frozen=True)
class OwnedDeadLetter:
    """A dead letter and the service that owns it."""

    service: str
    letter: DeadLetter


def plain(found: OwnedDeadLetter) -> dict[str, Any]:
    """All that holds no personal data, for programs."""
    letter = found.letter
    left_out = ("key", "headers", "kept")
    content = {name: getattr(letter, name) for name in letter.__dataclass_fields__ if name not in left_out}
    headers = dead_letter_redaction.redacted_headers(letter)
    return {
        "service": found.service,
        **content,
        "state": letter.state,
        "event_id": headers.get("ce_id"),
        "key": dead_letter_redaction.redacted_key(letter),
        "headers": headers,
        "value_complete": not letter.cut,
    }


async def listed(
    where: Reachable, services: tuple[str, ...], wanted: DeadLetterFilter, limit: int
) -> tuple[list[OwnedDeadLetter], dict[str, int], list[PlatformError]]:
    """The newest of all services, how many by reason, and the services that did not answer."""

    async def look(service: str, conn: Session) -> tuple[list[OwnedDeadLetter], dict[str, int]]:
        letters = await dead_letter_queue.page(conn, wanted, limit)
        return [OwnedDeadLetter(service, letter) for letter in letters], await dead_letter_queue.counts(conn, wanted)

    answers, away = await query_each(where, look, services)
    found = [each for letters, _ in answers.values() for each in letters]
    counts: dict[str, int] = {}
    for _, by_reason in answers.values():
        for reason, n in by_reason.items():
            counts[reason] = counts.get(reason, 0) + n
    return sorted(found, key=lambda f: f.letter.recorded_at, reverse=True)[:limit], counts, away


async def named(where: Reachable, ids: Sequence[str]) -> list[OwnedDeadLetter]:
    """One for each id or ending of an id. Raises PlatformError for an unknown one, or one that fits several."""

    async def look(service: str, conn: Session) -> dict[str, list[OwnedDeadLetter]]:
        return {
            one: [OwnedDeadLetter(service, each) for each in await dead_letter_queue.find_by_id_suffix(conn, one)]
            for one in ids
        }

    answers, away = await query_each(where, look)
    chosen = []
    for one in ids:
        fitting = [found for answer in answers.values() for found in answer[one]]
        if len(fitting) > 1:
            raise PlatformError(f"{one} cocok dengan {len(fitting)} pesan", "tulis lebih banyak angka dari id-nya")
        if not fitting and away:
            raise away[0]
        if not fitting:
            raise PlatformError(f"tidak ada pesan tersisih {one}", "lihat id-nya: `python -m ops dlq list --all`")
        chosen += fitting
    return chosen


async def chosen(where: Reachable, services: tuple[str, ...], wanted: DeadLetterFilter) -> dict[str, list[UUID]]:
    """The ids of all that are wanted, by service. Raises PlatformError when a database does not answer."""

    async def look(service: str, conn: Session) -> list[UUID]:
        return await dead_letter_queue.ids_of(conn, wanted)

    return require_all(await query_each(where, look, services))


def by_service(found: Sequence[OwnedDeadLetter]) -> dict[str, list[UUID]]:
    """Ids by the service that owns them."""
    ids: dict[str, list[UUID]] = {}
    for each_found in found:
        ids.setdefault(each_found.service, []).append(each_found.letter.id)
    return ids


async def outcomes(where: Reachable, ids: dict[str, list[UUID]], patience: float) -> list[OwnedDeadLetter]:
    """How they stand once none is asked for any more, or after `patience` seconds."""
    until = time.monotonic() + patience
    while True:
        found = []
        for service, some in ids.items():
            async with database(where, service) as conn:
                found += [OwnedDeadLetter(service, letter) for letter in await dead_letter_queue.load_all(conn, some)]
        if not any(each.letter.state == "asked" for each in found) or time.monotonic() > until:
            return found
        await asyncio.sleep(LOOK_EVERY)
