"""The picker of kelurahan: all of one office, for a device that goes offline, or any by what is typed."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from services.requests.api.dependencies import Deps
from shared.problems import NotFound
from shared.reference.village_search import Village, villages_of
from shared.security.auth import anyone

router = APIRouter(prefix="/wilayah", tags=["wilayah"], dependencies=[Depends(anyone)])

DAY = "public, max-age=86400"
"""The names change with a decree of the ministry, and then with a release."""


class VillageView(BaseModel):
    """A kelurahan, desa or desa adat by its official name; `aliases` are what people call it besides."""

    model_config = ConfigDict(from_attributes=True)
    code: str
    name: str
    kecamatan: str
    kabupaten: str
    provinsi: str
    aliases: tuple[str, ...] = ()


class Villages(BaseModel):
    """The villages that were asked for, the likeliest first, or by code."""

    items: list[VillageView]


@router.get("", response_model=Villages)
async def search(
    deps: Deps,
    q: Annotated[str, Query(max_length=120)],
    dalam: Annotated[str, Query(pattern=r"^([0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?)?$")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Response:
    """Villages by what somebody types: a name or the beginning of one, with or without spaces, kecamatan and
    kabupaten after it, or a code. Those within `dalam` come first. One slip of the pen is forgiven."""
    found = await deps.picker.search(q, dalam, limit)
    return Response(_json(found), media_type="application/json", headers={"Cache-Control": DAY})


@router.get("/{office}", response_model=Villages, responses={304: {"description": "As it was."}})
async def of_office(
    office: Annotated[str, Path(pattern=r"^[0-9]{2}\.[0-9]{2}$")],
    known: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response:
    """All villages of a kabupaten or kota, by code; `ETag` is a digest of the list."""
    answer, tag = _of_office(office)
    headers = {"ETag": tag, "Cache-Control": DAY}
    if known is not None and tag in (each.strip().removeprefix("W/") for each in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(answer, media_type="application/json", headers=headers)


@lru_cache(maxsize=64)
def _of_office(office: str) -> tuple[bytes, str]:
    villages = villages_of(office)
    if not villages:
        raise NotFound("kabupaten/kota tidak dikenal", field="office", rule="kode Kemendagri PP.KK")
    content = _json(villages)
    return content, f'"{hashlib.sha256(content).hexdigest()[:16]}"'


def _json(villages: Sequence[Village]) -> bytes:
    return Villages(items=[VillageView.model_validate(each) for each in villages]).model_dump_json().encode()
