"""Who may read, and how far."""

from typing import Annotated

from fastapi import Depends, Query, Request

from shared.auth import Identity, Role, allow
from shared.offices import Offices

READERS = (Role.OPERATOR, Role.DISPATCHER, Role.OFFICER, Role.PRINT_OPERATOR, Role.OPS)
Reader = Annotated[Identity, Depends(allow(*READERS))]
Limit = Annotated[int, Query(ge=1, le=1000)]


def must_see_part(who: Identity, office: str) -> None:
    """Raises Forbidden (403) unless the caller's wilayah and the office's overlap; lists show the overlap."""
    if not who.wilayah.startswith(f"{office}."):
        who.must_see(office)


def offices_of(request: Request) -> Offices:
    """The offices, in a route."""
    offices: Offices = request.app.state.offices
    return offices


Known = Annotated[Offices, Depends(offices_of)]
