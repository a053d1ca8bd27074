"""The base class of all events."""

from datetime import UTC
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.contract import fields as f
from shared.contract.topics import Topic


class Event(BaseModel):
    """A fact in the past tense.

    A reader ignores unknown fields, so a minor version may add fields. A new major version is a new event type.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    topic: ClassVar[Topic]
    version: ClassVar[int] = 1

    at: f.Instant

    @property
    def key(self) -> str:
        """The record key: the id of the aggregate. Events with the same key keep their order."""
        return str(getattr(self, self.topic.key))

    @property
    def time(self) -> str:
        """`at` in the CloudEvents format: RFC 3339 in UTC."""
        return self.at.astimezone(UTC).isoformat().replace("+00:00", "Z")

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type with the major version: "id.jemputbola.RequestFiled.v1"."""
        return f"id.jemputbola.{cls.__name__}.v{cls.version}"
