"""Errors for the caller: what is wrong and what to do. `shared.http.problem_responses` converts them to JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """A rule that a field violates. It never contains the value, which may be personal data."""

    field: str
    """The path of the field: "residents.3.nik"."""
    rule: str
    """The rule in Indonesian, for the user."""
    code: str = ""
    """The name of the rule, for programs: "first.kk". Empty when the rule has no name."""
    source: str = ""
    """The law or practice that the rule comes from."""
    en: str = ""
    """The rule in English."""


class Problem(Exception):
    """An error response (RFC 9457). `detail` is in Indonesian, for the user."""

    status = 400
    title = "Permintaan tidak dapat diproses"
    members: Mapping[str, str] = {}
    """Further members of the response, by name: the extension members of RFC 9457."""

    def __init__(
        self, detail: str, *, field: str | None = None, rule: str | None = None, errors: Sequence[RuleViolation] = ()
    ) -> None:
        """Give `field` and `rule` for one field, or `errors` for several; `field` and `rule` are then the first's."""
        super().__init__(detail)
        self.errors = tuple(errors) or ((RuleViolation(field, rule or detail),) if field else ())
        self.detail, self.field, self.rule = detail, field, rule
        if errors:
            self.field, self.rule = errors[0].field, errors[0].rule

    @classmethod
    def of(cls, errors: Sequence[RuleViolation]) -> Self:
        """A problem of all these fields, at least one. The detail is the rule of a single one, or their number."""
        one = len(errors) == 1
        return cls(errors[0].rule if one else f"{len(errors)} isian perlu diperbaiki", errors=errors)


class Unauthorized(Problem):
    """The token is missing or not valid."""

    status, title = 401, "Belum masuk"


class Forbidden(Problem):
    """The token is valid, but does not permit the operation."""

    status, title = 403, "Tidak berwenang"


class NotFound(Problem):
    """The object does not exist, or the caller may not know of it."""

    status, title = 404, "Tidak ditemukan"


class Conflict(Problem):
    """The current state does not allow the operation."""

    status, title = 409, "Tidak sesuai keadaan sekarang"


class Invalid(Problem):
    """A field violates a rule."""

    status, title = 422, "Isian tidak sah"
