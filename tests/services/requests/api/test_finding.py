"""A person is found by words, within the wilayah; what is kept for it tells nothing, and goes with the person."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from structlog.testing import capture_logs

from ops.system import Issuer
from services.requests import encryption, privacy
from services.requests.encryption import Vault
from services.requests.maintenance import erase_person
from services.requests.privacy import ErasureGround
from services.requests.store import audit
from shared.reference.regions import kelurahan_of
from shared.security.auth import Identity, Role
from tests.services.requests.desk import KELURAHAN, MORNING, Desk, browser, letter, resident

NEXT_DOOR = "17.02.06.1015"
ELSEWHERE = kelurahan_of("17.71")[0].code
NIK = "1702065708500001"
WHO = Identity.of("penguji", Role.OPERATOR, "17.02")


@pytest.fixture
def look(desk: Desk, issuer: Issuer) -> Callable[..., Any]:
    """`await look("siti")`: the numbers of the letters that the list shows then, the newest first."""

    async def found(typed: str, role: Role = Role.OPERATOR, wilayah: str = "17.02", **filters: str) -> list[str]:
        page = await opened(desk, issuer, typed, role, wilayah, **filters)
        return re.findall(r'<a href="/permohonan/[0-9a-f-]{36}">([^<]+)</a>', page.text)

    return found


async def opened(
    desk: Desk, issuer: Issuer, typed: str, role: Role = Role.OPERATOR, wilayah: str = "17.02", **filters: str
) -> httpx.Response:
    """The page of a search, as the form brings a browser there."""
    headers = browser(issuer, Identity.of("penguji", role, wilayah))
    sent = await desk.http.post("/permohonan", data={"q": typed, **filters}, headers=headers)
    assert sent.status_code == 303, sent.text
    # A tracking code names nobody, and stands there as it does in a link.
    assert "?q=" in sent.headers["Location"] or not any(
        # A shorter one may stand in what is sealed by chance.
        word.lower() in sent.headers["Location"].lower()
        for word in typed.split()
        if len(word) > 5
    )
    page = await desk.http.get(sent.headers["Location"], headers=headers)
    assert page.status_code == 200
    return page


async def filed(desk: Desk, number: str, *residents: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return await desk.file(*residents, **{"letter": {"number": number, "date": "2026-11-23"}, **fields})


async def test_by_name_nik_phone_institution_letter_and_code(desk: Desk, look: Callable[..., Any]) -> None:
    siti = resident(name="Hj. Siti Aminah, S.Pd", nik=NIK, phone="0812-0000-4321")
    made = await filed(desk, "470/012/RT.03/XI", siti)
    await filed(desk, "470/013/RT.04/XI", resident(name="Moch. Soetrisno"))
    await desk.drive(resident(name="Budi"), letter={"number": "421/077", "date": "2026-11-23"})
    for typed in (
        *("siti aminah", "Aminah, Siti", "bu siti", "sitti", "amin", NIK, "1702 0657 0850 0001"),
        *("4321", "081200004321", "siti 4321", "012/rt.03", "470/012", made["cases"][0]["tracking"]),
    ):
        assert (typed, await look(typed)) == (typed, ["470/012/RT.03/XI"])
    assert await look("muhammad sutrisno") == ["470/013/RT.04/XI"]
    assert await look("sma sintetis") == ["421/077"]
    assert await look("rt") == ["470/013/RT.04/XI", "470/012/RT.03/XI"]
    for nobody in ("siti fatimah", "1702065708500002", "4329", "aminah 4329", "470/099"):
        assert (nobody, await look(nobody)) == (nobody, [])


async def test_only_within_the_wilayah_and_only_who_may_read(desk: Desk, look: Callable[..., Any]) -> None:
    await filed(desk, "470/A", resident())
    await filed(desk, "470/B", resident(), kelurahan=NEXT_DOOR)
    answer = await desk.post(
        "/requests", letter(letter={"number": "470/C", "date": "2026-11-23"}, kelurahan=ELSEWHERE), wilayah="17.71"
    )
    assert answer.status_code == 201
    assert await look("siti") == ["470/B", "470/A"]
    assert await look("siti", wilayah=KELURAHAN) == ["470/A"]
    assert await look("siti", wilayah="17") == ["470/C", "470/B", "470/A"]
    assert await look("siti", Role.PROVINCIAL, "17") == []
    assert await look("470 b", Role.PROVINCIAL, "17") == ["470/B"]


async def test_a_search_is_one_row_of_the_audit_that_names_no_words(desk: Desk, look: Callable[..., Any]) -> None:
    made = await filed(desk, "470/A", resident(), resident(name="Siti Rahma"), resident(name="Budi"))
    await look("siti")
    [noted] = await desk.rows("select act, purpose, actor, wilayah, opened from person_access")
    assert (noted["act"], noted["purpose"], noted["wilayah"]) == ("searched", "pencarian", "17.02")
    assert sorted(map(str, noted["opened"])) == sorted(made["case_ids"][:2])
    assert "siti" not in str(await desk.rows("select * from person_access")).lower()
    await look("nobody")
    assert len(await desk.rows("select from person_access")) == 1
    await privacy.seal_audit(desk.db)
    async with desk.db.connection() as conn:
        assert [entry.act for entry in await audit.of_case(conn, UUID(made["case_ids"][0]))] == ["searched"]
        assert not await audit.of_case(conn, UUID(made["case_ids"][2]))


async def test_nothing_that_was_typed_is_logged(desk: Desk, look: Callable[..., Any]) -> None:
    await filed(desk, "470/A", resident(nik=NIK))
    with capture_logs() as logs:
        assert await look("siti sintetis") == ["470/A"]
        assert await look(NIK) == ["470/A"]
    assert "sintetis" not in str(logs).lower()
    assert NIK not in str(logs)


async def test_an_address_of_somebody_else_finds_nothing_of_theirs(desk: Desk, issuer: Issuer) -> None:
    await filed(desk, "470/A", resident())
    page = await opened(desk, issuer, "siti sintetis")
    headers = browser(issuer, Identity.of("lain", Role.OPERATOR, "17.02"))
    query = parse_qs(urlsplit(str(page.request.url)).query)
    other = await desk.http.get("/permohonan", params={"cari": query["cari"][0]}, headers=headers)
    assert "sintetis" not in other.text.lower().replace("sma sintetis", "")
    assert (await desk.http.get("/permohonan", params={"cari": "x"}, headers=headers)).status_code == 200


async def test_the_page_says_what_it_understood_and_keeps_the_filters(desk: Desk, issuer: Issuer) -> None:
    page = await opened(desk, issuer, "Bu Siti Aminah kemarin", stage="filed")
    assert "nama mengandung siti, aminah; atau nomor surat" in page.text
    assert "diajukan kemarin" in page.text
    assert {"stage": ["filed"], "filed": ["yesterday"]}.items() <= parse_qs(
        urlsplit(str(page.request.url)).query
    ).items()
    assert 'value="Bu Siti Aminah"' in page.text


async def test_by_the_day_of_filing(desk: Desk, look: Callable[..., Any]) -> None:
    await filed(desk, "470/KEMARIN", resident(), at="2026-11-23T23:30:00+07:00")
    await filed(desk, "470/INI", resident(), at=MORNING)
    await desk.tick("2026-11-24T10:00:00+07:00")
    assert await look("siti kemarin") == ["470/KEMARIN"]
    assert await look("hari ini") == ["470/INI"]
    assert await look("", filed="week") == ["470/INI", "470/KEMARIN"]
    items = (await desk.get("/requests", filed="yesterday")).json()["items"]
    assert [each["letter_number"] for each in items] == ["470/KEMARIN"]


async def test_a_correction_is_found_and_the_name_of_before_is_not(desk: Desk, look: Callable[..., Any]) -> None:
    made = await filed(desk, "470/A", resident())
    answer = await desk.patch(f"/requests/{made['request_id']}/cases/{made['case_ids'][0]}", {"name": "Fatimah"})
    assert answer.status_code == 200, answer.text
    assert await look("fatimah") == ["470/A"]
    assert await look("siti") == []


async def test_everybody_is_found_while_the_index_key_changes(desk: Desk, look: Callable[..., Any]) -> None:
    await filed(desk, "470/A", resident())
    before = await desk.rows("select words from person")
    await encryption.rotate_index_key(
        desk.db, Vault(desk.vault._file)
    )  # another process: this one has seen the old key
    assert await look("siti") == ["470/A"]
    assert await desk.rows("select words from person") != before
    await filed(desk, "470/B", resident())
    assert await look("siti") == ["470/B", "470/A"]
    await encryption.rotate_data_key(desk.db, desk.vault)
    assert await look("siti") == ["470/B", "470/A"]


async def test_what_an_older_version_filed_or_corrected_is_filled_in(desk: Desk, look: Callable[..., Any]) -> None:
    for n in range(5):
        await filed(desk, f"470/{n}", resident())
    await desk.rows("update person set words = null")
    assert await look("siti") == []
    assert await encryption.backfill_word_index(desk.db, desk.vault, batch=2) == 5
    assert len(await look("siti")) == 5
    assert await encryption.backfill_word_index(desk.db, desk.vault) == 0
    # As an older version corrects a person: with the sealed value, and without the words.
    await desk.rows("update person set sealed = sealed || 'x', twin_index = twin_index")
    assert {row["words"] for row in await desk.rows("select words from person")} == {None}
    # What does not open stays aside, and stops nobody.
    assert await encryption.backfill_word_index(desk.db, desk.vault, batch=2) == 0


async def test_words_are_few_bits_under_a_key_of_each_office(desk: Desk) -> None:
    await filed(desk, "470/A", resident(), resident())
    await desk.post("/requests", letter(kelurahan=ELSEWHERE), wilayah="17.71")
    one, two, other = [set(row["words"]) for row in await desk.rows("select words from person order by case_id")]
    assert one == two
    assert not one & other
    assert all(0 <= word < 2**24 for word in one)


async def test_the_words_go_with_the_person(desk: Desk, look: Callable[..., Any]) -> None:
    made = await filed(desk, "470/A", resident(), documents_complete=False)
    async with desk.db.transaction() as conn:
        case_id, at = UUID(made["case_ids"][0]), datetime.fromisoformat(MORNING)
        await erase_person(conn, WHO, case_id, ErasureGround.RESIDENT, withdraw_at=at)
    assert await desk.rows("select from person where words is not null") == []
    assert await look("siti") == []


async def test_names_of_a_page_are_one_look(desk: Desk) -> None:
    made = await filed(desk, "470/A", resident(), resident(name="Budi"))
    answer = await desk.post("/cases/names", {"cases": made["case_ids"]})
    assert answer.json() == {"names": dict(zip(made["case_ids"], ["Siti Sintetis", "Budi"], strict=True))}
    [noted] = await desk.rows("select act, purpose, opened from person_access")
    assert (noted["act"], noted["purpose"], len(noted["opened"])) == ("listed", "pencarian", 2)
    # Beyond the wilayah nobody is named, and the attempt is written down.
    other = await desk.post("/cases/names", {"cases": made["case_ids"]}, wilayah="17.71")
    assert other.json() == {"names": {}}
    assert [row["act"] for row in await desk.rows("select act from person_access order by id")] == [
        *("listed", "refused", "refused")
    ]
    assert (await desk.post("/cases/names", {"cases": made["case_ids"]}, Role.PROVINCIAL, "17")).status_code == 403
    assert (await desk.post("/cases/names", {"cases": []})).status_code == 422


async def test_the_detail_page_asks_for_names_and_has_none(desk: Desk, issuer: Issuer) -> None:
    made = await filed(desk, "470/A", resident())
    headers = browser(issuer, WHO)
    page = await desk.http.get(f"/permohonan/{made['request_id']}", headers=headers)
    assert page.status_code == 200
    assert f'data-cases="{made["case_ids"][0]}"' in page.text
    assert "Siti" not in page.text
