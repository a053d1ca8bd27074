"""The list of a drive over HTTP: a CSV file of 10,000 made-up residents with valid NIK, until all are stored."""

import csv
import io
import time
from datetime import date
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from lab.bench.sample import AT
from lab.simulate import CITIES
from lab.simulate.population.people import nik, resident
from ops.system import System
from shared.reference.regions import kelurahan_of
from shared.security.auth import Role

RESIDENTS = 10_000
COLUMNS = {
    "nama": "name",
    "nik": "nik",
    "tanggal_lahir": "birth_date",
    "jenis_kelamin": "sex",
    "telepon": "phone",
    "alamat": "address",
    "status_kawin": "marital_status",
    "layanan": "service",
    "alasan": "reason",
    "kebutuhan": "needs",
    "dokumen": "documents",
    "alasan_foto": "photo_reason",
}


def people(count: int) -> list[dict[str, Any]]:
    """Residents as POST /requests takes them, each with a NIK that no other has."""
    random, city = Random(5), CITIES["rejang-lebong"]
    villages = kelurahan_of(city.office)
    made: dict[str, dict[str, Any]] = {}
    while len(made) < count:
        village = random.choice(villages)
        person = resident(random, city, village)
        number = nik(random, village.code[:8], date.fromisoformat(person["birth_date"]), person["sex"])
        made.setdefault(number, {**person, "nik": number})
    return [*made.values()]


def sheet(residents: list[dict[str, Any]]) -> bytes:
    """A list as a spreadsheet in Indonesian saves it."""
    made = io.StringIO(newline="")
    rows = csv.writer(made, delimiter=";")
    rows.writerow(COLUMNS)
    rows.writerows([_cell(person[field]) for field in COLUMNS.values()] for person in residents)
    return made.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    return "|".join(value) if isinstance(value, list) else str(value or "")


async def measure(system: System) -> dict[str, float]:
    """The figures of `csv_import`: seconds until the caller has the answer to a dry run, and to the import itself."""
    content = sheet(people(RESIDENTS))
    headers = {"Authorization": f"Bearer {system.token(Role.OPERATOR, '17.02')}"}
    async with httpx.AsyncClient(base_url=system.url("requests"), headers=headers, timeout=120) as http:
        drive = (await http.post("/requests", json=_drive())).raise_for_status().json()["request_id"]

        async def send(*, dry_run: bool) -> float:
            began = time.perf_counter()
            answer = await http.post(
                f"/requests/{drive}/residents/import",
                params={"dry_run": dry_run, "at": AT.isoformat()},
                content=content,
                headers={"Content-Type": "text/csv", "Idempotency-Key": str(uuid4())},
            )
            took = time.perf_counter() - began
            stored = answer.raise_for_status().json()["stored"]
            if stored != (0 if dry_run else RESIDENTS):
                raise RuntimeError(f"{stored} of {RESIDENTS} residents stored")
            return took

        return {"dry_run_seconds_10000": await send(dry_run=True), "seconds_10000": await send(dry_run=False)}


def _drive() -> dict[str, Any]:
    return {
        "at": AT.isoformat(),
        "kelurahan": "17.02.06.1004",
        "kind": "drive",
        "letter": {"number": "470/csv", "date": AT.date().isoformat()},
        "consent": "lembaga",
        "contact": {"name": "Guru Sintetis", "phone": "081234567891"},
        "drive": {"place": "school", "name": "Sekolah Sintetis", "headcount": RESIDENTS},
        "residents": [],
    }
