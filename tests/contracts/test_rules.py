"""Each rule that an input of any service can break has a sentence in Indonesian, and none repeats the input."""

import math
from collections.abc import Iterator
from typing import Annotated, Any, get_args

import pytest
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel, Discriminator, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from ops.system import SERVICES, Issuer
from services.dispatch.api.cases import AgainBody, CloseBody
from shared.http import field_errors
from shared.http.field_errors import OTHER, field_of, pattern_rule, rule_of
from tests.contracts.generated import routes_of
from tests.support.built import build_nowhere
from tests.support.serving import app_of

TEXTS = [
    *("", " ", "x", "x" * 5000, "\x00", "\ud800", "NaN", "1.5", "1e400", "9" * 5000, "true", "17", "17.02", "T1"),
    *("2026-13-01", "2026-04-06", "0001-01-01", "99999999-01-01", "2026-04-06T08", "2026-04-06T08:00:00"),
    *("2026-04-06T08:00:00+07:00", "9999-12-31T23:59:59Z", "1999-01-01T00:00:00Z"),
]
NUMBERS = [0, -1, 1.5, 2**63, 10**30, 10**400, -(10**30), 1e300, math.nan, math.inf]
NASTY = [None, True, b"x", b"\xff", [], ["x"], ["x"] * 3000, {}, {"x": 1}, *TEXTS, *NUMBERS]
ENGLISH = ("should", "must", "valid", "input", "field", "value", "least", "most", " or ", "required")


@pytest.fixture(scope="module")
def inputs(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Everything that a caller may send: bodies, their fields at any depth, parameters."""
    found: list[Any] = []
    for name in SERVICES:
        for route in routes_of(app_of(build_nowhere(name, issuer, tmp_path_factory.mktemp("keys")))):
            found += _asked(route.dependant)
    return found


def _asked(asked: Dependant) -> Iterator[Any]:
    for inner in asked.dependencies:
        yield from _asked(inner)
    for field in [*asked.query_params, *asked.path_params, *asked.header_params, *asked.body_params]:
        yield from _parts(_whole(field.field_info))


def _whole(field: FieldInfo) -> Any:
    rules = [*field.metadata, *([Discriminator(field.discriminator)] if field.discriminator else [])]
    return Annotated[(field.annotation, *rules)] if rules else field.annotation


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        if (isinstance(inner, type) and issubclass(inner, BaseModel)) or get_args(inner):
            yield from _parts(inner)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for field in annotation.model_fields.values():
            yield from _parts(_whole(field))


@pytest.fixture(scope="module")
def broken(inputs: list[Any]) -> dict[tuple[str, str], Any]:
    """Every kind of error that a nasty input gets, with an example of each, by kind and pattern."""
    found: dict[tuple[str, str], Any] = {}
    for adapter in map(TypeAdapter, inputs):
        for value in NASTY:
            try:
                adapter.validate_python(value)
            except ValidationError as error:
                for item in error.errors():
                    found.setdefault((item["type"], item.get("ctx", {}).get("pattern", "")), item)
    return found


def test_every_rule_that_can_be_broken_has_a_sentence(inputs: list[Any], broken: dict[tuple[str, str], Any]) -> None:
    assert len(inputs) > 100
    assert len({kind for kind, _ in broken}) > 25
    assert [kind for kind, item in broken.items() if rule_of(item) == OTHER] == []
    sentences = {rule_of(item) for item in broken.values()}
    assert [sentence for sentence in sentences for word in ENGLISH if word in sentence] == []


def test_no_pattern_is_explained_for_nothing(broken: dict[tuple[str, str], Any]) -> None:
    assert set(field_errors.PATTERNS) - {pattern for _, pattern in broken} == set()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ({"type": "string_too_long", "ctx": {"max_length": 120}}, "paling banyak 120 huruf"),
        ({"type": "too_long", "ctx": {"max_length": 2000, "actual_length": 2001}}, "paling banyak 2000 butir"),
        ({"type": "greater_than_equal", "ctx": {"ge": 1}}, "paling kecil 1"),
        ({"type": "enum", "ctx": {"expected": "'L' or 'P'"}}, "harus salah satu dari: 'L' atau 'P'"),
        ({"type": "missing"}, "wajib diisi"),
        ({"type": "a_type_of_tomorrow", "ctx": {"value": "rahasia"}}, OTHER),
        ({"type": "string_pattern_mismatch", "ctx": {"pattern": "^never seen$"}}, OTHER),
    ],
)
def test_a_sentence_names_the_bound(error: dict[str, Any], sentence: str) -> None:
    assert rule_of(error) == sentence


def test_a_line_of_text_is_told_by_its_length() -> None:
    assert pattern_rule(r"^[^\x00-\x1f\x7f]{1,120}$") == "1 sampai 120 huruf dalam satu baris"


@pytest.mark.parametrize(
    ("where", "kind", "field"),
    [
        (("body", "residents", 3, "nik"), "string_too_long", "residents.3.nik"),
        (("query", "limit"), "int_parsing", "limit"),
        (("body",), "missing", "body"),
        (("body", 17), "json_invalid", "body"),
        (("body", "1702061708500001"), "extra_forbidden", "?"),
        (("body", "residents", 0, "\ud800"), "extra_forbidden", "residents.0.?"),
        (("header", "Idempotency-Key"), "uuid_parsing", "Idempotency-Key"),
    ],
)
def test_a_field_is_named_by_path_without_the_callers_own_key(
    where: tuple[str | int, ...], kind: str, field: str
) -> None:
    assert field_of({"type": kind, "loc": where}) == field


@pytest.mark.parametrize(
    ("sent", "field", "rule"),
    [
        ({}, "decision", "wajib diisi"),
        ({"decision": 90.0}, "decision", "harus salah satu dari: 'again', 'close'"),
        ({"decision": "close", "at": "2026-04-06T08:00:00+07:00"}, "reason", "wajib diisi"),
        ({"decision": "close", "at": "", "reason": "MOVED_AWAY"}, "at", "harus waktu dengan zona"),
    ],
)
def test_a_body_of_one_of_two_kinds_names_its_own_fields(sent: dict[str, Any], field: str, rule: str) -> None:
    """Item 11.A6: pydantic puts the name of the kind into the path."""
    with pytest.raises(ValidationError) as found:
        TypeAdapter(Annotated[AgainBody | CloseBody, Discriminator("decision")]).validate_python(sent)
    errors = [{**error, "loc": ("body", *error["loc"])} for error in found.value.errors()]
    (told,) = [rule_of(error) for error in errors if field_of(error, sent) == field]
    assert told.startswith(rule)
