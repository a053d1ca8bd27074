"""Events of the topic `dead-letters`. Published by every service."""

from shared.contract import fields as f
from shared.contract.events.base import Event
from shared.contract.topics import DEAD_LETTERS


class MessageDeadLettered(Event):
    """A service dead-lettered a message, because the message can never be handled as it is. The message itself
    stays in that service's table `dead_letter`."""

    topic = DEAD_LETTERS
    dead_letter_id: f.DeadLetterId
    service: f.ServiceName
    source_topic: f.TopicName
    partition: f.Offset
    offset: f.Offset
    handler: f.HandlerName
    reason: f.DeadLetterReason
