"""Synthetic applications, for the tests of the rules."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.requests.domain.people import Application, MaritalStatus, Person, PhotoReason, Reason, Sex
from shared.contract.fields import ServiceCode

TODAY = date(2026, 11, 24)
KELURAHAN = "17.02.06.1004"
OLD_ENOUGH = date(1950, 8, 17)


def applies(
    service: ServiceCode = ServiceCode.FIRST,
    *,
    born: date = OLD_ENOUGH,
    sex: Sex = Sex.FEMALE,
    reason: Reason = Reason.ELDERLY,
    nik: str | None = None,
    status: MaritalStatus | None = None,
    photo_reason: PhotoReason | None = None,
    recorded_before: bool | None = None,
    **given: Any,
) -> Application:
    """An application of a synthetic person for a service."""
    person = Person("Siti Sintetis", born, sex, reason, "Jalan Sintetis 1", nik, None, status)
    person = replace(person, photo_reason=photo_reason, recorded_before=recorded_before)
    return Application(person, service, **given)


def nik_of(born: date, sex: Sex = Sex.FEMALE, district: str = "170206", serial: int = 1) -> str:
    """A NIK as the registry composes it (PP 37/2007 Ps 37)."""
    return f"{district}{born.day + (40 if sex is Sex.FEMALE else 0):02}{born:%m%y}{serial:04}"
