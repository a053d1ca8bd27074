"""No event can carry a person: every field is of a closed type, and a planted open one is found."""

from datetime import UTC, date, datetime
from typing import Annotated

import pytest
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from shared.contract import fields as f
from shared.contract.events import ALL, Event, RequestEvent
from tests.contracts.closed import strangers, why_open


@pytest.mark.parametrize("event", ALL, ids=lambda event: event.__name__)
def test_every_field_is_of_a_closed_type(event: type[Event]) -> None:
    assert strangers(event) == []


class PlantedText(RequestEvent):
    name: str


class PlantedOptionalText(RequestEvent):
    note: str | None = None


class PlantedList(RequestEvent):
    skills: tuple[f.Skill, ...]


class PlantedMapping(RequestEvent):
    extra: dict[str, f.Count]


class PlantedNumber(RequestEvent):
    nik: int


class PlantedPattern(RequestEvent):
    address: Annotated[str, StringConstraints(pattern=r"^.+$")]


class PlantedUnlisted(RequestEvent):
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


PLANTED = (
    PlantedText,
    PlantedOptionalText,
    PlantedList,
    PlantedMapping,
    PlantedNumber,
    PlantedPattern,
    PlantedUnlisted,
)


@pytest.mark.parametrize("event", PLANTED, ids=lambda event: event.__name__)
def test_a_planted_open_field_is_found(event: type[Event]) -> None:
    planted = next(iter(event.__annotations__))
    assert [found.split(":")[0] for found in strangers(event)] == [f"{event.__name__}.{planted}"]


@pytest.mark.parametrize(
    "pattern", [r"^\d{2}$", r"^\w{1,9}$", r"[0-9]{2}", r"^[0-9]+$", r"^[a-z ]{1,9}$", r"^[0-9]{1,61}$"]
)
def test_a_loose_pattern_is_open(pattern: str) -> None:
    assert why_open(Annotated[str, StringConstraints(pattern=pattern)])


def test_a_bounded_list_of_codes_is_closed() -> None:
    assert why_open(Annotated[tuple[f.Skill, ...], Field(max_length=4)]) == ""


@pytest.mark.parametrize("code", ["١٧.٠٢", "17.02\n", " 17.02", "17.2", "17.02.06"])
def test_only_ascii_digits_make_an_office_code(code: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(f.OfficeCode).validate_python(code)


@pytest.mark.parametrize("given", [0, 1.5, True, "0", "-5", "1775440800", "20260406"])
def test_a_number_is_neither_a_day_nor_a_moment(given: object) -> None:
    for sent in (f.SentDay, f.SentInstant):
        with pytest.raises(ValidationError):
            TypeAdapter(sent).validate_python(given)


def test_what_callers_write_is_a_day_and_a_moment() -> None:
    assert TypeAdapter(f.SentDay).validate_python("2026-04-06") == date(2026, 4, 6)
    at = TypeAdapter(f.SentInstant).validate_python("2026-04-06T08:00:00+07:00")
    assert at == datetime(2026, 4, 6, 1, tzinfo=UTC)
