"""Parses the fields of a body that need more than a type, and collects every error before it raises."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from shared.problems import Invalid, RuleViolation

Value = TypeVar("Value")


class BodyParser:
    """The errors of one body; `day` is the office's day on which it was received."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.errors: list[RuleViolation] = []

    def parse(self, parser: Callable[..., Value], text: str | None, *args: object) -> Value | None:
        """The value of a text; None without a text, and None with an error added when `parser` raises Invalid."""
        try:
            return parser(text, *args) if text else None
        except Invalid as refused:
            self.errors += refused.errors
            return None

    def missing(self, field: str, rule: str, code: str, en: str) -> None:
        """Add the error that a field is required."""
        self.errors.append(RuleViolation(field, rule, code, en=en))

    def raise_errors(self) -> None:
        """Raises Invalid (422) with all errors, if there are any."""
        if self.errors:
            raise Invalid.of(self.errors)
