"""One line of the doctor's report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Something that is well, or wrong with what to do about it."""

    part: str
    ok: bool
    says: str
    remedy: str = ""


def passed(part: str, says: str) -> CheckResult:
    """All is well."""
    return CheckResult(part, True, says)


def failed(part: str, says: str, remedy: str) -> CheckResult:
    """Something is wrong."""
    return CheckResult(part, False, says, remedy)
