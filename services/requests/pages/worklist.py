"""The work list: did it go out, and where is it? State, filters and place are in the address; no person is in it.

What is looked for goes through the address sealed. The names of the residents are asked for by the page's script, one
look that is written down, and only where they are not hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.datastructures import QueryParams

from services.requests.api.dependencies import CASEWORKERS, OfficesDep, PoliciesDep, VaultDep
from services.requests.api.reading import filed_in
from services.requests.api.views.reading import RequestView
from services.requests.domain.finding import Day, Sought
from services.requests.domain.stages import State
from services.requests.encryption import Vault
from services.requests.pages import regions, searching
from services.requests.pages.dependencies import TEMPLATES, Reader, left_of, named
from services.requests.store.lists import listing, worklist
from services.requests.store.lists.worklist import WorklistCounts
from services.requests.usecases import finding
from services.requests.usecases.finding import Search, SearchResult
from shared.clock import business_time
from shared.contract.fields import RequestKind
from shared.database.pool import Database
from shared.http.dependencies import Db
from shared.reference.offices import CAPITAL, Office, Offices
from shared.security.auth import Identity
from shared.security.identity import is_wilayah
from shared.system_clock import utc_now
from shared.web.limits import TimeLeft
from shared.web.pages import page
from shared.web.times import clock_in

PATH = "/permohonan"
EXPORT = "/api/requests/requests/export"
SHOWN = 50
NAMED = 3
"""Residents of a request that the list names."""
LONGEST = 120

Chosen = TypeVar("Chosen")
router = APIRouter(tags=["pages"], include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the address asks for. What it asks for in error is passed over: a link may be old, or cut off."""

    chosen: listing.Filter
    after: UUID | None
    filed: Day | None = None
    sealed: str = ""
    sought: Sought | None = None
    """What is looked for, and how it stands in the address."""

    @classmethod
    def of(cls, query: QueryParams, db: Database, who: Identity) -> "ListQuery":
        """Read the address."""
        region, text = query.get("kelurahan", ""), query.get("q", "").strip()
        return cls(
            listing.Filter(
                region if is_wilayah(region) and region else None,
                _one_of(State, query.get("stage")),
                _one_of(RequestKind, query.get("kind")),
                query.get("overdue") == "true",
                text if text.isprintable() and 0 < len(text) <= LONGEST else None,
                needing=query.get("perlu") == "true",
            ),
            _one_of(UUID, query.get("after")),
            _one_of(Day, query.get("filed")),
            query.get("cari", ""),
            searching.unseal(db, who, query["cari"]) if "cari" in query else None,
        )

    @property
    def query(self) -> dict[str, str]:
        """The filters as an address has them."""
        chosen = self.chosen
        given = {
            "kelurahan": chosen.region,
            "stage": chosen.state,
            "kind": chosen.kind,
            "overdue": "true" if chosen.overdue else None,
            "perlu": "true" if chosen.needing else None,
            "filed": self.filed,
            "q": chosen.text,
            "cari": self.sealed if self.sought else None,
        }
        return {name: str(value) for name, value in given.items() if value}

    def address(self, path: str = PATH, **changed: str) -> str:
        """An address with these filters; one changed to "" is dropped, and so is the place in the list."""
        query = {name: value for name, value in {**self.query, **changed}.items() if value}
        return f"{path}?{urlencode(query)}" if query else path


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """A request as the list shows it."""

    request: RequestView
    office: Office
    kelurahan: str
    left: TimeLeft
    cases: Sequence[UUID]
    """Whose names are shown: those who were looked for, else the first."""


@router.post(PATH)
async def search(request: Request, who: Reader, db: Db) -> Response:
    """What was typed and chosen, as an address: nothing that may be a name stands in it."""
    typed = await searching.Typed.of(request)
    sought = typed.sought
    query = {
        **{name: value for name, value in typed.filters.items() if value},
        **({"filed": sought.day.value} if sought.day else {}),
        **({"q": sought.text} if sought.code else {}),
        **({"cari": searching.seal(db, who, sought.text)} if sought.text and not sought.code else {}),
    }
    wanted = ListQuery.of(QueryParams(query), db, who)
    return Response(status_code=303, headers={"Location": wanted.address()})


@router.get(PATH)
async def work_list(
    request: Request, who: Reader, db: Db, vault: VaultDep, offices: OfficesDep, policies: PoliciesDep
) -> Response:
    """Requests of the person's wilayah, the newest first."""
    wanted = ListQuery.of(request.query_params, db, who)
    found = await _found(db, vault, who, wanted, offices)
    async with db.connection() as conn:
        cases = await listing.first_cases(conn, [row.id for row in found.rows], NAMED)
        tally = await worklist.tally(conn, who.wilayah)
        now = await business_time(conn)
    views = [RequestView.of(row, policies.of(row.office).legal_limit) for row in found.rows]
    return page(
        request,
        "worklist.html.j2",
        among=TEMPLATES,
        who=who,
        wanted=wanted,
        rows=_rows(views, offices, now, cases | found.meant),
        reads_persons=who.is_any(*CASEWORKERS),
        days=Day,
        tally=tally,
        tabs=_tabs(wanted, tally),
        choices=regions.choices(who, offices),
        states=State,
        kinds=RequestKind,
        first=wanted.address() if wanted.after else None,
        next=wanted.address(after=str(found.last)) if found.last else None,
        export=None if wanted.sought else wanted.address(EXPORT),
        clock=_clock(regions.home(who, offices)),
    )


async def _found(db: Database, vault: Vault, who: Identity, wanted: ListQuery, offices: Offices) -> SearchResult:
    chosen = replace(wanted.chosen, filed=await filed_in(wanted.filed, who, db, offices))
    if wanted.sought is None:
        async with db.connection() as conn:
            rows = await listing.page(conn, who.wilayah, chosen, wanted.after, SHOWN)
        return SearchResult(rows, {}, rows[-1].id if len(rows) == SHOWN else None)
    search = Search(
        chosen,
        wanted.sought,
        [office.code for office in offices.overlapping(who.wilayah)],
        reads_persons=who.is_any(*CASEWORKERS),
        after=wanted.after,
        limit=SHOWN,
    )
    return await finding.find(db, vault, who, search)


def _rows(
    views: Sequence[RequestView], offices: Offices, now: datetime, cases: Mapping[UUID, list[UUID]]
) -> list[ListedRequest]:
    return [
        ListedRequest(
            view,
            offices.of(view.kelurahan),
            named(view.kelurahan).name,
            left_of(view, now, view.overdue),
            cases.get(view.request_id, [])[:NAMED],
        )
        for view in views
    ]


def _tabs(wanted: ListQuery, tally: WorklistCounts) -> list[dict[str, Any]]:
    """The queues that ask for something; each keeps the other filters."""

    def tab(word: str, count: int | None, tone: str, **query: str) -> dict[str, Any]:
        mine = {name: wanted.query.get(name, "") for name in ("stage", "overdue", "perlu")}
        asked = {"stage": "", "overdue": "", "perlu": "", **query}
        return {
            "word": word,
            "count": count,
            "tone": tone,
            "href": wanted.address(**asked),
            "current": mine == asked,
        }

    return [
        tab("permohonan.all", None, ""),
        tab("permohonan.needing", tally.needing, "care", perlu="true"),
        tab("stage.needs_documents", tally.lacking, "care", stage=State.NEEDS_DOCUMENTS),
        tab("permohonan.overdue", tally.late, "bad", overdue="true"),
        tab("stage.scheduled", tally.scheduled, "", stage=State.SCHEDULED),
        tab("stage.printed", tally.printed, "", stage=State.PRINTED),
    ]


def _clock(home: Office | None) -> str:
    """What the clock on the wall of the office shows; WIB for whoever works for several zones."""
    zone, name = (home.tz, home.zone_name) if home else (CAPITAL, "WIB")
    return f"{clock_in(utc_now().astimezone(zone))} {name}"


def _one_of(kind: type[Chosen], text: str | None) -> Chosen | None:
    try:
        return kind(text) if text else None  # type: ignore[call-arg]  # an enum's or a UUID's, by its text
    except ValueError:
        return None
