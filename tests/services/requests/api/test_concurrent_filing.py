"""Letters filed at the same time: each is answered as if it had been filed alone."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contract.ids import new_id
from tests.services.requests.desk import Desk, letter, resident

KELURAHAN = ("17.02.06.1004", "17.02.06.1015")


@dataclass(frozen=True)
class Try:
    """A letter as somebody sends it: under a key, with a NIK or without, some to be told apart, some the same."""

    key: UUID
    niks: tuple[int | None, ...]
    number: int
    day: int

    def body(self, world: int) -> dict[str, Any]:
        """In the first world or the second, which have no resident in common."""
        people = [
            resident(
                name=f"Orang Sintetis {self.number}",
                birth_date=f"19{50 + world}-08-{self.day:02}",
                nik=_nik(n, world),
            )
            for n in self.niks
        ]
        return letter(*people, kelurahan=KELURAHAN[world], letter={"number": f"{self.number}", "date": "2026-11-23"})


def _nik(number: int | None, world: int) -> str | None:
    return None if number is None else f"17020657085{world}{number:04}"


def tries(random: Random, count: int = 60) -> list[Try]:
    """Letters with keys used again, for the same letter or another, and NIK that come twice."""
    made: list[Try] = []
    for number in range(count):
        niks = tuple(random.choice([None, random.randint(1, 25)]) for _ in range(random.randint(1, 3)))
        niks = tuple(dict.fromkeys(niks)) if None not in niks else niks[:1]
        one = Try(new_id(), niks, number, random.randint(1, 9))
        if made and random.random() < 0.3:
            before = random.choice(made)
            # A refused letter leaves its key free: who then takes it, at once, is nobody's to say.
            other = before.niks == one.niks == (None,)
            one = replace(one, key=before.key) if other else before
        made.append(one)
    return made


async def send(desk: Desk, one: Try, world: int) -> httpx.Response:
    return await desk.post("/requests", one.body(world), key=UUID(int=one.key.int ^ world))


def kinds(answers: Sequence[httpx.Response]) -> list[tuple[int, ...]]:
    return [(answer.status_code, len(answer.json().get("cases", []))) for answer in answers]


async def stored(desk: Desk, world: int) -> list[Any]:
    """Every letter that was filed, with its residents and events in order."""
    rows = await desk.rows(
        "select r.letter_number, r.stage, count(c.id) as cases, count(p.nik_index) as niks,"
        " (select array_agg(split_part(headers, E'\\n', 5) order by id)"
        " from outbox o where o.key = r.id::text) as told,"
        " (select array_agg(sequence order by id) from outbox o where o.key = r.id::text) as sequences"
        " from request r join case_file c on c.request_id = r.id join person p on p.case_id = c.id"
        " where r.kelurahan = $1 group by r.id order by r.letter_number",
        KELURAHAN[world],
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("seed", range(4))
async def test_concurrent_filings_end_as_sequential_ones(desk: Desk, seed: int) -> None:
    sent = tries(Random(seed))  # noqa: S311
    at_once = await asyncio.gather(*(send(desk, one, 0) for one in sent))
    # Whoever was taken at once goes first one by one too.
    order = sorted(range(len(sent)), key=lambda number: at_once[number].status_code)
    alone = {number: await send(desk, sent[number], 1) for number in order}
    assert kinds(at_once) == kinds([alone[number] for number in range(len(sent))])
    assert {201, 409, 422} <= {answer.status_code for answer in at_once}
    assert await stored(desk, 0) == await stored(desk, 1)
    by_key: dict[UUID, set[str]] = defaultdict(set)
    for one, answer in zip(sent, at_once, strict=True):
        if answer.status_code == 201:
            by_key[one.key].add(answer.text)
    assert all(len(texts) == 1 for texts in by_key.values()), "a key has one answer"
    assert len(await stored(desk, 0)) == len(by_key)
    again = await asyncio.gather(*(send(desk, one, 0) for one in sent))
    assert kinds(again) == kinds(at_once)


async def test_an_unexpected_error_fails_one_letter_only(desk: Desk) -> None:
    await desk.rows(
        "create function refuse() returns trigger language plpgsql as"
        " $$ begin if new.letter_number = '13' then raise exception 'no'; end if; return new; end $$"
    )
    await desk.rows("create trigger refuse before insert on request for each row execute function refuse()")
    sent = [Try(new_id(), (None,), number, 1 + number) for number in range(8)] + [Try(new_id(), (None,), 13, 20)]
    answers = await asyncio.gather(*(send(desk, one, 0) for one in sent))
    assert Counter(answer.status_code for answer in answers) == {201: 8, 500: 1}
    assert answers[-1].status_code == 500
    assert len(await stored(desk, 0)) == 8


async def test_lost_commits_answer_503_and_a_retry_files_once(desk: Desk) -> None:
    sent = [Try(new_id(), (number,), number, number) for number in range(1, 9)]
    # Each commit that wrote a letter loses its connection: whether it was committed is not known.
    await desk.rows(
        "create function cut() returns trigger language plpgsql as"
        " $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$"
    )
    await desk.rows(
        "create constraint trigger cut after insert on request deferrable initially deferred"
        " for each row execute function cut()"
    )
    answers = await asyncio.gather(*(send(desk, one, 0) for one in sent))
    assert {answer.status_code for answer in answers} == {503}
    await desk.rows("drop trigger cut on request")
    answers = await asyncio.gather(*(send(desk, one, 0) for one in [*sent, *sent]))
    assert {answer.status_code for answer in answers} == {201}
    assert len(await stored(desk, 0)) == len(sent)


async def test_a_drive_is_stored_after_a_key_rotation(desk: Desk) -> None:
    await desk.rows("update sealing set generation = generation + 1")
    filed = await asyncio.gather(*(desk.drive() for _ in range(3)))
    for each in filed:
        assert (await desk.get(f"/requests/{each['request_id']}")).status_code == 200


async def test_a_similar_person_is_filed_with_a_warning(desk: Desk) -> None:
    first = await desk.post("/requests", letter(resident()))
    alike, other = await asyncio.gather(
        desk.post("/requests", letter(resident(), letter={"number": "2", "date": "2026-11-23"})),
        desk.post(
            "/requests",
            letter(
                resident(name="Lain Sintetis", birth_date="1950-08-18"), letter={"number": "3", "date": "2026-11-23"}
            ),
        ),
    )
    assert [answer.status_code for answer in (first, alike, other)] == [201, 201, 201]
    assert [warning["code"] for warning in alike.json()["warnings"]] == ["twin"]
    assert first.json()["cases"][0]["tracking"] in alike.json()["warnings"][0]["warning"]
    assert other.json()["warnings"] == []


async def test_of_two_similar_persons_at_once_one_gets_a_warning(desk: Desk) -> None:
    letters = [letter(resident(), letter={"number": number, "date": "2026-11-23"}) for number in ("1", "2")]
    answers = await asyncio.gather(*(desk.post("/requests", each) for each in letters))
    assert sorted(len(answer.json()["warnings"]) for answer in answers) == [0, 1]
