"""A request is copied into a form: to be filed again, or for another like it."""

from uuid import UUID

from fastapi import APIRouter

from services.requests.api.dependencies import Operator, PoliciesDep, VaultDep
from services.requests.api.views.copying import CopyView
from services.requests.domain.audit import Purpose
from services.requests.usecases import copying
from shared.http.dependencies import Db
from shared.reference.regions import is_kelurahan, kelurahan

router = APIRouter(tags=["requests"])


@router.get("/requests/{request_id}/copy")
async def copy(
    request_id: UUID,
    who: Operator,
    db: Db,
    vault: VaultDep,
    policies: PoliciesDep,
    purpose: Purpose,
    ended: bool = False,
) -> CopyView:
    """A request in the clear, for a form to begin with: with its residents, or with those whose case `ended` without
    a card; at most 20. Who asked, and whether it was refused, is written down for the letter and each resident."""
    copied = await copying.copy(db, vault, who, request_id, purpose, ended=ended)
    code = copied.letter.kelurahan
    name = kelurahan(code).name if is_kelurahan(code) else code
    return CopyView.of(request_id, copied, name, policies.of(code))
