"""All that is wrong with what was sent is said at once."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from shared.problems import Broken, Invalid

Value = TypeVar("Value")


class Reading:
    """Reads what needs more than a type, and gathers all that is wrong before it complains."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.errors: list[Broken] = []

    def read(self, reader: Callable[..., Value], text: str | None, *args: object) -> Value | None:
        """What the reader makes of a text; None, and an error more, when it refuses."""
        try:
            return reader(text, *args) if text else None
        except Invalid as refused:
            self.errors += refused.errors
            return None

    def lacks(self, field: str, rule: str, code: str, en: str) -> None:
        """A field that is needed here."""
        self.errors.append(Broken(field, rule, code, en=en))

    def must_be_good(self) -> None:
        """Raises Invalid (422) with everything gathered."""
        if self.errors:
            raise Invalid.of(self.errors)
