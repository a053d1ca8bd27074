"""The audit of persons: what is written down, and the chain of digests that tells whether it still stands.

A batch's digest covers the digest of the batch before it, its number, the count of all rows so far, and each of its
rows by id and digest. Whoever keeps one head outside of the database can prove every row below it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

GENESIS = hashlib.sha256(b"jemput-bola/audit").digest()
DIGEST = 32


class Purpose(StrEnum):
    """Why a person is read. A closed list: a free text would hold what it should not."""

    VISIT = "kunjungan"
    PRINT = "cetak"
    CORRECTION = "koreksi"
    RESIDENT = "permintaan_warga"
    OPERATION = "operasi"
    FILING = "permohonan"
    """While a request is filed or mended."""
    FINDING = "pencarian"
    """To know on a list who is who."""


class Act(StrEnum):
    """What was done, or tried, with a person."""

    READ = "read"
    REFUSED = "refused"
    EXPORTED = "exported"
    ERASED = "erased"
    REMOVED = "removed"
    """A paper of theirs that was attached is gone."""
    SEARCHED = "searched"
    """They may have been who was looked for: one row for all that were opened."""
    LISTED = "listed"
    """Their name was shown on a list: one row for all of them."""
    MATCHED = "matched"
    """The caller learned that a case is open, and no more."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A row of the audit. `at` is of the database's wall clock; version 0.1.0 noted neither purpose nor wilayah.

    `case_id` is a letter's where its contact was read, and an id of the look itself where many were `opened` at once.
    """

    id: int
    case_id: UUID
    actor: str
    role: str
    wilayah: str | None
    act: str
    purpose: str | None
    at: datetime
    opened: Sequence[UUID] | None = None

    def digest(self) -> bytes:
        """Of its content in canonical bytes; the id is bound by the batch."""
        content = self._content()
        return _digest(content if self.opened is None else [*content, *map(str, self.opened)])

    def has(self, digest: bytes) -> bool:
        """Whether this is its digest. An older process that sealed it did not know of `opened`."""
        return digest in (self.digest(), _digest(self._content()))

    def _content(self) -> list[str | None]:
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return [str(self.case_id), self.actor, self.role, self.wilayah, self.act, self.purpose, at]


@dataclass(frozen=True, slots=True)
class Batch:
    """A link of the chain."""

    number: int
    total: int
    """Rows of this batch and of all before it."""
    ids: tuple[int, ...]
    row_digests: tuple[bytes, ...]
    last_at: datetime
    digest: bytes
    pruned_at: datetime | None = None

    @classmethod
    def after(cls, head: "Batch | None", rows: Sequence[AuditEntry]) -> "Batch":
        """The next batch, with these rows in the order of their ids."""
        number, total, previous = (head.number, head.total, head.digest) if head else (0, 0, GENESIS)
        ids, digests = tuple(row.id for row in rows), tuple(row.digest() for row in rows)
        last_at = max(row.at for row in rows)
        made = cls(number + 1, total + len(rows), ids, digests, last_at, b"")
        return cls(made.number, made.total, ids, digests, last_at, made.link(previous))

    def link(self, previous: bytes) -> bytes:
        """What its digest must be after `previous`."""
        at = self.last_at.astimezone(UTC).isoformat(timespec="microseconds")
        head = json.dumps([self.number, self.total, self.ids, at], separators=(",", ":")).encode()
        return hashlib.sha256(previous + head + b"".join(self.row_digests)).digest()

    @property
    def head(self) -> str:
        """What to write down outside of the database."""
        return f"{self.number}:{self.digest.hex()}"


def _digest(content: Sequence[str | None]) -> bytes:
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).digest()


def compare(batch: Batch, rows: Sequence[AuditEntry]) -> Iterator[str]:
    """What is not as it was sealed, row by row. `rows` are those that lie in the batch's span of ids now."""
    sealed, found = dict(zip(batch.ids, batch.row_digests, strict=True)), {row.id: row for row in rows}
    yield from (f"baris {n} dihapus" for n in sealed if n not in found)
    yield from (f"baris {n} disisipkan" for n in found if n not in sealed)
    changed = [n for n in sealed if n in found and not found[n].has(sealed[n])]
    if changed and sorted(found[n].digest() for n in changed) == sorted(sealed[n] for n in changed):
        yield f"urutan diubah: baris {', '.join(map(str, changed))} tertukar"
    else:
        yield from (f"baris {n} diubah" for n in changed)
