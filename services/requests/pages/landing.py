"""The landing page: two doors, one for families and one for staff; whoever is in sees the way to their own page."""

from fastapi import APIRouter, Depends, Request, Response

from services.requests.pages.dependencies import TEMPLATES, visitor
from shared.security.auth import anyone
from shared.web.pages import page

router = APIRouter(tags=["pages"], include_in_schema=False, dependencies=[Depends(anyone)])


@router.get("/")
def landing(request: Request) -> Response:
    """Two doors."""
    return page(request, "landing.html.j2", among=TEMPLATES, who=visitor(request))
