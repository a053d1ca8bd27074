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
from services.requests.login.room import LoginConfig
from services.requests.settings import Settings
from services.requests.usecases.duplicates import CrossRegionMatch
from services.requests.usecases.filing import FilingContext
from services.requests.usecases.tracking_rate_limit import TrackingRateLimit
from shared.contract.envelope import MessageContext
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.http.commands import Commands
from shared.http.dependencies import ContextDep, Db, dependencies_of, provided
from shared.problems import Conflict
from shared.reference.offices import Offices
from shared.reference.village_search import Picker
from shared.security.auth import LISTED, Identity, Role, allow, body, found


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the routes and pages of requests need beside the database and the context. Made once by `app.py`."""

    settings: Settings
    offices: Offices
    policies: Policies
    vault: Vault
    picker: Picker
    files: AttachmentServices
    tracking_rate_limit: TrackingRateLimit
    login: LoginConfig | None
    """None without a session key: then nobody logs in."""
    devices: DeviceKeys | None
    """None without a session key."""

    @classmethod
    def of(cls, settings: Settings) -> "Dependencies":
        """Those of the settings. Raises OSError or ValueError when a key or a policy cannot be read."""
        login = LoginConfig.of(settings)
        return cls(
            settings=settings,
            offices=Offices.load(settings.offices_file),
            policies=Policies.load(settings.policy_file),
            vault=Vault(settings.person_key_file),
            picker=Picker(),
            files=AttachmentServices.of(settings),
            tracking_rate_limit=TrackingRateLimit(settings),
            login=login,
            devices=DeviceKeys(login.key) if login else None,
        )


Deps = Annotated[Dependencies, Depends(provided(Dependencies))]


async def _offices(deps: Deps) -> Offices:
    return deps.offices


async def _vault(deps: Deps) -> Vault:
    return deps.vault


async def _policies(deps: Deps) -> Policies:
    return deps.policies


async def _files(deps: Deps) -> AttachmentServices:
    return deps.files


FilesDep = Annotated[AttachmentServices, Depends(_files)]
PoliciesDep = Annotated[Policies, Depends(_policies)]
OfficesDep = Annotated[Offices, Depends(_offices)]
VaultDep = Annotated[Vault, Depends(_vault)]


def public_address(request: Request, path: str) -> str:
    """The URL of a path, as browsers reach this server."""
    origin = dependencies_of(request, Dependencies).settings.public_origin
    return f"{origin or str(request.base_url).rstrip('/')}{path}"


@dataclass(frozen=True, slots=True)
class FilingDependencies:
    """What a route needs that files a letter, adds residents or papers to it, or corrects them."""

    db: Database
    message_context: MessageContext
    offices: Offices
    policies: Policies
    vault: Vault
    files: AttachmentServices

    def context(self, conn: Connection, who: Identity, code: str) -> FilingContext:
        """For a use case: the transaction, the caller, and the office of a region code with its policy."""
        office = self.offices.of(code)
        return FilingContext(conn, self.vault, who, self.message_context, office, self.policies.of(office.code))

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
        """Run a command as `shared.http.commands.Commands.run` does.

        When it is refused because of open cases outside of the caller's wilayah, that the caller learns of them is in
        the audit before the answer: in a transaction of its own, since the command's has no effect.
        """
        try:
            return await Commands(self.db, key).run(who, sent, command, about=about, status=status)
        except CrossRegionMatch as problem:
            async with self.db.transaction() as conn:
                await privacy.note_matches(conn, who, problem.elsewhere)
            raise


async def _filing_dependencies(deps: Deps, db: Db, context: ContextDep) -> FilingDependencies:
    return FilingDependencies(db, context, deps.offices, deps.policies, deps.vault, deps.files)


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
    deps: Deps,
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
    if operator is not None and (deps.devices is None or operator != deps.devices.name(who)):
        raise Conflict("isian ini milik petugas lain; ia sendiri yang mengirimnya", field="X-Petugas")
