"""All that the system holds about a person, from the four databases, with the labels of the counter."""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from ops.privacy import connections
from services.dispatch.store import reading as dispatch
from services.inventory.store import ledger
from services.requests.attachments.object_store import ObjectStore
from services.requests.domain.audit import Act, Purpose
from services.requests.domain.people import Person
from services.requests.encryption import Vault
from services.requests.store import amending, attachments, audit, erasures, people, reading
from services.requests.store.attachments import Attachment
from services.requests.usecases import attaching
from services.requests.usecases.holding import open_person
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.problems import NotFound, Problem
from shared.system_clock import utc_now

LABELS = {
    "name": "Nama lengkap",
    "birth_date": "Tanggal lahir",
    "sex": "Jenis kelamin",
    "reason": "Alasan tidak dapat datang",
    "address": "Alamat",
    "nik": "NIK",
    "phone": "Nomor telepon",
    "marital_status": "Status perkawinan",
    "vulnerable": "Kelompok rentan",
}
NOTES = (
    "Data pribadi hanya ada di layanan requests, tersegel. Layanan lain hanya mengenal nomor berkas.",
    "Isi lampiran kosong berarti penyimpanannya sedang tidak terjangkau: ulangi ekspor ini.",
    "Layanan notify tidak menyimpan apa pun tentang warga.",
    "PIN belum pernah dibuat, jadi tidak ada yang tersimpan.",
    "Cadangan (backup) dapat memuat data ini sampai masa simpannya habis.",
)


async def export(db: Database, vault: Vault, shelf: ObjectStore, case_ids: Sequence[UUID]) -> dict[str, Any]:
    """The answer to a resident; that it was made is in the audit before anything is opened."""
    async with db.transaction() as conn:
        for case_id in case_ids:
            if await people.find(conn, case_id) is not None:
                await audit.note(conn, connections.operator(), case_id, Act.EXPORTED, Purpose.RESIDENT)
    files = []
    for case_id in case_ids:
        async with db.connection() as conn:
            kept = await _in_requests(conn, vault, case_id)
            papers = [
                await attaching.opened(conn, vault, each.id) for each in await attachments.of_case(conn, case_id)
            ]
        kept["Lampiran"] = [await _paper(shelf, *paper) for paper in papers]
        files.append({"Nomor berkas": case_id, **kept, **await _elsewhere(case_id)})
    return {"Dibuat": utc_now(), "Berkas": files, "Catatan": NOTES}


async def _in_requests(conn: Connection, vault: Vault, case_id: UUID) -> dict[str, Any]:
    found, erasure = await people.find(conn, case_id), await erasures.of_case(conn, case_id)
    request = await reading.one(conn, found.request_id) if found else None
    cases = await reading.cases(conn, found.request_id) if found else []
    return {
        "Data pribadi": await _person(conn, vault, case_id),
        "Penghapusan": asdict(erasure) if erasure else None,
        "Permohonan": asdict(request) if request else None,
        "Perjalanan berkas": [asdict(case) for case in cases if case.id == case_id],
        "Batas waktu yang terlewat": await reading.overdue(conn, found.request_id) if found else [],
        "Narahubung": await _contact(conn, vault, found.request_id) if found else None,
        "Siapa membuka data ini": [
            # Who else was on the list is not for this resident.
            asdict(replace(entry, opened=None))
            for entry in await audit.of_case(conn, case_id)
        ],
    }


async def _person(conn: Connection, vault: Vault, case_id: UUID) -> dict[str, Any] | None:
    try:
        person: Person = await open_person(conn, vault, case_id)
    except NotFound:
        return None
    return {label: getattr(person, name) for name, label in LABELS.items()}


async def _paper(shelf: ObjectStore, found: Attachment, key: bytes) -> dict[str, Any]:
    """A file with its content; None as content when the store cannot give it now."""
    try:
        content = base64.b64encode(await attaching.read(shelf, found, key)).decode()
    except Problem:
        content = None
    return {
        "Dokumen": found.document,
        "Jenis": found.type,
        "Ukuran (byte)": found.size,
        "Disimpan": found.stored_at,
        "Oleh": found.by,
        "Isi (base64)": content,
    }


async def _contact(conn: Connection, vault: Vault, request_id: UUID) -> dict[str, Any]:
    letter = await amending.letter(conn, vault, request_id)
    return {"Nama": letter.contact.name, "Nomor telepon": letter.contact.phone, "Alamat": letter.contact.address}


async def _elsewhere(case_id: UUID) -> dict[str, Any]:
    async with connections.reading("dispatch") as conn:
        visits, prints = await dispatch.visits_of(conn, case_id), await dispatch.prints_of(conn, case_id)
    async with connections.reading("inventory") as conn:
        cards = await ledger.of_prints(conn, [row["print_id"] for row in prints])
    return {"Kunjungan": _plain(visits), "Pencetakan": _plain(prints), "Mutasi blanko": _plain(cards)}


def _plain(rows: Sequence[asyncpg.Record]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]


def write(content: Mapping[str, Any], file: Path) -> None:
    """A new file that only its owner may read. Raises FileExistsError: nothing is written over."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(content, out, indent=1, ensure_ascii=False, default=_text)
        out.write("\n")


def _text(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)
