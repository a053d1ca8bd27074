"""Errors that tell the caller what is wrong and what to do; `shared.http.problem_responses` turns them to JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a field breaks. It repeats no value: that may be personal."""

    field: str
    """The path of the field: "residents.3.nik"."""
    rule: str
    """In Indonesian, for the person at the screen."""
    code: str = ""
    """The rule's name where it has one, for programs: "first.kk"."""
    source: str = ""
    """The law or custom it comes from."""
    en: str = ""
    """The same in English."""


class Problem(Exception):
    """An answer that is not the one hoped for. `detail` is in Indonesian, for the person at the screen."""

    status = 400
    title = "Permintaan tidak dapat diproses"
    members: Mapping[str, str] = {}
    """What the answer says besides, by name: extension members of RFC 9457."""

    def __init__(
        self, detail: str, *, field: str | None = None, rule: str | None = None, errors: Sequence[Broken] = ()
    ) -> None:
        """Of one field, by `field` and `rule`, or of several, by `errors`; then field and rule are the first's."""
        super().__init__(detail)
        self.errors = tuple(errors) or ((Broken(field, rule or detail),) if field else ())
        self.detail, self.field, self.rule = detail, field, rule
        if errors:
            self.field, self.rule = errors[0].field, errors[0].rule

    @classmethod
    def of(cls, errors: Sequence[Broken]) -> Self:
        """All fields that break a rule, at least one; the detail says it of one, and counts several."""
        one = len(errors) == 1
        return cls(errors[0].rule if one else f"{len(errors)} isian perlu diperbaiki", errors=errors)


class Unauthorized(Problem):
    """No good token."""

    status, title = 401, "Belum masuk"


class Forbidden(Problem):
    """A good token, but not for this."""

    status, title = 403, "Tidak berwenang"


class NotFound(Problem):
    """No such thing, or none that this caller may know of."""

    status, title = 404, "Tidak ditemukan"


class Conflict(Problem):
    """The state does not allow it."""

    status, title = 409, "Tidak sesuai keadaan sekarang"


class Invalid(Problem):
    """A field breaks a rule."""

    status, title = 422, "Isian tidak sah"
