"""The family's code: what is copied wrong is found, what is copied loosely is read, and the check is Luhn's."""

from time import perf_counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum import luhn

from services.requests.domain.tracking.codes import (
    ALPHABET,
    LENGTH,
    CodeError,
    Misread,
    new_code,
    read,
    shown,
)
from shared.problems import Invalid

PAYLOADS = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)
CODES = PAYLOADS.map(lambda payload: payload + str(luhn.calc_check_digit(payload, ALPHABET)))


def test_a_new_code_is_one_by_the_library() -> None:
    codes = {new_code() for _ in range(2_000)}
    assert len(codes) == 2_000
    for code in codes:
        assert code[-1] == luhn.calc_check_digit(code[:-1], ALPHABET)
        assert read(code) == code
    assert {symbol for code in codes for symbol in code} == set(ALPHABET)


def test_ten_thousand_codes_cost_little() -> None:
    began = perf_counter()
    for _ in range(10_000):
        new_code()
    assert perf_counter() - began < 0.5


@given(CODES, st.data())
def test_every_single_wrong_symbol_is_found(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, LENGTH - 1))
    for symbol in set(ALPHABET) - {code[place]}:
        with pytest.raises(Misread) as found:
            read(code[:place] + symbol + code[place + 1 :])
        assert found.value.slip is CodeError.CHECK


@given(CODES)
@example("0Z" + "0" * 8 + str(luhn.calc_check_digit("0Z" + "0" * 8, ALPHABET)))
def test_every_two_neighbours_swapped_are_found_but_0_with_z(code: str) -> None:
    for place in range(LENGTH - 1):
        a, b = code[place], code[place + 1]
        swapped = code[:place] + b + a + code[place + 2 :]
        if a == b or {a, b} == {"0", "Z"}:
            assert read(swapped) == swapped
        else:
            with pytest.raises(Misread):
                read(swapped)


@given(CODES, st.data())
def test_loose_writing_is_read(code: str, data: st.DataObject) -> None:
    assert read(shown(code)) == code
    assert len(shown(code)) == LENGTH + 2
    loose = "".join(
        data.draw(st.sampled_from(["", " ", "-", "\u2013"])) + data.draw(st.sampled_from(_ways(symbol)))
        for symbol in code
    )
    assert read(f" {loose}\n") == code


def _ways(symbol: str) -> list[str]:
    alike = {"1": ["I", "i", "L", "l"], "0": ["O", "o"]}.get(symbol, [])
    return [symbol, symbol.lower(), *alike]


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("", CodeError.LENGTH),
        ("7KQ4-M2XD-9F", CodeError.LENGTH),
        ("7KQ4-M2XD-9FCC", CodeError.LENGTH),
        ("UKQ4-M2XD-9FC", CodeError.SYMBOL),
        ("7KQ4-M2XD-9F\u00df", CodeError.LENGTH),  # "SS" in capitals
        ("7KQ4-M2XD-9F\u0661", CodeError.SYMBOL),
    ],
)
def test_what_can_be_no_code_says_why(text: str, slip: CodeError) -> None:
    with pytest.raises(Invalid) as found:
        read(text)
    assert isinstance(found.value, Misread)
    assert found.value.slip is slip
    assert (found.value.status, found.value.field) == (422, "kode")
    assert "periksa lagi slipnya" in found.value.detail
