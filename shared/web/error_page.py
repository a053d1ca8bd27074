"""A page instead of a problem, for a person at a browser: what is in the way, and the way back."""

from collections.abc import Mapping

from fastapi import Request, Response

from shared.security.cookies import shows_a_page
from shared.web.pages import page

SAID = {403: "forbidden", 404: "missing", 503: "closed"}
"""The word of the chapter `maaf` by status; another status is a problem for whoever made the request."""


def render_error_page(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response | None:
    """The page; None for whoever wants no page, or where there is none."""
    what = SAID.get(status)
    if what is None or not shows_a_page(request):
        return None
    who = getattr(request.state, "identity", None)
    if what == "forbidden" and who is None:
        what = "foreign"
    answer = page(request, "sorry.html.j2", status, what=what, who=who)
    answer.headers.update(headers or {})
    return answer
