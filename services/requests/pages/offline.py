"""The page that stands in for every other while there is no line, or no server: it says so, and what can be done.

It holds nothing of anybody: a device keeps it as it is. The list of requests as its owner saw it last is on the
device, sealed.
"""

from functools import lru_cache

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from services.requests.pages.dependencies import TEMPLATES
from shared.auth import anyone
from shared.web.pages import rendered
from shared.web.words import Language

router = APIRouter(tags=["pages"], include_in_schema=False, dependencies=[Depends(anyone)])


@router.get("/permohonan/luring/{language}")
def shell(request: Request, language: Language) -> Response:
    """The page in a language, for a device to keep."""
    return HTMLResponse(shell_in(language, trial=not request.app.state.production))


@lru_cache
def shell_in(language: Language, *, trial: bool) -> str:
    """The page as every device gets it."""
    return rendered("luring.html.j2", language, "/permohonan", TEMPLATES, trial=trial)
