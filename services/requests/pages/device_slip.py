"""What a device needs to print slips without a line: codes that it may hand out, and the page that shows them."""

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, Request, Response

from services.requests.domain.people import Document
from services.requests.pages.dependencies import TEMPLATES
from services.requests.pages.slip import tracked_at
from services.requests.usecases import reserving
from shared.contract.fields import KelurahanCode
from shared.http.dependencies import Db
from shared.security.auth import Identity, Role, anyone, path
from shared.web.pages import page
from shared.web.session import page as opens

PATH = "/permohonan/slip"
CHOICES: dict[str, Any] = {"papers": Document}

router = APIRouter(tags=["pages"], include_in_schema=False)
Filer = Annotated[Identity, Depends(opens(Role.OPERATOR, scope=path("kelurahan")))]


@router.post("/permohonan/kode/{kelurahan}")
async def reserve(request: Request, kelurahan: KelurahanCode, who: Filer, db: Db) -> dict[str, Any]:
    """Codes to hold for the office of a kelurahan, each with its QR code by rows; none for who holds enough."""
    async with db.transaction() as conn:
        codes = await reserving.reserve(conn, who, kelurahan[:5])
    address = tracked_at(request)
    return {
        "codes": [{"code": code, "qr": _modules(f"{address}#{code}")} for code in codes],
        "days": reserving.HANDED_OUT_FOR.days,
    }


@router.get(PATH, dependencies=[Depends(anyone)])
def device_slip(request: Request) -> Response:
    """The slips of what waits on this device; the page itself is the same for all."""
    return page(request, "slip_device.html.j2", among=TEMPLATES, **CHOICES)


def _modules(text: str) -> list[str]:
    # As on the slips of the server: M bears a crease and a smudge.
    return [
        "".join("1" if module else "0" for module in row) for row in segno.make(text, error="m", micro=False).matrix
    ]
