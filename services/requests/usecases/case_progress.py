"""Applies the events of dispatch to the cases they are about."""

from collections.abc import Sequence

from services.requests.domain.rules.policy import Policies
from services.requests.domain.stages import Told, step_of
from services.requests.store import steps
from shared import clock
from shared.contract.envelope import Message
from shared.database.connection import Connection
from shared.reference.device_time import with_credible_time


async def apply_progress(conn: Connection, policies: Policies, messages: Sequence[Message[Told]]) -> None:
    """Record each event as a step of its case; the order of arrival does not matter.

    An event dated in the future counts as of now, because its limit must pass some day.
    """
    now = await clock.business_time(conn)
    told = [(with_credible_time(message.event, now), message.sequence) for message in messages]
    await steps.add(conn, [step_of(event, sequence, policies.of(event.office)) for event, sequence in told])
