"""Errors that tell the caller what is wrong and what to do. `shared.answers` makes problem+json of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Broken:
    """A field that breaks a rule. `rule` is in Indonesian, `en` says the same; neither repeats what was sent."""

    field: str
    rule: str
    code: str = ""
    source: str = ""
    en: str = ""


class Problem(Exception):
    """An answer that is not the one hoped for. `detail` is in Indonesian, for the person at the screen."""

    status = 400
    title = "Permintaan tidak dapat diproses"

    def __init__(self, detail: str, *, field: str | None = None, rule: str | None = None) -> None:
        super().__init__(detail)
        self.detail, self.field, self.rule = detail, field, rule
        self.errors: Sequence[Broken] = [Broken(field, rule or detail)] if field else []

    @classmethod
    def of(cls, errors: Sequence[Broken]) -> Self:
        """A problem of several fields, or of one."""
        first = errors[0]
        detail = first.rule if len(errors) == 1 else f"{len(errors)} isian perlu diperbaiki"
        made = cls(detail, field=first.field, rule=first.rule)
        made.errors = errors
        return made


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
