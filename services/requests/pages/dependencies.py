"""What the pages of requests share: templates, static files, who may open them, and what is left of a limit."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from services.requests.api.dependencies import CASEWORKERS, ONE
from services.requests.api.views.reading import CaseView, RequestView
from services.requests.domain.stages import OPEN, UNPRINTED, State
from shared.problems import Unauthorized
from shared.reference.regions import Kelurahan, kelurahan
from shared.security.auth import LISTED, Identity, Role
from shared.security.cookies import cookie_of
from shared.web.limits import TimeLeft
from shared.web.pages import STATIC_FOLDER, templates
from shared.web.session import page as opens
from shared.web.static_files import HashedFiles

_HERE = Path(__file__).parent
STATIC = HashedFiles(_HERE / "static", STATIC_FOLDER)
"""The static files of these pages, and those of the frame."""
TEMPLATES = templates(_HERE / "templates", files=STATIC)
READERS = (*CASEWORKERS, Role.PROVINCIAL)

Reader = Annotated[Identity, Depends(opens(*READERS, scope=LISTED))]
"""Who may see where requests stand."""
ReaderOfOne = Annotated[Identity, Depends(opens(*READERS, scope=ONE))]

RUNS = {State(stage) for stage in UNPRINTED} | {State.NEEDS_DOCUMENTS, State.AWAITING_DECISION}
"""Where a clock runs: for the papers, for a decision, else by law up to the card."""
UNDER_WAY = {State(stage) for stage in OPEN} | {State.NEEDS_DOCUMENTS, State.AWAITING_DECISION}
WAITING = (State.FILED, State.NEEDS_DOCUMENTS)

_CLOCKS = {**dict.fromkeys(WAITING, "_berkas"), State.AWAITING_DECISION: "_keputusan"}
"""Until what the clock of a stage runs; the others' until the card."""


def left_of(view: RequestView | CaseView, now: datetime, passed: bool = False) -> TimeLeft:
    """What is left of the clock that runs for a request or a case."""
    if view.stage not in RUNS:
        return TimeLeft(None, passed=passed and view.stage in UNDER_WAY)
    return TimeLeft.until(view.due_at, now, _CLOCKS.get(view.stage, "_kartu"), passed)


def visitor(request: Request) -> Identity | None:
    """Whose session the browser shows; None without one, or with one that ran out."""
    session = cookie_of(request)
    try:
        return request.app.state.keys.session(session) if session else None
    except Unauthorized:
        return None


def named(code: str) -> Kelurahan:
    """The kelurahan of a code; one that is no more in the book goes by its code."""
    try:
        return kelurahan(code)
    except KeyError:
        return Kelurahan(code, code, code[:8], None, None)
