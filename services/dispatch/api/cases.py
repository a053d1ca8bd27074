"""One case, as it stands."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter

from services.dispatch.api.access import CaseReader
from services.dispatch.api.views import AttemptView, CaseView, CaseVisitView
from services.dispatch.domain.cases import Case
from services.dispatch.store import cases, reading
from shared.asking import Db
from shared.problems import NotFound

router = APIRouter(tags=["cases"])


@router.get("/cases/{case_id}")
async def case(case_id: UUID, who: CaseReader, db: Db) -> CaseView:
    """A case with its visits and its attempts to print; 404 outside the caller's wilayah."""
    async with db.reading() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        found = await cases.find(conn, case_id)
        if found is None or not who.sees(found.needs.kelurahan):
            raise NotFound("kasus tidak ditemukan", field="case_id")
        visits = [CaseVisitView(**row) for row in await reading.visits_of(conn, case_id)]
        prints = [AttemptView(**row) for row in await reading.prints_of(conn, case_id)]
    return _view(found, visits, prints)


def _view(found: Case, visits: list[CaseVisitView], prints: list[AttemptView]) -> CaseView:
    needs = asdict(found.needs)
    return CaseView(
        **{name: value for name, value in asdict(found).items() if name in CaseView.model_fields},
        **{**needs, "skills": sorted(found.needs.skills)},
        preferred_days=sorted(found.days.preferred),
        on_holidays=found.days.on_holidays,
        case_id=found.id,
        visits=visits,
        prints=prints,
    )
