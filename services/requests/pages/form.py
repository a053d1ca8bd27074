"""The page "Permohonan baru" (role operator): did it go out, and where is it?

The page itself holds nothing of whoever opens it: it is kept on the device as it is, and opened without a line. Who
the operator is, which kelurahan are theirs and what their office asks for, it hears from `/permohonan/saya` and
keeps sealed.
"""

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.requests.api.dependencies import Deps, OfficesDep, PoliciesDep
from services.requests.domain import people
from services.requests.login.device_keys import DeviceKeys
from services.requests.pages.dependencies import TEMPLATES
from services.requests.pages.slip import tracked_at
from services.requests.store import letter_numbers
from shared.contract import fields as f
from shared.http.dependencies import Db
from shared.problems import NotFound
from shared.reference.offices import Office
from shared.reference.regions import ALIASES, Kelurahan, kelurahan_of
from shared.security.auth import OWN, Identity, Role
from shared.web.pages import page
from shared.web.session import page as opens

PATH = "/permohonan/baru"
MOST_KELURAHAN = 2000
"""Kept on a device; whoever sees more looks names up on the server."""
CHOICES: dict[str, Any] = {
    "kinds": f.RequestKind,
    "places": f.Place,
    "services": f.ServiceCode,
    "reasons": people.Reason,
    "skills": f.Skill,
    "marital": people.MaritalStatus,
    "photo_reasons": people.PhotoReason,
    "vulnerable": people.Vulnerable,
    "consents": people.Consent,
    "documents": people.Document,
}

router = APIRouter(tags=["pages"], include_in_schema=False)
Operator = Annotated[Identity, Depends(opens(Role.OPERATOR, scope=OWN))]


async def _devices(deps: Deps) -> DeviceKeys:
    if deps.devices is None:
        raise NotFound("masuk lewat halaman belum disiapkan: SESSION_KEY_FILE")
    return deps.devices


@router.get(PATH)
def new_request(request: Request, who: Operator) -> Response:
    """The form, with the queue of this device."""
    return page(request, "form.html.j2", among=TEMPLATES, **CHOICES)


@router.get("/permohonan/saya")
async def myself(
    request: Request,
    who: Operator,
    db: Db,
    offices: OfficesDep,
    policies: PoliciesDep,
    devices: Annotated[DeviceKeys, Depends(_devices)],
) -> dict[str, Any]:
    """Who works at this device: their name on it, their queue's key, their kelurahan, their office and its rules."""
    seen = [office for office in offices if who.sees(office.code) or who.wilayah.startswith(f"{office.code}.")]
    kelurahan = _kelurahan(who, seen)
    async with db.connection() as conn:
        last = await letter_numbers.last(conn, kelurahan[0]["code"]) if len(kelurahan) == 1 else None
    return {
        "operator": devices.name(who),
        "name": who.name,
        "wilayah": who.wilayah,
        "queue_key": base64.b64encode(devices.key(who)).decode(),
        "zone": seen[0].zone if len(seen) == 1 else None,
        "office": seen[0].name if len(seen) == 1 else None,
        "office_phone": seen[0].phone if len(seen) == 1 else None,
        "track": tracked_at(request).partition("://")[2],
        "kelurahan": kelurahan,
        "last_letter": {"number": last[0], "date": last[1]} if last else None,
        "policy": policies.of(who.wilayah).public(),
    }


def _kelurahan(who: Identity, seen: list[Office]) -> list[dict[str, Any]]:
    """What the operator files for, to look up without a line; none where that is too much for a device."""
    found = [item for office in seen for item in kelurahan_of(office.code) if who.sees(item.code)]
    if len(found) > MOST_KELURAHAN:
        return []
    return [_shown(item) for item in found]


def _shown(item: Kelurahan) -> dict[str, Any]:
    shown = {"code": item.code, "name": item.name, "kecamatan": item.kecamatan}
    return shown | ({"aliases": ALIASES[item.code]} if item.code in ALIASES else {})
