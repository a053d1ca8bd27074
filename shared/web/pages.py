"""Pages from templates: those that every service has, and those of a service, which extend the shared frame."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.web.places import places_of
from shared.web.static_files import HashedFiles
from shared.web.times import FILTERS
from shared.web.words import COOKIE, Language, chapter_in, language_of, thousands, words_in

_HERE = Path(__file__).parent
STATIC_FOLDER = _HERE / "static"
STATIC = HashedFiles(STATIC_FOLDER)
"""What the frame and the pages of every service ask for."""


def templates(*folders: Path, files: HashedFiles = STATIC) -> Environment:
    """The shared templates, and a service's own in `folders`; `static(name)` in them is an address in `files`."""
    made = Environment(
        loader=FileSystemLoader([*folders, _HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= FILTERS
    made.globals["static"] = files.address
    return made


SHARED = templates()


def page(request: Request, template: str, status: int = 200, among: Environment = SHARED, **values: Any) -> Response:
    """A template as a page, in the language of the caller's switch."""
    language = language_of(request.query_params.get(COOKIE) or request.cookies.get(COOKIE))
    values = {"kept": _kept(request), **values}
    trial = not request.app.state.production
    answer = HTMLResponse(rendered(template, language, request.url.path, among, trial=trial, **values), status)
    if COOKIE in request.query_params:
        answer.set_cookie(COOKIE, language, max_age=31536000, samesite="lax", httponly=True)
    return answer


def _kept(request: Request) -> str:
    """What the address says besides the language, to begin a query with: a switch keeps the page's state."""
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != COOKIE])
    return f"{query}&" if query else ""


def rendered(
    template: str, language: Language, path: str, among: Environment = SHARED, *, trial: bool, **values: Any
) -> str:
    """A template in a language, as the page at `path`. On a trial system the page says that it is one."""
    return among.get_template(template).render(
        t=words_in(language),
        chapter=chapter_in(language),
        number=lambda n: thousands(n, language),
        language=language,
        other="en" if language == "id" else "id",
        path=path,
        places_of=places_of,
        trial=trial,
        **values,
    )
