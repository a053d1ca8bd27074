"""What a file may be, and why one is refused. Imports no package: the process that examines files stands on it."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class FileType(StrEnum):
    """What is taken, by its media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"

    @property
    def suffix(self) -> str:
        """How a file of this type is called on a person's device."""
        return {FileType.JPEG: "jpg", FileType.PNG: "png", FileType.PDF: "pdf"}[self]


BEGINNINGS = {FileType.JPEG: b"\xff\xd8\xff", FileType.PNG: b"\x89PNG\r\n\x1a\n", FileType.PDF: b"%PDF-"}


PDF_BEGINS_WITHIN = 1024
"""Bytes."""


def begins_as(content: bytes) -> FileType | None:
    """What the first bytes claim: a reason to look closer, no proof."""
    found = next((kind for kind, beginning in BEGINNINGS.items() if content.startswith(beginning)), None)
    # A PDF may begin late (ISO 32000-1, annex H, note 13): mail programs and printers put something before it.
    return found or (FileType.PDF if BEGINNINGS[FileType.PDF] in content[:PDF_BEGINS_WITHIN] else None)


class Flaw(StrEnum):
    """Why a file is refused."""

    EMPTY = "empty"
    UNKNOWN = "unknown"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    TWO_FILES = "two_files"
    PIXELS = "pixels"
    INFLATES = "inflates"
    ENCRYPTED = "encrypted"
    RESTRICTED = "restricted"
    BEFORE_PDF = "before_pdf"
    AFTER_PDF = "after_pdf"
    ACTIVE = "active"
    HEAVY = "heavy"

    @property
    def words(self) -> str:
        """What is wrong and what to do, for the person at the screen."""
        return _WORDS[self]


_WORDS = {
    Flaw.EMPTY: "file kosong; pilih filenya lagi",
    Flaw.UNKNOWN: "isi file bukan JPEG, PNG atau PDF; foto atau pindai dokumennya sebagai salah satunya",
    Flaw.TRUNCATED: "file terpotong; kirim lagi, atau foto atau pindai ulang dokumennya",
    Flaw.DAMAGED: "file rusak dan tidak dapat dibuka; foto atau pindai ulang dokumennya",
    Flaw.TWO_FILES: "ada file lain di dalam file ini; foto atau pindai ulang dokumennya",
    Flaw.PIXELS: "gambar terlalu besar, paling banyak 40 megapiksel; pilih resolusi yang lebih rendah",
    Flaw.INFLATES: "isi PDF mengembang terlalu besar; cetak ke PDF baru, atau foto dokumennya",
    Flaw.ENCRYPTED: "PDF dikunci dengan sandi; simpan tanpa sandi, atau cetak ke PDF baru",
    Flaw.RESTRICTED: "PDF dibatasi pembuatnya: dapat dibaca, tetapi terkunci; cetak ke PDF baru, lalu kirim itu",
    Flaw.BEFORE_PDF: "ada isi lain sebelum awal PDF; buka filenya, cetak ke PDF baru, lalu kirim itu",
    Flaw.AFTER_PDF: "ada isi lain sesudah akhir PDF; buka filenya, cetak ke PDF baru, lalu kirim itu",
    Flaw.ACTIVE: "PDF memuat skrip, perintah, formulir aktif atau lampiran; cetak ke PDF baru, lalu kirim itu",
    Flaw.HEAVY: "file terlalu berat untuk diperiksa; pilih resolusi yang lebih rendah, atau pindai ulang",
}


class FileRejected(Exception):
    """A file that is not taken."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class EncryptedFile:
    """A sealed file on its way to the store. `size` is that of its content, `sha256` that of `sealed`."""

    id: UUID
    type: FileType
    size: int
    sealed: bytes = field(repr=False)
    sha256: bytes
    key: bytes = field(repr=False)
