"""Requests at every stage, filed and moved on through the routes of a running system, at fixed moments."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx

from ops.system import System
from shared.security.auth import Role
from tests.support.polling import until

OFFICE, KELURAHAN = "17.02", "17.02.06.1004"
MORNING, EVENING = "2026-11-23T09:00:00+07:00", "2026-11-23T18:00:00+07:00"
VISIT_DAY, AT_HOME = "2026-11-24", "2026-11-24T10:00:00+07:00"
AFTERNOON, NOW = "2026-11-24T15:00:00+07:00", "2026-11-24T18:05:00+07:00"
"""The second evening: a visit is planned for the next day, and the first letters are past their 24 hours."""


def resident(**fields: Any) -> dict[str, Any]:
    """A resident whose family card was shown."""
    return {
        "name": "Siti Sintetis",
        "birth_date": "1950-08-17",
        "sex": "P",
        "phone": "0812-0000-4321",
        "address": "Jalan Sintetis No. 1, RT 001",
        "service": "first",
        "reason": "lansia",
        "documents": ["kk"],
        **fields,
    }


def letter(number: str, *residents: dict[str, Any], at: str = MORNING, **fields: Any) -> dict[str, Any]:
    """A letter of the day it is filed on."""
    return {
        "at": at,
        "kelurahan": KELURAHAN,
        "kind": "home_visit",
        "letter": {"number": number, "date": at[:10]},
        "consent": "warga",
        "residents": list(residents),
        **fields,
    }


def drive(number: str, name: str, *residents: dict[str, Any], at: str = NOW, **fields: Any) -> dict[str, Any]:
    """A letter of a school."""
    return letter(
        number,
        *residents,
        at=at,
        kind="drive",
        consent="lembaga",
        contact={"name": "Guru Sintetis", "phone": "0812-0000-1234"},
        drive={"place": "school", "name": name, "headcount": 40, "preferred_days": [2]},
        **fields,
    )


class Town:
    """Whoever works at the office, by their tokens."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._tokens: dict[tuple[Role, str], str] = {}
        self.http = httpx.AsyncClient(timeout=30)

    async def ask(self, service: str, method: str, path: str, role: Role, wilayah: str = OFFICE, **body: Any) -> Any:
        """Ask as somebody who must be let in."""
        if (role, wilayah) not in self._tokens:
            self._tokens[role, wilayah] = self._system.token(role, wilayah, subject="petugas-sintetis")
        headers = {"Authorization": f"Bearer {self._tokens[role, wilayah]}", "Idempotency-Key": str(uuid4())}
        url = self._system.url(service) + path
        answer = await self.http.request(method, url, json=body or None, headers=headers)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    async def file(self, body: dict[str, Any]) -> dict[str, Any]:
        """File a letter that must be taken."""
        filed: dict[str, Any] = await self.ask("requests", "POST", "/requests", Role.OPERATOR, **body)
        return filed

    async def tick(self, service: str, at: str) -> None:
        """Let business time move on."""
        await self.ask(service, "POST", "/clock", Role.OPS, "", at=at)

    async def dispatch(self, path: str, role: Role, **body: Any) -> Any:
        """A command to dispatch."""
        return await self.ask("dispatch", "POST", path, role, **body)

    async def until_waiting(self, *filed: dict[str, Any]) -> None:
        """Dispatch heard of these requests' cases."""
        cases = {case_id for each in filed for case_id in each["case_ids"]}

        async def heard() -> bool:
            found = await self.ask("dispatch", "GET", f"/waiting?office={OFFICE}", Role.DISPATCHER)
            return cases <= {item["case_id"] for item in found["items"]}

        await until(heard, what="dispatch heard of the cases")

    async def until_stage(self, request_id: str, stage: str) -> None:
        """Requests heard how far dispatch is."""

        async def there() -> bool:
            found = await self.ask("requests", "GET", f"/requests/{request_id}", Role.OPERATOR)
            return bool(found["stage"] == stage)

        await until(there, what=f"{request_id} at {stage}")


def filled(system: System) -> dict[str, str]:
    """Requests at every stage; returns their ids by a name each."""
    # In a thread of its own: the loop of the tests may be running here already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _filled(system)).result()


async def _filled(system: System) -> dict[str, str]:
    town = Town(system)
    async with town.http:
        return await _fill(town)


async def _fill(town: Town) -> dict[str, str]:
    first = {
        "handed": await town.file(letter("470/008/XI/2026", resident(birth_date="1941-02-03"))),
        "recorded": await town.file(letter("470/009/XI/2026", resident(birth_date="1944-05-06", reason="sakit"))),
        "absent": await town.file(letter("470/010/XI/2026", resident(birth_date="1939-07-08", reason="disabilitas"))),
    }
    await town.until_waiting(*first.values())
    await town.tick("dispatch", EVENING)
    visits = await town.ask("dispatch", "GET", f"/visits?office={OFFICE}&day={VISIT_DAY}", Role.OFFICER)
    of = {visit["case_id"]: visit["visit_id"] for visit in visits["items"]}
    case = {name: filed["case_ids"][0] for name, filed in first.items()}
    for name in first:
        outcome = "absent" if name == "absent" else "recorded"
        path = f"/visits/{of[case[name]]}/outcome"
        await town.dispatch(path, Role.OFFICER, at=AT_HOME, outcome=outcome)
    await _hand_over(town, case["handed"])
    scheduled = await town.file(
        letter("470/011/XI/2026", *(resident(reason="sakit") for _ in range(2)), at=AFTERNOON)
    )
    await town.until_waiting(scheduled)
    await town.tick("dispatch", "2026-11-24T18:00:00+07:00")
    later = await _at_the_desk(town)
    await town.until_stage(first["handed"]["request_id"], "handed_over")
    await town.until_stage(scheduled["request_id"], "scheduled")
    await town.tick("requests", NOW)
    filed = {**first, "scheduled": scheduled, **later}
    return {name: each["request_id"] for name, each in filed.items()}


async def _hand_over(town: Town, case_id: str) -> None:
    await town.dispatch(f"/cases/{case_id}/print-ready", Role.SERVICE, at=AT_HOME)
    blank = {"print_id": str(uuid4()), "station": "P1", "serial": "BL17020001"}
    await town.dispatch(f"/cases/{case_id}/prints", Role.PRINT_OPERATOR, at=AFTERNOON, **blank)
    await town.dispatch(f"/cases/{case_id}/handover", Role.OFFICER, at=AFTERNOON, receiver="family")


async def _at_the_desk(town: Town) -> dict[str, dict[str, Any]]:
    """What was filed and not planned yet."""
    lacking = letter(
        *("470/012/XI/2026", resident(), resident(service="lost"), resident(service="damaged", documents=["kk"])),
        at=AFTERNOON,
        consent="keluarga",
    )
    closed = {
        "rejected": await town.file(letter("470/013/XI/2026", resident(documents=[]), at=AFTERNOON)),
        "cancelled": await town.file(letter("470/014/XI/2026", resident(), at=AFTERNOON)),
    }
    for name, verb in (("rejected", "reject"), ("cancelled", "cancel")):
        path = f"/requests/{closed[name]['request_id']}/{verb}"
        await town.ask("requests", "POST", path, Role.OPERATOR, at=NOW, reason="filed_by_mistake")
    pupils = [resident(name=f"Murid Sintetis {n}", birth_date="2009-03-04", reason="lainnya") for n in range(3)]
    return {
        **closed,
        "lacking": await town.file(lacking),
        "accepted": await town.file(letter("470/015/XI/2026", resident(), resident(sex="L"), at=NOW)),
        "school": await town.file(drive("421/077/XI/2026", "SMA Sintetis 3", *pupils)),
        "empty": await town.file(drive("421/078/XI/2026", "SMK Sintetis 1")),
    }
