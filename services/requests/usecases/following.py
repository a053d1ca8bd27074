"""What dispatch tells of a case."""

from collections.abc import Sequence

from services.requests.domain.policy import Policies
from services.requests.domain.stages import Told, step_of
from services.requests.store import steps
from shared.connection import Connection
from shared.envelope import Message


async def follow(conn: Connection, policies: Policies, messages: Sequence[Message[Told]]) -> None:
    """Move cases on by what dispatch tells; the order of arrival does not matter."""
    await steps.add(
        conn, [step_of(message.event, message.sequence, policies.of(message.event.office)) for message in messages]
    )
