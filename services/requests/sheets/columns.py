"""The columns of a list of residents. The template, the import and the export have these, and no others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from services.requests.domain.people import Document, MaritalStatus, PhotoReason, Reason, Sex, Vulnerable
from services.requests.sheets import cells
from shared.contract.fields import ServiceCode, Skill


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
    zero_means_no: bool = False
    """A lone 0 is an answer here, and not an empty cell."""
    allowed: str = ""
    """What may stand in its cells, in Indonesian, where that is a closed list or a form."""


def _text(value: object) -> str:
    return cells.guarded(str(value))


def _born(value: date | str) -> str:
    return value if isinstance(value, str) else f"{value:%d-%m-%Y}"


def _code(value: StrEnum) -> str:
    return value.value


def _codes(values: Sequence[StrEnum]) -> str:
    return "|".join(value.value for value in values)


def _flag(value: bool) -> str:
    return "ya" if value else "tidak"


_vulnerable = cells.OneOf(Vulnerable, "rentan")
_needs = cells.OneOf(Skill, "kebutuhan")
_photo = cells.OneOf(PhotoReason, "alasanfoto")
_YES_NO = "ya, tidak"
_sex = cells.OneOf(
    Sex, "", MALE=("laki-laki", "lk", "pria", "male", "m"), FEMALE=("perempuan", "pr", "wanita", "female", "f")
)
_service = cells.OneOf(
    ServiceCode,
    "layanan",
    FIRST=(
        *("baru", "rekam", "perekaman", "rekam ktp", "rekam ktp el", "perekaman ktp", "perekaman ktp el", "ktp baru"),
        *("ktp el baru", "ktp pemula", "pemula", "pembuatan ktp", "buat ktp", "belum punya ktp", "belum rekam"),
    ),
    LOST=("hilang", "ktp hilang", "kehilangan", "kehilangan ktp", "cetak ulang hilang", "penggantian hilang"),
    DAMAGED=("rusak", "ktp rusak", "cetak ulang rusak", "penggantian rusak", "patah", "ktp patah"),
    PHOTO=("ganti foto ktp", "foto", "perubahan foto", "ubah foto"),
    DATA_CHANGE=(
        *("ubah data", "ganti data", "perubahan elemen data", "perubahan biodata", "ubah status", "ganti status"),
        *("perubahan status", "ubah alamat", "perubahan alamat", "ganti alamat"),
    ),
    MOVE_IN=("pindah", "pindahan", "datang", "kedatangan", "pendatang", "ktp pindahan"),
)
_reason = cells.OneOf(
    Reason,
    "alasan",
    ELDERLY=("lanjut usia", "manula", "usia lanjut", "jompo", "tua", "sepuh"),
    DISABLED=(
        "difabel",
        "cacat",
        "penyandang disabilitas",
        "disabilitas fisik",
        "tuna netra",
        "tuna daksa",
        "lumpuh",
    ),
    MENTAL_ILLNESS=("gangguan jiwa", "sakit jiwa", "orang dengan gangguan jiwa"),
    ILL=("sakit keras", "sakit menahun", "stroke", "rawat inap", "dirawat", "sakit parah"),
    INMATE=("wbp", "napi", "narapidana", "tahanan", "warga binaan pemasyarakatan"),
    PUPIL=("siswa", "siswi", "murid", "santri", "santriwati", "mahasiswa", "pemula", "sekolah", "peserta didik"),
    OTHER=("lain", "lain lain"),
)
_document = cells.OneOf(
    Document,
    "dokumen",
    KK=("kartu keluarga", "fotokopi kk", "fc kk", "foto copy kk", "fotocopy kk", "fotokopi kartu keluarga"),
    F102=("f 1.02", "f1.02", "formulir f1.02", "formulir f-1.02", "f 102"),
    POLICE_LETTER=(
        *("surat kehilangan", "surat hilang", "surat polisi", "laporan kehilangan", "surat keterangan kehilangan"),
        *("surat keterangan hilang", "surat kehilangan polisi", "skk polisi", "laporan polisi"),
    ),
    DAMAGED_CARD=("ktp rusak", "ktp el rusak", "kartu rusak", "ktp yang rusak"),
    OLD_CARD=("ktp lama", "ktp", "ktp asli", "kartu lama", "fotokopi ktp", "fc ktp"),
    CHANGE_PROOF=("bukti perubahan", "surat perubahan", "bukti pendukung"),
    MOVING_LETTER=("surat pindah", "skpwni", "surat keterangan pindah wni", "skp wni"),
    MARRIAGE_PROOF=("buku nikah", "akta nikah", "akta perkawinan", "surat nikah", "fotokopi buku nikah"),
)
_marital = cells.OneOf(
    MaritalStatus,
    "kawin",
    SINGLE=("belum menikah", "bk", "lajang", "single"),
    MARRIED=("menikah", "k", "nikah", "sudah kawin", "sudah menikah"),
    DIVORCED=("ch", "janda cerai", "duda cerai"),
    WIDOWED=("cm", "janda mati", "duda mati"),
)

COLUMNS = (
    Column(
        *("nama", "name", cells.unguarded, _text, "Siti Sintetis"),
        (
            *("nama_lengkap", "name", "nama_warga", "nama_siswa", "nama_penduduk", "nama_pemohon", "nama_peserta"),
            *("nama_santri", "nama_wbp", "nama_pelajar", "nama_lengkap_sesuai_kk"),
        ),
        True,
    ),
    Column(
        *("nik", "nik", cells.number, cells.guarded_number, "1702065708509001"),
        ("no_nik", "nomor_nik", "nomor_induk_kependudukan", "nik_ktp", "no_ktp", "nomor_ktp"),
        allowed="16 angka",
    ),
    Column(
        *("tanggal_lahir", "birth_date", cells.born, _born, "17-08-1950"),
        (
            *("tgl_lahir", "birth_date", "tgl_lhr", "tanggal_lhr", "lahir", "tahun_lahir", "ttl"),
            *("tempat_tanggal_lahir", "tempat_tgl_lahir", "tmp_tgl_lahir", "tempat_dan_tanggal_lahir"),
        ),
        allowed="HH-BB-TTTT",
    ),
    Column(
        *("jenis_kelamin", "sex", _sex, _code, "P"),
        ("jk", "l_p", "kelamin", "sex", "jns_kelamin", "jenis_kel", "lk_pr", "gender"),
        True,
        allowed=_sex.allowed,
    ),
    Column(
        *("telepon", "phone", cells.number, cells.guarded_number, "084012345678"),
        (
            *(
                "no_hp",
                "hp",
                "no_telepon",
                "nomor_telepon",
                "telp",
                "phone",
                "no_telp",
                "nomor_hp",
                "no_hp_wa",
                "hp_wa",
            ),
            *(
                "no_wa",
                "wa",
                "whatsapp",
                "no_whatsapp",
                "nomor_wa",
                "kontak",
                "no_kontak",
                "nomor_hp_wa",
                "handphone",
            ),
        ),
    ),
    Column(
        *("alamat", "address", cells.unguarded, _text, "Jalan Sintetis No. 1, RT 001"),
        ("address", "alamat_lengkap", "alamat_rumah", "alamat_domisili", "alamat_tinggal", "tempat_tinggal"),
    ),
    Column(
        *("status_kawin", "marital_status", _marital, _code, "Kawin"),
        ("status_perkawinan", "status", "status_pernikahan", "status_nikah"),
        allowed=_marital.allowed,
    ),
    Column(
        *("layanan", "service", _service, _code, "Perekaman pertama"),
        ("jenis_layanan", "service", "keperluan"),
        True,
        allowed=_service.allowed,
    ),
    Column(
        *("alasan", "reason", _reason, _code, "Lansia"),
        ("alasan_jemput", "reason", "kategori", "kondisi"),
        True,
        allowed=_reason.allowed,
    ),
    Column(
        *("rentan", "vulnerable", _vulnerable, _code, ""),
        ("penduduk_rentan",),
        allowed=_vulnerable.allowed,
    ),
    Column(
        *("kebutuhan", "needs", cells.several(_needs), _codes, "Kursi roda / akses"),
        ("needs",),
        allowed=_needs.allowed,
    ),
    Column(
        *("dokumen", "documents", cells.several(_document), _codes, "Kartu keluarga (KK)"),
        ("berkas", "persyaratan", "kelengkapan", "berkas_persyaratan", "kelengkapan_berkas"),
        allowed=_document.allowed,
    ),
    Column("alasan_foto", "photo_reason", _photo, _code, "", ("photo_reason",), allowed=_photo.allowed),
    Column(
        *("pernah_rekam", "recorded_before", cells.yes_or_no, _flag, "tidak"),
        ("sudah_rekam", "sudah_pernah_rekam"),
        zero_means_no=True,
        allowed=_YES_NO,
    ),
    Column(
        *("cetak_kk", "family_card", cells.yes_or_no, _flag, "tidak"),
        ("kk_baru", "family_card"),
        zero_means_no=True,
        allowed=_YES_NO,
    ),
)
OF_FIELD = {column.field: column for column in COLUMNS}
LINE, MENDED = "baris", "yang_perlu_diperbaiki"
"""Headings of a list of rows to be mended: the line of each in the list that it is from, and what is wrong."""
PASSED_OVER = frozenset(
    {"no", "nomor", "nomer", "number", "keterangan", "ket", "tempat_lahir", "kelurahan", "desa", "kode", "tahap"}
    | {LINE, MENDED}
)
"""Headings of columns that lists have and nobody needs."""
ADDRESS_PARTS = {
    "rt": "RT {}",
    "rw": "RW {}",
    "rt_rw": "RT/RW {}",
    "dusun": "Dusun {}",
    "lingkungan": "Lingkungan {}",
    "lk": "Lingkungan {}",
}
"""Headings of columns that are a part of the address, and how it reads there."""
