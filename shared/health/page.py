"""The page Operasi (role ops): the state of each service, its problems, and the command that solves each of them.

The gateway routes `/operasi` to any service that answers. The page then requests a section from each service, so a
service that is away is visible as such.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from shared.health import diagnostics
from shared.http.dependencies import running_service
from shared.security.auth import NATION, Identity, Role
from shared.web.pages import page
from shared.web.session import page as opens

SERVICES = ("requests", "dispatch", "inventory", "notify")

router = APIRouter(tags=["pages"], include_in_schema=False)
Operator = Annotated[Identity, Depends(opens(Role.OPS, scope=NATION))]


@router.get("/operasi")
async def operasi(request: Request, who: Operator) -> Response:
    """The page with this service's section; the browser requests the other sections."""
    state = await diagnostics.diagnose(running_service(request))
    return page(
        request,
        "operasi.html.j2",
        services=SERVICES,
        here=state.service,
        state=state,
        ago=diagnostics.ago,
        who=who,
    )


@router.get("/operasi/bagian")
async def section(request: Request, who: Operator) -> Response:
    """This service's section alone. The header X-Findings has the number of issues in it."""
    state = await diagnostics.diagnose(running_service(request))
    answer = page(request, "operasi_section.html.j2", state=state, ago=diagnostics.ago)
    answer.headers["X-Findings"] = str(len(state.findings))
    return answer
