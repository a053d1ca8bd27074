"""Cases with a code and a phone, as the family's page finds them."""

from dataclasses import dataclass
from typing import Any

import httpx

from services.requests.domain.tracking.codes import read
from tests.services.requests.desk import Desk, resident

PHONE, DIGITS = "+6281200000412", "0412"
NIK = "1702065708500001"


@dataclass(frozen=True)
class Case:
    """A case by its ids and its code, without hyphens."""

    request_id: str
    case_id: str
    code: str


def case_of(told: dict[str, Any], number: int = 0) -> Case:
    """A case in the answer to a filing."""
    case = told["cases"][number]
    return Case(told["request_id"], case["case_id"], read(case["tracking"]))


async def filed(desk: Desk, phone: str | None = PHONE, **fields: Any) -> Case:
    """A case of somebody of this phone, in a letter of its own."""
    return case_of(await desk.file(resident(phone=phone), **fields))


async def forget_code(desk: Desk, case: Case) -> None:
    """The case is as version 0.1.0 left it."""
    async with desk.db.transaction() as conn:
        await conn.execute("update case_file set tracking = null where id = $1", case.case_id)


def caller(desk: Desk, address: str) -> httpx.AsyncClient:
    """Somebody at this address, at a page of ours."""
    transport = httpx.ASGITransport(desk.http._transport.app, client=(address, 1))  # type: ignore[attr-defined]
    return httpx.AsyncClient(
        transport=transport, base_url="http://requests", headers={"Sec-Fetch-Site": "same-origin"}
    )


async def ask(http: httpx.AsyncClient, code: str, digits: str = DIGITS, **query: str) -> httpx.Response:
    """Send the form of the family's page."""
    return await http.post("/lacak", data={"kode": code, "angka": digits}, params=query)
