"""The dependencies of the routes: who may call them, and what they work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from services.requests import privacy
from services.requests.attachments.services import AttachmentServices
from services.requests.domain.rules.policy import Policies
from services.requests.encryption import Vault
from services.requests.login.device_keys import DeviceKeys
from services.requests.usecases.duplicates import CrossRegionMatch
from services.requests.usecases.filing import FilingContext
from shared.contract.envelope import MessageContext
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.http.commands import run_idempotent
from shared.http.dependencies import cause, database
from shared.problems import Conflict
from shared.reference.offices import Offices
from shared.security.auth import LISTED, Identity, Role, allow, body, found


async def _offices(request: Request) -> Offices:
    offices: Offices = request.app.state.offices
    return offices


async def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


async def _policies(request: Request) -> Policies:
    policies: Policies = request.app.state.policies
    return policies


async def _cabinet(request: Request) -> AttachmentServices:
    cabinet: AttachmentServices = request.app.state.cabinet
    return cabinet


FileStoreDep = Annotated[AttachmentServices, Depends(_cabinet)]
PoliciesDep = Annotated[Policies, Depends(_policies)]
OfficesDep = Annotated[Offices, Depends(_offices)]
VaultDep = Annotated[Vault, Depends(_vault)]


@dataclass(frozen=True, slots=True)
class FilingDependencies:
    """What a route needs that files a letter, adds residents to it, or corrects them."""

    db: Database
    cause: MessageContext
    offices: Offices
    policies: Policies
    vault: Vault

    def context(self, conn: Connection, who: Identity, code: str) -> FilingContext:
        """For a use case: the transaction, the caller, and the office of a region code with its policy."""
        office = self.offices.of(code)
        return FilingContext(conn, self.vault, who, self.cause, office, self.policies.of(office.code))

    async def run_once(
        self,
        key: UUID | None,
        who: Identity,
        sent: BaseModel,
        command: Callable[[Connection], Awaitable[BaseModel]],
        *,
        about: str,
        status: int = 200,
    ) -> Response:
        """Run a command as `shared.http.commands.run_idempotent` does.

        When it is refused because of open cases outside of the caller's wilayah, that the caller learns of them is in
        the audit before the answer: in a transaction of its own, since the command's has no effect.
        """
        try:
            return await run_idempotent(self.db, key, who, sent, command, about=about, status=status)
        except CrossRegionMatch as problem:
            async with self.db.transaction() as conn:
                await privacy.note_matches(conn, who, problem.elsewhere)
            raise


async def _filing_dependencies(request: Request) -> FilingDependencies:
    # All in one: FastAPI resolves every dependency anew at each request.
    state, db = request.app.state, await database(request)
    return FilingDependencies(db, await cause(request), state.offices, state.policies, state.vault)


FilingDep = Annotated[FilingDependencies, Depends(_filing_dependencies)]

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
    devices: DeviceKeys | None = request.app.state.devices
    if operator is not None and (devices is None or operator != devices.name(who)):
        raise Conflict("isian ini milik petugas lain; ia sendiri yang mengirimnya", field="X-Petugas")
