"""The commands on a request: file, accept, reject, cancel, withdraw."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.requests import usecases
from services.requests.api.bodies import AcceptBody, ClosingBody, FilingBody
from services.requests.api.views import FiledView, StageView, WithdrawnView
from services.requests.api.wiring import Filer, Known, Operator, Sealed, own_entry
from shared.asking import Db, StoryCause
from shared.commands import IdempotencyKey, once
from shared.connection import Connection
from shared.fields import Stage
from shared.problems import Invalid
from shared.regions import is_kelurahan

router = APIRouter(prefix="/requests", tags=["requests"])


@router.post("", status_code=201, response_model=FiledView, dependencies=[Depends(own_entry)])
async def file(
    body: FilingBody,
    who: Filer,
    db: Db,
    cause: StoryCause,
    offices: Known,
    vault: Sealed,
    key: IdempotencyKey = None,
) -> Response:
    """File a letter, one case a resident; with complete documents it is accepted at once."""
    who.must_see(body.kelurahan)
    if not is_kelurahan(body.kelurahan) or body.kelurahan[:5] not in offices:
        raise Invalid("kode kelurahan/desa tidak dikenal", field="kelurahan", rule="kode Kemendagri PP.KK.CC.VVVV")
    office = offices.of(body.kelurahan)
    day = office.day_of(body.at)
    applications = [resident.application(number, day) for number, resident in enumerate(body.residents)]

    async def command(conn: Connection) -> FiledView:
        filed = await usecases.file(
            conn,
            vault,
            who,
            cause,
            office,
            body.the_letter(),
            applications,
            body.documents_complete,
            body.at,
        )
        return FiledView.of(filed)

    return await once(db, key, who, body, command, about="file", status=201)


@router.post("/{request_id}/accept", response_model=StageView)
async def accept(
    request_id: UUID, body: AcceptBody, who: Operator, db: Db, cause: StoryCause, key: IdempotencyKey = None
) -> Response:
    """The documents are complete: the legal clock of 24 hours starts (Permendagri 19/2018 Ps 3(2))."""

    async def command(conn: Connection) -> StageView:
        await usecases.accept(conn, who, cause, request_id, body.at)
        return StageView(request_id=request_id, stage=Stage.ACCEPTED)

    return await once(db, key, who, body, command, about=f"accept {request_id}")


@router.post("/{request_id}/reject", response_model=StageView)
async def reject(
    request_id: UUID, body: ClosingBody, who: Operator, db: Db, cause: StoryCause, key: IdempotencyKey = None
) -> Response:
    """End a request that was not accepted yet."""

    async def command(conn: Connection) -> StageView:
        await usecases.reject(conn, who, cause, request_id, body.at, body.reason)
        return StageView(request_id=request_id, stage=Stage.REJECTED)

    return await once(db, key, who, body, command, about=f"reject {request_id}")


@router.post("/{request_id}/cancel", response_model=StageView)
async def cancel(
    request_id: UUID, body: ClosingBody, who: Operator, db: Db, cause: StoryCause, key: IdempotencyKey = None
) -> Response:
    """Whoever filed the request takes it back."""

    async def command(conn: Connection) -> StageView:
        await usecases.cancel(conn, who, cause, request_id, body.at, body.reason)
        return StageView(request_id=request_id, stage=Stage.CANCELLED)

    return await once(db, key, who, body, command, about=f"cancel {request_id}")


@router.post("/{request_id}/cases/{case_id}/withdraw", response_model=WithdrawnView)
async def withdraw(
    request_id: UUID,
    case_id: UUID,
    body: ClosingBody,
    who: Operator,
    db: Db,
    cause: StoryCause,
    key: IdempotencyKey = None,
) -> Response:
    """End one resident's case; the others go on."""

    async def command(conn: Connection) -> WithdrawnView:
        await usecases.withdraw(conn, who, cause, request_id, case_id, body.at, body.reason)
        return WithdrawnView(request_id=request_id, case_id=case_id, stage=Stage.CANCELLED)

    return await once(db, key, who, body, command, about=f"withdraw {case_id} of {request_id}")
