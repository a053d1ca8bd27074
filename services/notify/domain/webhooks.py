"""Webhooks by the Standard Webhooks specification: what is sent, and what an answer means."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from uuid import UUID

from shared.contract.events import AlertEvent

MINUTE, HOUR = 60.0, 3600.0
RETRIES = (5.0, *(minutes * MINUTE for minutes in (5, 30)), *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
"""Seconds to wait after each failed attempt, as the specification advises: ten attempts over some three days."""
CHALLENGES = 4
"""Attempts of a challenge: some 35 minutes to set up the receiver; then the owner asks for the next one."""
LONGEST_REST = 24 * HOUR
VERIFICATION = "webhook.verification"
"""The type of the message that asks a receiver to prove itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said. `rest` is how many seconds it asks to be left alone; 0 for no such wish."""

    status: int
    rest: float = 0
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Once more, `seconds` from now; until `rest` seconds from now the receiver wants no other message either."""

    seconds: float
    rest: float = 0


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Every attempt failed."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The receiver wants no more: the subscription ends."""


Verdict = Delivered | TryAgain | GivenUp | Gone


def judge(answer: Answer | None, attempt: int, retries: Sequence[float], challenge: str | None = None) -> Verdict:
    """What an attempt (counted from 1) came to. `answer` is None when there was none; a `challenge` is delivered
    only to a receiver that repeats it."""
    if answer is not None and 200 <= answer.status < 300 and (challenge is None or echoes(challenge, answer.content)):
        return Delivered()
    if answer is not None and answer.status == 410:
        return Gone()
    waits = retries if challenge is None else retries[: CHALLENGES - 1]
    if attempt > len(waits):
        return GivenUp()
    rest = answer.rest if answer is not None else 0
    return TryAgain(max(waits[attempt - 1], rest), rest)


def rest_asked(status: int, retry_after: str | None, now: datetime) -> float:
    """The seconds for which a receiver asks to be left alone: `Retry-After` of 429 and 503, in seconds or as an HTTP
    date. 0 when it does not ask or nobody can read it; a day at most, for nobody is silenced by a slip."""
    if status not in (429, 503) or retry_after is None:
        return 0
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text)
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return 0
        seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0), LONGEST_REST)


def echoes(challenge: str, content: bytes) -> bool:
    """Whether an answer repeats the challenge: as plain text, or as `{"challenge": "..."}`.

    A page that shows whatever it is sent does not: it was not written to take part.
    """
    text = content.decode("utf-8", "replace").strip()
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = text
    found = told.get("challenge") if isinstance(told, dict) else told
    return isinstance(found, str) and hmac.compare_digest(found.encode(), challenge.encode())


def content(event: AlertEvent, message_id: UUID) -> str:
    """The body: the event as CloudEvents 1.0 JSON (structured mode). `message_id` is the same for all receivers."""
    return _cloud_event(message_id, event.type_name(), event.time, event.key, event.model_dump(mode="json"))


def challenge_content(challenge: str, subscription_id: UUID, message_id: UUID, at: datetime) -> str:
    """The body of the message that a receiver answers with its `challenge`."""
    time = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    data = {"subscription_id": str(subscription_id), "challenge": challenge}
    return _cloud_event(message_id, VERIFICATION, time, str(subscription_id), data)


def _cloud_event(message_id: UUID, kind: str, time: str, subject: str, data: object) -> str:
    told = {"specversion": "1.0", "id": str(message_id), "type": kind, "source": "/notify", "time": time}
    return json.dumps({**told, "subject": subject, "data": data}, separators=(",", ":"))
