"""What the routes ask for beside the database and the cause."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from services.requests.api.counter import Counter
from services.requests.attachments.services import AttachmentServices as Cabinet
from services.requests.domain.rules.policy import Policies
from services.requests.encryption import Vault
from services.requests.login.device_keys import DeviceKeys as Devices
from shared.asking import cause, database
from shared.auth import LISTED, Identity, Role, allow, body, found
from shared.db import Database
from shared.envelope import Cause
from shared.offices import Offices
from shared.problems import Conflict


async def _offices(request: Request) -> Offices:
    offices: Offices = request.app.state.offices
    return offices


async def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


async def _policies(request: Request) -> Policies:
    policies: Policies = request.app.state.policies
    return policies


async def _cabinet(request: Request) -> Cabinet:
    cabinet: Cabinet = request.app.state.cabinet
    return cabinet


Files = Annotated[Cabinet, Depends(_cabinet)]
Rules = Annotated[Policies, Depends(_policies)]
Known = Annotated[Offices, Depends(_offices)]
Sealed = Annotated[Vault, Depends(_vault)]


@dataclass(frozen=True, slots=True)
class Hands:
    """All that filing a letter asks for, in one dependency: each costs a request as much as checking its token."""

    db: Database
    cause: Cause
    offices: Offices
    policies: Policies
    vault: Vault
    counter: Counter


async def _hands(request: Request) -> Hands:
    state = request.app.state
    db, story = await database(request), await cause(request)
    return Hands(db, story, state.offices, state.policies, state.vault, state.counter)


InHand = Annotated[Hands, Depends(_hands)]

CASEWORKERS = (Role.OPERATOR, Role.OFFICER, Role.DISPATCHER, Role.PRINT_OPERATOR)
STAFF = (*CASEWORKERS, Role.PROVINCIAL, Role.SERVICE)
ONE = found("request_id")

Filer = Annotated[Identity, Depends(allow(Role.OPERATOR, scope=body("kelurahan"), cookie=True))]
Operator = Annotated[Identity, Depends(allow(Role.OPERATOR, scope=ONE, cookie=True))]
"""Who may act on a request."""
Staff = Annotated[Identity, Depends(allow(*STAFF, scope=LISTED, cookie=True))]
"""Who may see where requests stand."""
StaffOfOne = Annotated[Identity, Depends(allow(*STAFF, scope=ONE, cookie=True))]
CaseworkerOfOne = Annotated[Identity, Depends(allow(*CASEWORKERS, scope=ONE, cookie=True))]
"""Who may read the persons of a request."""
Caseworker = Annotated[Identity, Depends(allow(*CASEWORKERS, scope=found("case_id"), cookie=True))]
"""Who may read a person."""


async def own_entry(
    request: Request,
    who: Filer,
    operator: Annotated[
        str | None,
        Header(
            alias="X-Petugas",
            max_length=64,
            description="Whose entry this is, by the name of `/permohonan/saya`; a device's queue says it.",
        ),
    ] = None,
) -> None:
    """Raises Conflict (409) for an entry of somebody else: PCs are shared, and another person may have logged in."""
    devices: Devices | None = request.app.state.devices
    if operator is not None and (devices is None or operator != devices.name(who)):
        raise Conflict("isian ini milik petugas lain; ia sendiri yang mengirimnya", field="X-Petugas")
