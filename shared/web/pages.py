"""Pages from templates, and the files they are dressed in.

A static file's address carries the digest of its content, so it may be kept for ever and is never stale. A script
that imports another (`from './other.js'`) names it by that address too: a page's scripts are all of one version.
"""

import hashlib
import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.problems import NotFound
from shared.security.auth import anyone
from shared.web.places import places_of
from shared.web.times import FILTERS
from shared.web.words import COOKIE, Language, chapter_in, language_of, thousands, words_in

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"
_IMPORTED = re.compile(rb"(?<= from ')\./([a-z-]+\.js)(?=')")
FOR_EVER = "public, max-age=31536000, immutable"


def templates(*folders: Path) -> Environment:
    """The shared templates, and a service's own in `folders`."""
    made = Environment(
        loader=FileSystemLoader([*folders, _HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= FILTERS
    return made


SHARED = templates()


@cache
def _static() -> dict[str, tuple[bytes, str]]:
    """Each file's content and its address below the origin."""
    return {file.name: _file(file.name) for file in sorted(_STATIC.iterdir())}


@cache
def _file(name: str) -> tuple[bytes, str]:
    content = (_STATIC / name).read_bytes()
    if name.endswith(".js"):
        content = _IMPORTED.sub(lambda found: _file(found[1].decode())[1].encode(), content)
    return content, f"/web/{hashlib.sha256(content).hexdigest()[:16]}/{name}"


def content_of(name: str) -> bytes:
    """A static file as it is served. Raises KeyError when there is none of this name."""
    return _static()[name][0]


def address(name: str) -> str:
    """Where a static file is found. Raises KeyError when there is none of this name."""
    return _static()[name][1]


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
        static=address,
        path=path,
        places_of=places_of,
        trial=trial,
        **values,
    )


static = APIRouter(tags=["web"], include_in_schema=False)


@static.get("/web/{digest}/{name}", dependencies=[Depends(anyone)])
def static_file(digest: str, name: str) -> Response:
    """A static file, to be kept for ever. Raises NotFound (404) for another digest."""
    content, where = _static().get(name, (b"", ""))
    if where != f"/web/{digest}/{name}":
        raise NotFound("berkas tidak ditemukan")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Cache-Control": FOR_EVER})
