"""What the routes ask for beside the database and the cause."""

from typing import Annotated

from fastapi import Depends, Request

from services.requests.vault import Vault
from shared.auth import Identity, Role, allow
from shared.offices import Offices


def _offices(request: Request) -> Offices:
    offices: Offices = request.app.state.offices
    return offices


def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


Known = Annotated[Offices, Depends(_offices)]
Sealed = Annotated[Vault, Depends(_vault)]
Operator = Annotated[Identity, Depends(allow(Role.OPERATOR))]
Staff = Annotated[
    Identity,
    Depends(allow(Role.OPERATOR, Role.DISPATCHER, Role.OFFICER, Role.PRINT_OPERATOR, Role.PROVINCIAL, Role.SERVICE)),
]
"""Who may see where requests stand."""
Caseworker = Annotated[Identity, Depends(allow(Role.OPERATOR, Role.OFFICER, Role.DISPATCHER, Role.PRINT_OPERATOR))]
"""Who may read a person."""
