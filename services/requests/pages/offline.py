"""The pages that a device keeps, to open them without a connection: they hold nothing of anybody.

The service worker keeps each in both languages. What belongs to the operator (the queue, the list of requests as it
was last seen) is on the device, encrypted, and filled in by the pages' scripts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from services.requests.api.dependencies import PoliciesDep
from services.requests.domain.rules.policy import Policies
from services.requests.pages import bantuan, device_slip, form
from services.requests.pages.dependencies import TEMPLATES
from shared.security.auth import anyone
from shared.web.pages import rendered
from shared.web.words import Language

LANGUAGES: tuple[Language, ...] = ("id", "en")


@dataclass(frozen=True, slots=True)
class OfflinePage:
    """A page that is the same for everybody: devices fetch it by `name`, and show it at `path`."""

    name: str
    template: str
    path: str
    values: Callable[[Policies], dict[str, Any]] = lambda _: {}

    def address(self, language: str) -> str:
        """Where devices fetch the page in a language."""
        return f"/permohonan/{self.name}/{language}"


PAGES = (
    OfflinePage("kerangka", "form.html.j2", form.PATH, lambda _: form.CHOICES),
    OfflinePage("luring", "luring.html.j2", "/permohonan"),
    OfflinePage("kerangka-slip", "slip_device.html.j2", device_slip.PATH, lambda _: device_slip.CHOICES),
    OfflinePage("kerangka-bantuan", "bantuan.html.j2", bantuan.PATH, bantuan.of_no_office),
)
"""`luring` stands in for every page that is not kept."""

router = APIRouter(tags=["pages"], include_in_schema=False, dependencies=[Depends(anyone)])


@lru_cache
def render(page: OfflinePage, language: Language, policies: Policies, *, trial: bool) -> str:
    """The page as every device gets it."""
    return rendered(page.template, language, page.path, TEMPLATES, trial=trial, **page.values(policies))


def _route(page: OfflinePage) -> Callable[..., Response]:
    def shell(request: Request, language: Language, policies: PoliciesDep) -> Response:
        return HTMLResponse(render(page, language, policies, trial=not request.app.state.production))

    return shell


for each in PAGES:
    router.get(each.address("{language}"))(_route(each))
