"""The columns of a list of residents. The template, the import and the export have these, and no others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from services.requests.domain.people import Document, MaritalStatus, PhotoReason, Reason, Sex, Vulnerable
from services.requests.sheets import cells
from shared.fields import ServiceCode, Skill


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading; `field` is the resident's, as POST /requests names it."""

    heading: str
    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    example: str
    also: tuple[str, ...] = ()
    """Other headings in use."""
    needed: bool = False


def _text(value: object) -> str:
    return cells.guarded(str(value))


def _day(value: date) -> str:
    return f"{value:%d-%m-%Y}"


def _code(value: StrEnum) -> str:
    return value.value


def _codes(values: Sequence[StrEnum]) -> str:
    return "|".join(value.value for value in values)


def _flag(value: bool) -> str:
    return "ya" if value else "tidak"


_sex = cells.one_of(
    Sex, "", MALE=("laki-laki", "lk", "pria", "male", "m"), FEMALE=("perempuan", "pr", "wanita", "female", "f")
)
_service = cells.one_of(
    ServiceCode, "layanan", FIRST=("baru", "rekam", "perekaman"), LOST=("hilang",), DAMAGED=("rusak",)
)
_reason = cells.one_of(Reason, "alasan", ELDERLY=("lanjut usia",), DISABLED=("difabel",), INMATE=("wbp", "napi"))
_marital = cells.one_of(MaritalStatus, "kawin", SINGLE=("belum menikah",), MARRIED=("menikah",))

COLUMNS = (
    Column("nama", "name", cells.unguarded, _text, "Siti Sintetis", ("nama_lengkap", "name"), True),
    Column("nik", "nik", cells.number, cells.guarded_number, "1702065708509001", ("no_nik", "nomor_nik")),
    Column("tanggal_lahir", "birth_date", cells.day, _day, "17-08-1950", ("tgl_lahir", "birth_date")),
    Column("jenis_kelamin", "sex", _sex, _code, "P", ("jk", "l_p", "kelamin", "sex"), True),
    Column(
        *("telepon", "phone", cells.number, cells.guarded_number, "084012345678"),
        ("no_hp", "hp", "no_telepon", "nomor_telepon", "telp", "phone"),
    ),
    Column("alamat", "address", cells.unguarded, _text, "Jalan Sintetis No. 1, RT 001", ("address",)),
    Column("status_kawin", "marital_status", _marital, _code, "kawin", ("status_perkawinan", "status")),
    Column("layanan", "service", _service, _code, "first", ("jenis_layanan", "service"), True),
    Column("alasan", "reason", _reason, _code, "lansia", ("alasan_jemput", "reason"), True),
    Column("rentan", "vulnerable", cells.one_of(Vulnerable, "rentan"), _code, "", ("penduduk_rentan",)),
    Column("kebutuhan", "needs", cells.several(cells.one_of(Skill, "kebutuhan")), _codes, "accessible", ("needs",)),
    Column("dokumen", "documents", cells.several(cells.one_of(Document, "dokumen")), _codes, "kk", ("berkas",)),
    Column("alasan_foto", "photo_reason", cells.one_of(PhotoReason, "alasanfoto"), _code, "", ("photo_reason",)),
    Column("pernah_rekam", "recorded_before", cells.yes_or_no, _flag, "tidak", ("sudah_rekam",)),
    Column("cetak_kk", "family_card", cells.yes_or_no, _flag, "tidak", ("kk_baru", "family_card")),
)
OF_FIELD = {column.field: column for column in COLUMNS}
PASSED_OVER = frozenset(
    {"no", "nomor", "nomer", "number", "keterangan", "tempat_lahir", "kelurahan", "kode", "tahap"}
)
"""Headings of columns that lists have and nobody needs."""
