"""What is sealed opens for its case and its key only; keyrings are read as they are written."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.domain.people import Person, Reason, Sex
from services.requests.encryption import (
    BlindIndexes,
    DataKey,
    DataKeys,
    MasterKeys,
    UnknownDataKey,
    UnknownMasterKey,
    add_master_key,
)
from services.requests.encryption.master_keys import UNNAMED
from services.requests.encryption.store.data_keys import ACTIVE, INDEX, PERSON, RETIRING
from shared.contract.ids import new_id
from shared.security.encryption import InvalidTag, encode_key, new_key

KEYRING = MasterKeys({"satu": b"m" * 32})
NIK = "1702065708500001"
SEALED_BY_0_1_0 = (
    "ce35adf81bcd163eae26d0fad2a044750674d65c49cfb2a2f7cba8350ac36db2bae3029537b8e6173b16029b9febfa365c8f"
    "b2f8eea1dfbac51a39ecef37d8dba0a494d512003a053675e88db5b6aaf7eadc1531cbdca6402bc469607eab2516a6db66e5"
    "779b109ed662479e632234e159e3d70c6b06e7f1131ac78e5bf93d75965ed2b52f0927298e68db8ee77d1fa4a44fc1b27389"
    "c068941b8f7e5c0bbc2211905fe2abeb2e941fb04e0e5a99cd31b1"
)
NIK_BY_0_1_0 = "eb0fa732d2d72cef8f9302fdcd6f0d62fb97450ef0628f63e2903e2d569781c5"


def wrapped(key_id: int, purpose: str, *, slot: str | None = None, state: str = ACTIVE, key: bytes = b"k") -> DataKey:
    return DataKey(key_id, purpose, slot, state, *KEYRING.wrap(key_id, key * 32))


def keys(*more: DataKey) -> DataKeys:
    return DataKeys(1, [wrapped(2, PERSON), wrapped(3, INDEX, slot="a"), *more], KEYRING)


@given(st.text(min_size=1), st.dates(), st.sampled_from(Sex), st.sampled_from(Reason), st.none() | st.text())
def test_what_is_sealed_opens_for_its_case_and_key_only(
    name: str, born: date, sex: Sex, reason: Reason, nik: str | None
) -> None:
    vault, case_id, secret = keys(), new_id(), Person(name, born, sex, reason, name, nik, None)
    sealed = vault.seal(case_id, secret)
    assert vault.open(case_id, 2, sealed) == secret
    assert vault.seal(case_id, secret) != sealed
    for case, content in [(new_id(), sealed), (case_id, sealed[:-1] + bytes([sealed[-1] ^ 1]))]:
        with pytest.raises(InvalidTag):
            vault.open(case, 2, content)
    twin = keys(wrapped(4, PERSON, key=b"k"))
    with pytest.raises(InvalidTag):  # the same bytes of a key under another id
        twin.open(case_id, 4, sealed)
    with pytest.raises(UnknownDataKey):
        vault.open(case_id, 9, sealed)


def test_while_index_keys_rotate_both_are_written_and_searched() -> None:
    before, after = keys(), keys(wrapped(5, INDEX, slot="b", key=b"n"))
    assert before.nik_indexes(NIK) == BlindIndexes(before.niks(NIK)[0], None)
    assert after.nik_indexes(NIK) == BlindIndexes(*after.niks(NIK))
    assert after.nik_indexes(NIK).a == before.nik_indexes(NIK).a
    assert after.nik_indexes(None) == BlindIndexes(None, None)
    assert after.day_index(date(2026, 1, 1)) in after.days([date(2026, 1, 1)])
    at_the_end = DataKeys(
        2, [wrapped(2, PERSON), wrapped(3, INDEX, slot="a", state=RETIRING), wrapped(5, INDEX, slot="b")], KEYRING
    )
    assert at_the_end.nik_indexes(NIK).a is None


def test_a_data_key_wrapped_as_another_does_not_unwrap() -> None:
    found = wrapped(2, PERSON)
    with pytest.raises(InvalidTag):
        KEYRING.unwrap("satu", 3, found.wrapped or b"")
    with pytest.raises(UnknownMasterKey, match="dua"):
        KEYRING.unwrap("dua", 2, found.wrapped or b"")


def test_a_keyring_keeps_its_lines_and_wraps_by_the_last(tmp_path: Path) -> None:
    file = tmp_path / "person.key"
    file.write_text(encode_key(new_key()))  # as version 0.1.0 wrote it: no id, no line end
    assert MasterKeys.load(file).current == UNNAMED
    add_master_key(file, "2026-11")
    found = MasterKeys.load(file)
    assert (found.names, found.current) == ([UNNAMED, "2026-11"], "2026-11")
    with pytest.raises(ValueError, match="2026-11"):
        add_master_key(file, "2026-11")


@pytest.mark.parametrize("content", ["", "# nothing", "a:AAAA", "a:?", f"a:{'A' * 43}=\na:{'B' * 43}=", "b c:AAAA"])
def test_what_is_no_keyring_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "person.key"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"person|base64|bytes"):
        MasterKeys.load(file)


def test_the_key_of_0_1_0_opens_what_it_sealed() -> None:
    """The bytes were sealed by that version, under the key of 32 k."""
    old = DataKeys(
        1,
        [DataKey(0, PERSON, None, ACTIVE, None, None), DataKey(1, INDEX, "a", ACTIVE, None, None)],
        MasterKeys({UNNAMED: b"k" * 32}),
    )
    assert old.open(UUID(int=1), 0, bytes.fromhex(SEALED_BY_0_1_0)).nik == NIK
    assert old.niks(NIK) == [bytes.fromhex(NIK_BY_0_1_0)]


def test_an_older_process_reads_an_unknown_reason_as_other() -> None:
    """12.B3: during an upgrade it runs beside this one, and must open whoever was filed as a pupil."""
    vault, case_id = keys(), new_id()
    pupil = Person("Siti reason_now Sintetis", date(2009, 3, 4), Sex.FEMALE, Reason.PUPIL, "Jalan", None, None)
    sealed = vault.seal(case_id, pupil)
    older = json.loads(vault.open_value(case_id, 2, sealed))
    assert older["reason"] == "lainnya"
    assert vault.open(case_id, 2, sealed) == pupil
    ill = replace(pupil, reason=Reason.ILL)
    assert vault.open(case_id, 2, vault.seal(case_id, ill)) == ill
