"""What the residents on a list are called."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from services.requests.api.dependencies import CASEWORKERS, VaultDep
from services.requests.usecases import finding
from shared.http.dependencies import Db
from shared.security.auth import LISTED, Identity, allow

MOST = 150
"""Cases of one look: three of each request on a page."""

router = APIRouter(tags=["requests"])
Reader = Annotated[Identity, Depends(allow(*CASEWORKERS, scope=LISTED, cookie=True))]


class NamesBody(BaseModel):
    """Whose names."""

    model_config = ConfigDict(extra="forbid")
    cases: list[UUID] = Field(min_length=1, max_length=MOST)


class NamesView(BaseModel):
    """Names by case; who was erased or lies beyond the caller's wilayah is not in it."""

    names: dict[UUID, str] = Field(repr=False)


@router.post("/cases/names")
async def names(body: NamesBody, who: Reader, db: Db, vault: VaultDep) -> NamesView:
    """The names of the residents of these cases, for a list that shows who is who: one look, written down as one."""
    return NamesView(names=await finding.names(db, vault, who, body.cases))
