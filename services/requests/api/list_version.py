"""Whether a list changed since a page has read it."""

from fastapi import APIRouter, Request, Response

from services.requests.api.dependencies import OfficesDep, Staff
from services.requests.store import changes
from shared.http.dependencies import Db

router = APIRouter(tags=["requests"])


@router.get("/requests/version", responses={204: {}, 304: {}}, status_code=204)
async def version(request: Request, who: Staff, db: Db, offices: OfficesDep) -> Response:
    """The version of the caller's list, as an ETag: 304 while it is the one of If-None-Match."""
    async with db.connection() as conn:
        found = await changes.version(conn, who.wilayah, [office.code for office in offices.overlapping(who.wilayah)])
    tag = f'"{found}"'
    same = request.headers.get("if-none-match") == tag
    return Response(status_code=304 if same else 204, headers={"ETag": tag, "Cache-Control": "no-store"})
