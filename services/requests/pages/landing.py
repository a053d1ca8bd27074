"""The landing page: two doors, one for families and one for staff; whoever is in sees the way to their own page."""

from fastapi import APIRouter, Depends, Request, Response

from services.requests.pages.wiring import OURS
from shared.auth import Identity, anyone
from shared.problems import Unauthorized
from shared.web.cookies import cookie_of
from shared.web.pages import page

router = APIRouter(tags=["pages"], include_in_schema=False, dependencies=[Depends(anyone)])


@router.get("/")
def landing(request: Request) -> Response:
    """Two doors."""
    return page(request, "landing.html.j2", among=OURS, who=_visitor(request))


def _visitor(request: Request) -> Identity | None:
    """Whose session the browser shows; None without one, or with one that ran out: its door renews it."""
    session = cookie_of(request)
    try:
        return request.app.state.keys.session(session) if session else None
    except Unauthorized:
        return None
