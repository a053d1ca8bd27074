"""The pages of the login, without scripts: their content security policy allows none."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from fastapi import Request, Response

from services.requests.login.development import LoginGroup
from shared.web.pages import page, templates

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
}
_OURS = templates(Path(__file__).parent)


def refusal(request: Request, status: int, why: str, what_to_do: str, to: str = "/") -> Response:
    """The login failed: why, and what to do."""
    return _page(request, "refusal.html.j2", status, why=why, what_to_do=what_to_do, again=_login_url(to))


def development_form(request: Request, to: str, groups: Sequence[LoginGroup], trouble: str = "") -> Response:
    """The development login: a button for each of `groups`' logins, and a field for a token.

    The field is open where there is no button, and where what was pasted is in trouble.
    """
    status, pasting = 422 if trouble else 200, bool(trouble) or not groups
    return _page(request, "token.html.j2", status, to=to, groups=groups, trouble=trouble, pasting=pasting)


def logged_out(request: Request, onward: str | None = None) -> Response:
    """The session ended here; the browser goes on to end its session at the provider too.

    By a refresh rather than a redirect: form-action 'self' forbids a form to be redirected to another site.
    """
    answer = _page(request, "farewell.html.j2", 200, onward=onward, again=_login_url("/"))
    if onward:
        answer.headers["Refresh"] = f"0; url={onward}"
    return answer


def _login_url(to: str) -> str:
    return f"/masuk?kembali={quote(to, safe='/')}"


def _page(request: Request, template: str, status: int, **values: object) -> Response:
    answer = page(request, template, status, _OURS, **values)
    answer.headers.update(HEADERS)
    return answer
