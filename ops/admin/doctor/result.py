"""The result of one check of `doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check that passed, or that failed and what to do about it."""

    part: str
    ok: bool
    says: str
    remedy: str = ""


def passed(part: str, says: str) -> CheckResult:
    """A check that passed."""
    return CheckResult(part, True, says)


def failed(part: str, says: str, remedy: str) -> CheckResult:
    """A check that failed."""
    return CheckResult(part, False, says, remedy)
