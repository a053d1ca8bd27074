"""What is left of a limit, in words: "sisa 5 jam", "lewat 2 jam"."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.web.times import span_in
from shared.web.words import Words


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What is left of a limit; with nothing of it, no limit runs. `word` is the ending of its words in `waktu`."""

    of: timedelta | None
    word: str = ""
    passed: bool = False
    """Whether another limit passed, of which no span is known."""

    @classmethod
    def until(cls, due_at: datetime | None, now: datetime, word: str = "", passed: bool = False) -> "TimeLeft":
        """What is left of a limit at a moment."""
        return cls(due_at - now if due_at else None, word, passed)

    @property
    def runs(self) -> bool:
        """Whether a limit runs."""
        return self.of is not None

    @property
    def late(self) -> bool:
        """Whether a limit passed."""
        return self.passed or (self.of is not None and self.of < timedelta())

    def say(self, t: Words) -> str:
        """In words."""
        if self.of is not None and (self.of < timedelta() or not self.passed):
            return t(f"waktu.{'lewat' if self.of < timedelta() else 'sisa'}{self.word}", span=span_in(t, self.of))
        return t("waktu.lewat_tahap" if self.passed else "waktu.tanpa")
