"""A resident as the letter names them. No value of these is shown by repr, logged, or put into an event."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.contract.fields import Place, ServiceCode, Skill


class Sex(StrEnum):
    """As the civil registry writes it."""

    MALE = "L"
    FEMALE = "P"


class Reason(StrEnum):
    """Why the resident cannot come to the office. It is health or criminal data (UU 27/2022 Ps 4(2))."""

    ELDERLY = "lansia"
    DISABLED = "disabilitas"
    MENTAL_ILLNESS = "odgj"
    ILL = "sakit"
    INMATE = "warga_binaan"
    PUPIL = "pelajar"
    """At school while the office is open."""
    OTHER = "lainnya"


class MaritalStatus(StrEnum):
    """As on the family card; whoever is or was married may have a card before 17."""

    SINGLE = "belum_kawin"
    MARRIED = "kawin"
    DIVORCED = "cerai_hidup"
    WIDOWED = "cerai_mati"

    @property
    def ever_married(self) -> bool:
        """Married, or ever married (UU 24/2013 Ps 63(1))."""
        return self is not MaritalStatus.SINGLE


class Vulnerable(StrEnum):
    """The legal "penduduk rentan administrasi kependudukan" (UU 23/2006 Ps 25(1)): another set than `Reason`."""

    DISASTER = "korban_bencana_alam"
    SOCIAL_DISASTER = "korban_bencana_sosial"
    NEGLECTED = "orang_terlantar"
    REMOTE = "komunitas_terpencil"


class Document(StrEnum):
    """A paper that a service may ask for."""

    KK = "kk"
    F102 = "f102"
    POLICE_LETTER = "surat_kehilangan"
    DAMAGED_CARD = "ktp_rusak"
    OLD_CARD = "ktp_lama"
    CHANGE_PROOF = "bukti_perubahan"
    MOVING_LETTER = "surat_pindah"
    MARRIAGE_PROOF = "bukti_kawin"


class PhotoReason(StrEnum):
    """Why another photo is wanted."""

    UNCLEAR = "wajah_tidak_jelas"
    PERMANENT = "perubahan_tetap"
    HIJAB = "mulai_berhijab"
    AESTHETIC = "estetika"


class Consent(StrEnum):
    """Who agreed that the request is filed."""

    RESIDENT = "warga"
    FAMILY = "keluarga"
    GUARDIAN = "wali"
    INSTITUTION = "lembaga"


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """What is sealed: readable only with the key, and each reading is written down.

    What older versions sealed lacks the fields with a default.
    """

    name: str
    birth_date: date
    sex: Sex
    reason: Reason
    address: str
    nik: str | None
    """16 digits."""
    phone: str | None
    """E.164; the family tracks by its last four digits."""
    marital_status: MaritalStatus | None = None
    vulnerable: Vulnerable | None = None
    photo_reason: PhotoReason | None = None
    """Why another photo is wanted, where it is: the officer must see it."""
    recorded_before: bool | None = None
    """Whether biometrics were ever taken; None when nobody said."""
    birth_date_estimated: bool = False
    """Only the year of birth is known: the day is written as 1 January, and pages say so."""


@dataclass(frozen=True, slots=True)
class Application:
    """One resident of a letter: the person, and what they apply for."""

    person: Person = field(repr=False)
    service: ServiceCode
    needs: frozenset[Skill] = frozenset()
    documents: frozenset[Document] = frozenset()
    """The papers that were shown."""
    family_card: bool = False
    """A family card (KK) is to be printed on the same visit."""
    birth_date_from_nik: bool = False
    """Nobody stated the birth date: it was read from the NIK, and should be asked."""
    tracking: str | None = None
    """The code that the family was given already."""
    line: int | None = None
    """The line of the list that they came with."""


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """Whom to call, and where to go: sealed beside the persons. A drive has one, a home visit may."""

    name: str | None = None
    phone: str | None = None
    """E.164."""
    address: str | None = None
    """Of the visit, for residents who have none of their own in the letter."""
    usual_reason: Reason | None = None
    """Of a drive, why residents of its list cannot come whose row says nothing else: sealed, as their own are."""


@dataclass(frozen=True, slots=True)
class Drive:
    """A visit to an institution, for many."""

    place: Place
    name: str
    """Of the institution. It may tell what its residents would not: it is in no event."""
    headcount: int
    preferred_days: tuple[int, ...] = ()
    """Weekdays, 0 is Monday; none is any."""
    on_holidays: bool = False
    usual_service: ServiceCode | None = None
    """What residents of its list apply for whose row says nothing else."""
