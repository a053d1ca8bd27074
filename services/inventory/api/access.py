"""Who may call the routes of inventory, and the codes that several of them take."""

from typing import Annotated

from fastapi import Depends, Query
from pydantic import StringConstraints

from services.inventory.domain.accounts import is_province
from shared.problems import Forbidden
from shared.security.auth import LISTED, Identity, Role, allow, found, path

PlaceCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}(\.[0-9]{2})?$")]
"""A province or an office."""
Limit = Annotated[int, Query(ge=1, le=1000)]

READERS = (Role.STOREKEEPER, Role.PROVINCIAL, Role.PRINT_OPERATOR, Role.DISPATCHER, Role.OPERATOR, Role.OPS)
AUDITORS = (Role.STOREKEEPER, Role.PROVINCIAL, Role.OPS)
Reader = Annotated[Identity, Depends(allow(*READERS, scope=path("office"), cookie=True))]
ListReader = Annotated[Identity, Depends(allow(*READERS, scope=LISTED, cookie=True))]
Auditor = Annotated[Identity, Depends(allow(*AUDITORS, scope=path("office"), cookie=True))]
Receiver = Annotated[Identity, Depends(allow(Role.STOREKEEPER, scope=found("shipment_id"), cookie=True))]
"""Who counts a shipment on arrival."""


def must_keep(who: Identity, place: str) -> None:
    """Raises Forbidden (403) for a caller who does not keep the store room of this place."""
    if not who.is_any(Role.PROVINCIAL if is_province(place) else Role.STOREKEEPER):
        raise Forbidden("gudang provinsi dicatat oleh provinsi, gudang kantor oleh petugas gudang", field="place")
