"""12.B3: which rows of a list a drive has already."""

from services.requests.store.lists.drive_residents import DriveResident
from services.requests.usecases.importing import stored_before

A, B, C = b"a", b"b", b"c"


def test_a_nik_decides_before_a_likeness() -> None:
    """12.B3: of two pupils of one name and birthday each stands for one row."""
    residents = [DriveResident((), A, False), DriveResident((B,), A, False)]
    assert stored_before(residents, {3: [B]}, {2: [A], 3: [A]}) == {2: False, 3: False}
    assert stored_before(residents, {2: [B]}, {2: [A], 3: [A], 4: [A]}) == {2: False, 3: False}


def test_another_nik_is_another_person() -> None:
    """12.B3: whatever they are called; without a NIK the likeness counts."""
    residents = [DriveResident((B,), A, False)]
    assert stored_before(residents, {2: [C]}, {2: [A]}) == {}
    assert stored_before(residents, {}, {2: [A]}) == {2: False}
    assert stored_before([DriveResident((), A, False)], {2: [C]}, {2: [A]}) == {2: False}


def test_who_was_withdrawn_is_told_apart() -> None:
    """12.B3: they do not come back with the list."""
    assert stored_before([DriveResident((), A, True), DriveResident((), B, False)], {}, {2: [A], 3: [B]}) == {
        2: True,
        3: False,
    }


def test_one_nik_twice_in_a_list_is_one_resident() -> None:
    """12.B3: the second row is wrong by itself, and stays so."""
    assert stored_before([DriveResident((B,), A, False)], {2: [B], 3: [B]}, {2: [A], 3: [A]}) == {2: False}
