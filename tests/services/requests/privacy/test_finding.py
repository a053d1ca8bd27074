"""The privacy grep itself: it finds a value in every shape it is written in, and nothing where nothing is."""

import pytest

from tests.privacy.finding import finds, whose
from tests.privacy.people import BRAMANTIO, ZULAIKHA


@pytest.mark.parametrize(
    "text",
    [
        '{"nik": "1702065903480017"}',
        "nik=1702 0659 0348 0017",
        "\\x31373032303635393033343830303137",
        "GET /x?nama=zulaikhafirda+wongsodirjo",
        "GET /x?alamat=Jalan%20Kemuningwangi%20No.%2077",
        "WONGSODIRJO",
        "lahir 19 Maret 1948",
        "19/03/1948",
        "1948-03-19",
        "+6281277889911",
        "0812 7788 9911",
    ],
)
def test_a_value_is_found_in_any_shape(text: str) -> None:
    found = finds([f"before {text} after"])
    assert whose(found, ZULAIKHA)
    assert not whose(found, BRAMANTIO)


def test_words_that_stand_for_nobody_are_no_find() -> None:
    assert finds(["Jalan Sintetis No. 1", "1702065903480018", "81277889912", "1948-03-18"]) == []
