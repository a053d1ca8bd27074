"""The page "Bantuan", for families and staff: whom to call, which papers each service asks for, what the words mean.

It holds nothing of whoever opens it, so a device keeps it as it is; there the device's own office is filled in.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.requests.api.dependencies import OfficesDep, PoliciesDep
from services.requests.domain.people import Document
from services.requests.domain.rules.clauses import Paper
from services.requests.domain.rules.policy import Policies, Policy
from services.requests.pages.dependencies import TEMPLATES, visitor
from shared.contract.fields import ServiceCode
from shared.reference.offices import Office, Offices
from shared.security.auth import Identity, anyone
from shared.web.pages import page

PATH = "/bantuan"
TERMS = ("surat", "permohonan", "warga", "berkas", "kasus", "kode", "layanan", "antrean")

router = APIRouter(tags=["pages"], include_in_schema=False, dependencies=[Depends(anyone)])


@dataclass(frozen=True, slots=True)
class PaperRequirement:
    """A paper that a service knows; `need` is "always", "married_under_age" or "welcome"."""

    document: Document
    need: str

    @classmethod
    def of(cls, document: Document, paper: Paper) -> "PaperRequirement":
        """The paper as the policy has it."""
        return cls(document, paper.when if paper.required else "welcome")


@router.get(PATH)
def help_page(
    request: Request, offices: OfficesDep, policies: PoliciesDep, kantor: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """The page of an office: the one that `kantor` names, or that of whoever is logged in; else of no office."""
    who = visitor(request)
    office = _office(offices, kantor, who)
    return page(request, "bantuan.html.j2", among=TEMPLATES, who=who, office=office, **_shown(policies, office))


def of_no_office(policies: Policies) -> dict[str, Any]:
    """What the page of no office shows, as devices keep it."""
    return {"office": None, **_shown(policies, None)}


def _office(offices: Offices, asked: str, who: Identity | None) -> Office | None:
    code = asked or (who.wilayah[:5] if who else "")
    return next((office for office in offices if office.code == code), None)


def _shown(policies: Policies, office: Office | None) -> dict[str, Any]:
    policy = policies.of(office.code if office else "")
    return {"terms": TERMS, "services": _services(policy), "policy": policy}


def _services(policy: Policy) -> dict[ServiceCode, list[PaperRequirement]]:
    return {each: [PaperRequirement.of(*paper) for paper in policy.papers(each).items()] for each in ServiceCode}
