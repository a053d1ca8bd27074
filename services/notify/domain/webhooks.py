"""Webhooks by the Standard Webhooks specification: the bodies of messages, and the meaning of a response."""

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
LONGEST_PAUSE = 24 * HOUR
VERIFICATION = "webhook.verification"
"""The type of the message with a challenge."""


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """The response of a receiver. `pause` is how many seconds it wants no message; 0 when it asks for none."""

    status: int
    pause: float = 0
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver accepted the message."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Send it again in `seconds`; for `pause` seconds the receiver wants no other message either."""

    seconds: float
    pause: float = 0


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Every attempt failed."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The receiver answered 410 Gone: the subscription ends."""


DeliveryOutcome = Delivered | TryAgain | GivenUp | Gone


def classify(
    response: WebhookResponse | None, attempt: int, retries: Sequence[float], challenge: str | None = None
) -> DeliveryOutcome:
    """The outcome of an attempt (counted from 1). `response` is None when there was none; a `challenge` is delivered
    only to a receiver that repeats it."""
    if (
        response is not None
        and 200 <= response.status < 300
        and (challenge is None or echoes(challenge, response.content))
    ):
        return Delivered()
    if response is not None and response.status == 410:
        return Gone()
    waits = retries if challenge is None else retries[: CHALLENGES - 1]
    if attempt > len(waits):
        return GivenUp()
    pause = response.pause if response is not None else 0
    return TryAgain(max(waits[attempt - 1], pause), pause)


def requested_pause(status: int, retry_after: str | None, now: datetime) -> float:
    """The seconds for which a receiver wants no message: `Retry-After` of 429 and 503, in seconds or as an HTTP
    date; 0 without one that can be parsed; a day at most, so that a mistake does not stop all messages."""
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
    return min(max(seconds, 0), LONGEST_PAUSE)


def echoes(challenge: str, content: bytes) -> bool:
    """Whether an answer repeats the challenge: as plain text, or as `{"challenge": "..."}`.

    A page that shows whatever was posted does not count: it was not written to receive webhooks.
    """
    text = content.decode("utf-8", "replace").strip()
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = text
    found = answer.get("challenge") if isinstance(answer, dict) else answer
    return isinstance(found, str) and hmac.compare_digest(found.encode(), challenge.encode())


def event_body(event: AlertEvent, message_id: UUID) -> str:
    """The body: the event as CloudEvents 1.0 JSON (structured mode). `message_id` is the same for all receivers."""
    return _cloud_event(message_id, event.type_name(), event.time, event.key, event.model_dump(mode="json"))


def challenge_body(challenge: str, subscription_id: UUID, message_id: UUID, at: datetime) -> str:
    """The body of the message that a receiver answers with its `challenge`."""
    time = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    data = {"subscription_id": str(subscription_id), "challenge": challenge}
    return _cloud_event(message_id, VERIFICATION, time, str(subscription_id), data)


def _cloud_event(message_id: UUID, kind: str, time: str, subject: str, data: object) -> str:
    attributes = {"specversion": "1.0", "id": str(message_id), "type": kind, "source": "/notify", "time": time}
    return json.dumps({**attributes, "subject": subject, "data": data}, separators=(",", ":"))
