"""The cookie of a person's session, and whose pages may use it.

The cookie is a JWT of five minutes, signed by the login room with the key "sesi"; every service checks it by
itself. It is no bearer token, nor the other way round: key and audience differ. Browsers add it to requests that
other sites make them send, so it counts only where the browser says that a page of the same origin asks
(Sec-Fetch-Site, or Origin in older ones): the rule of Go's http.CrossOriginProtection, without its exception for
clients that say neither.
"""

from urllib.parse import urlsplit

from fastapi import Request

from shared.problems import Forbidden

AUDIENCE = "jemput-bola/sesi"
LIFETIME = 300
"""Seconds a session's cookie counts: as long as a person who was deactivated may still be in."""
COOKIE, PLAIN_COOKIE = "__Host-sesi", "sesi"


def cookie_of(request: Request) -> str | None:
    """The session's cookie, if the browser sent one.

    The plain name is for http in development. In production it counts nowhere: another port or a subdomain could
    set it, which the prefix forbids.
    """
    plain = None if request.app.state.production else request.cookies.get(PLAIN_COOKIE)
    return request.cookies.get(COOKIE) or plain


def must_be_same_origin(request: Request) -> None:
    """Raises Forbidden (403) unless a page of this origin asks, or a person by the address bar."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        trusted = site in ("same-origin", "none")
    else:
        origin = request.headers.get("origin", "")
        trusted = bool(origin) and urlsplit(origin).netloc == request.headers.get("host")
    if not trusted:
        raise Forbidden("permintaan ini datang dari situs lain; muat ulang halaman dan coba lagi")


def opens_a_page(request: Request) -> bool:
    """Whether a browser opens a page, rather than a script fetching a part of one."""
    return request.method in ("GET", "HEAD") and shows_a_page(request)


def shows_a_page(request: Request) -> bool:
    """Whether a browser shows a person what is answered: to a page that is opened, or to a form that is sent."""
    mode = request.headers.get("sec-fetch-mode")
    if "hx-request" in request.headers:
        return False
    return mode == "navigate" or (mode is None and "text/html" in request.headers.get("accept", ""))


def local_path(asked: str) -> str:
    """Where to go on to within this origin: what was asked if it is a path here, else "/"."""
    plain = asked.isascii() and asked.isprintable() and "\\" not in asked
    return asked if plain and asked.startswith("/") and not asked.startswith("//") else "/"
