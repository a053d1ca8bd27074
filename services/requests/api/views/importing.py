"""What became of a list of residents."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from pydantic import BaseModel

from services.requests.api.views.filing import ErrorView, WarningView
from services.requests.domain.rules.checks import Warned
from services.requests.sheets.entries import SheetEntry

SHOWN = 100
"""Lines of new rows that are told."""


class LineErrorView(ErrorView):
    """What stands in the way of a row; `field` is its column. The heading is line 1."""

    line: int


class LineWarningView(WarningView):
    """Something to check in a row."""

    line: int


class ImportedView(BaseModel):
    """What became of a list: `good` rows of all `rows` that are new, and how many were stored.

    `already` rows were stored before, and are passed by; `new_lines` are those of the first new ones.
    """

    request_id: UUID
    dry_run: bool
    rows: int
    good: int
    already: int
    new_lines: list[int]
    stored: int
    errors: list[LineErrorView]
    warnings: list[LineWarningView]

    @classmethod
    def of(
        cls, request_id: UUID, entries: Sequence[SheetEntry], notes: Sequence[tuple[int, Warned]], *, stored: bool
    ) -> "ImportedView":
        """The answer to a list, of which the good rows were stored or not."""
        new = [entry.line for entry in entries if not entry.errors and not entry.stored]
        good = len(new)
        return cls(
            request_id=request_id,
            dry_run=not stored,
            rows=len(entries),
            good=good,
            already=sum(entry.stored for entry in entries),
            new_lines=new[:SHOWN],
            stored=good if stored else 0,
            errors=[LineErrorView(line=entry.line, **asdict(each)) for entry in entries for each in entry.errors],
            warnings=[
                LineWarningView(line=line, **asdict(each))
                for line, each in (*notes, *((entry.line, each) for entry in entries for each in entry.warnings))
            ],
        )
