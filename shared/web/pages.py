"""Pages from templates, and the files they are dressed in.

A static file's address carries the digest of its content, so it may be kept for ever and is never stale.
"""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.auth import anyone
from shared.problems import NotFound
from shared.web.words import COOKIE, language_of, thousands, words_in

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"
FOR_EVER = "public, max-age=31536000, immutable"


def templates(*folders: Path) -> Environment:
    """The shared templates, and a service's own in `folders`."""
    return Environment(
        loader=FileSystemLoader([*folders, _HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


SHARED = templates()


@cache
def _static() -> dict[str, tuple[bytes, str]]:
    """Each file's content and its address below the origin."""
    files = {}
    for file in sorted(_STATIC.iterdir()):
        content = file.read_bytes()
        files[file.name] = (content, f"/web/{hashlib.sha256(content).hexdigest()[:16]}/{file.name}")
    return files


def address(name: str) -> str:
    """Where a static file is found. Raises KeyError when there is none of this name."""
    return _static()[name][1]


def page(request: Request, template: str, status: int = 200, among: Environment = SHARED, **values: Any) -> Response:
    """A template as a page, in the language of the caller's switch."""
    language = language_of(request.query_params.get(COOKIE) or request.cookies.get(COOKIE))
    html = among.get_template(template).render(
        t=words_in(language),
        number=lambda n: thousands(n, language),
        language=language,
        other="en" if language == "id" else "id",
        static=address,
        path=request.url.path,
        **values,
    )
    answer = HTMLResponse(html, status)
    if COOKIE in request.query_params:
        answer.set_cookie(COOKIE, language, max_age=31536000, samesite="lax", httponly=True)
    return answer


static = APIRouter(tags=["web"], include_in_schema=False)


@static.get("/web/{digest}/{name}", dependencies=[Depends(anyone)])
def static_file(digest: str, name: str) -> Response:
    """A static file, to be kept for ever. Raises NotFound (404) for another digest."""
    content, where = _static().get(name, (b"", ""))
    if where != f"/web/{digest}/{name}":
        raise NotFound("berkas tidak ditemukan")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Cache-Control": FOR_EVER})
