"""The family's page: the right pair is answered without a name; whoever guesses learns nothing, and soon waits."""

import re
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from services.requests.domain.tracking.codes import new_code, read, shown
from shared.contract.events import PrintCompleted, RecordCaptured, VisitCompleted, VisitDeferred, VisitScheduled
from shared.contract.fields import DeferralReason, Outcome
from shared.contract.ids import new_id
from tests.services.requests.desk import KELURAHAN, Desk, fact, resident
from tests.services.requests.tracked import DIGITS, NIK, PHONE, Case, ask, caller, case_of, filed, forget_code

At = Callable[[str], httpx.AsyncClient]
NO_MATCH = "Kode atau nomor tidak cocok."
WAIT = "Terlalu banyak percobaan."


@pytest.fixture
def at(desk: Desk) -> At:
    """Callers by their address."""
    return partial(caller, desk)


def visit(case: Case, outcome: Outcome | None = None) -> VisitScheduled | VisitCompleted:
    begins, ends = "2026-11-26T09:00:00+07:00", "2026-11-26T09:30:00+07:00"
    common = {"kelurahan": KELURAHAN, "team": "T1", "visit_id": new_id()}
    if outcome is None:
        return fact(VisitScheduled, case.case_id, starts_at=begins, ends_at=ends, **common)  # type: ignore[return-value]
    return fact(VisitCompleted, case.case_id, outcome=outcome, at=ends, **common)  # type: ignore[return-value]


async def test_the_first_sentence_answers_the_question_at_every_stage(desk: Desk, at: At) -> None:
    case, http = await filed(desk), at("192.0.2.1")

    async def sentence() -> str:
        answer = await ask(http, case.code)
        assert answer.status_code == 200, answer.text
        found = re.search(r'<h1 class="answer">(.*?)</h1>', answer.text)
        assert found
        return found[1].replace("\N{WORD JOINER}", "").replace("\N{NO-BREAK SPACE}", " ")

    await desk.tick("2026-11-24T10:00:00+07:00")
    by = "Rab, 25 Nov 2026 09.00 WIB"
    assert await sentence() == f"Permohonan diterima; jadwal kunjungan diberitahukan paling lambat {by}."
    await desk.takes((1, fact(VisitDeferred, case.case_id, reason=DeferralReason.NO_TEAM_WITH_SKILL)))
    assert await sentence() == "Kunjungan belum terjadwal: belum ada tim yang kosong."
    await desk.takes((2, visit(case)))
    assert await sentence() == "Petugas datang Kam, 26 Nov 2026 08.00–12.00 WIB."
    await desk.tick("2026-11-26T12:00:01+07:00")
    assert "sudah lewat; hasilnya belum dicatat" in await sentence()
    await desk.takes((3, visit(case, Outcome.RELAPSED)))
    assert await sentence() == "Petugas sudah datang; perekaman belum berhasil."
    await desk.takes((4, fact(RecordCaptured, case.case_id, visit_id=new_id())))
    assert await sentence() == "Perekaman selesai; KTP-el menunggu dicetak."
    await desk.takes((5, fact(PrintCompleted, case.case_id, print_id=new_id(), station="P1", serial="BL000001")))
    assert await sentence() == "KTP-el sudah dicetak; menunggu diserahkan."


async def test_papers_that_lack_are_named(desk: Desk, at: At) -> None:
    lost = resident(phone=PHONE, service="lost", documents=["kk"])
    case = case_of(await desk.file(lost, documents_complete=False))
    answer = await ask(at("192.0.2.1"), case.code)
    assert "Belum lengkap. Tunjukkan ke kelurahan: Surat kehilangan dari kepolisian." in answer.text
    assert answer.text.count("belum ada di kelurahan") == 1
    assert "Kartu keluarga (KK)" in answer.text


async def test_code_and_digits_are_taken_as_people_write_them(desk: Desk, at: At) -> None:
    case, http = await filed(desk), at("192.0.2.1")
    for code in (shown(case.code), case.code.lower(), f" {case.code[:5]} {case.code[5:]} "):
        assert (await ask(http, code, f" {DIGITS} ")).status_code == 200


async def test_nobody_is_named_and_no_code_stands_in_an_address(desk: Desk, at: At) -> None:
    case = case_of(await desk.file(resident(phone=PHONE, nik=NIK)))
    answer = await ask(at("192.0.2.1"), case.code, bahasa="en")
    assert "The request is accepted" in answer.text
    for secret in ("Siti", "Sintetis", NIK, PHONE, PHONE[-8:], "1950", "lansia", "Elderly"):
        assert secret not in answer.text
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)
    assert not any(case.code in each or DIGITS in each for each in addresses if not each.startswith("/web/"))
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "same-origin")
    assert await desk.rows("select from person_access") == []


async def test_what_can_be_no_code_is_told_at_once_and_is_no_guess(desk: Desk, at: At) -> None:
    case, http = await filed(desk), at("192.0.2.1")
    slip = case.code[:-1] + ("0" if case.code[-1] != "0" else "1")
    for _ in range(20):
        answer = await ask(http, slip)
        assert (answer.status_code, slip in answer.text) == (422, True)  # what was typed is kept
        assert "Satu huruf atau angka keliru" in answer.text
    for digits in ("", "12", "12a4", "+628", "١٢٣٤"):
        assert (await ask(http, case.code, digits)).status_code == 422
    assert (await http.post("/lacak", content=b"\xff&&==")).status_code == 422
    assert (await ask(http, case.code)).status_code == 200


async def test_which_of_the_two_is_wrong_is_not_told(desk: Desk, at: At) -> None:
    case, silent, gone = await filed(desk), await filed(desk, phone=None), await filed(desk)
    async with desk.db.transaction() as conn:
        await conn.execute("delete from person where case_id = $1", gone.case_id)
    bodies = set()
    for code, digits in ((new_code(), DIGITS), (case.code, "9999"), (silent.code, DIGITS), (gone.code, DIGITS)):
        answer = await ask(at("192.0.2.1"), code, digits)
        assert answer.status_code == 404
        bodies.add(answer.text.replace(shown(code), "").replace(digits, ""))
    assert len(bodies) == 1
    assert NO_MATCH in bodies.pop()
    assert (await ask(at("192.0.2.1"), silent.code, "----")).status_code == 422


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://requests"}, True),  # a browser of before 2020
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://lain.example"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://lain.requests"}, False),
        ({"Origin": "https://lain.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
async def test_a_form_from_another_site_is_refused_and_is_no_guess(
    desk: Desk, at: At, headers: dict[str, str], taken: bool
) -> None:
    case, http = await filed(desk), at("192.0.2.5")
    http.headers.pop("sec-fetch-site")
    wrong = [
        (await http.post("/lacak", data={"kode": case.code, "angka": "0000"}, headers=headers)).status_code
        for _ in range(6)
    ]
    assert wrong == ([404] * 5 + [429] if taken else [403] * 6)
    assert (await ask(at("192.0.2.6"), case.code)).status_code == (429 if taken else 200)
    assert (await http.get("/lacak", headers=headers)).status_code == 200  # a link may lead here


async def test_cases_of_older_versions_get_a_code_at_a_tick(desk: Desk, at: At) -> None:
    old = [await filed(desk) for _ in range(3)]
    new = await filed(desk)
    for case in old:
        await forget_code(desk, case)
    await desk.tick("2026-11-24T10:00:00+07:00")
    codes = {str(row["id"]): row["tracking"] for row in await desk.rows("select id, tracking from case_file")}
    assert codes[new.case_id] == new.code
    assert len(set(codes.values())) == 4
    for case in old:
        assert read(codes[case.case_id]) == codes[case.case_id]
        assert (await ask(at("192.0.2.1"), codes[case.case_id])).status_code == 200
    await desk.tick("2026-11-24T11:00:00+07:00")
    assert {str(row["id"]): row["tracking"] for row in await desk.rows("select id, tracking from case_file")} == codes


async def test_a_tick_waits_for_no_case_that_a_command_holds(desk: Desk) -> None:
    held, free = await filed(desk), await filed(desk)
    for case in (held, free):
        await forget_code(desk, case)
    async with desk.db.transaction() as conn:
        await conn.execute("select from case_file where id = $1 for update", held.case_id)
        await desk.tick("2026-11-24T10:00:00+07:00")
        [row] = await desk.rows("select tracking from case_file where id = $1", free.case_id)
        assert row["tracking"]
    await desk.tick("2026-11-24T10:01:00+07:00")
    assert await desk.rows("select from case_file where tracking is null") == []
