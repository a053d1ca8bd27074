"""The work list: did it go out, and where is it? State, filters and place are in the address; no person is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.datastructures import QueryParams

from services.requests.api.views.reading import RequestView
from services.requests.api.wiring import Known, Rules
from services.requests.domain.stages import State
from services.requests.pages import regions
from services.requests.pages.wiring import OURS, Reader, left_of, named
from services.requests.store import listing, worklist
from services.requests.store.worklist import Tally
from shared.asking import Db
from shared.clock import business_time
from shared.fields import RequestKind
from shared.identity import is_wilayah
from shared.offices import Office, Offices
from shared.wall import utc_now
from shared.web.limits import Left
from shared.web.pages import page
from shared.web.times import clock_in

PATH = "/permohonan"
EXPORT = "/api/requests/requests/export"
SHOWN = 50
LONGEST = 120

Chosen = TypeVar("Chosen")
router = APIRouter(tags=["pages"], include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. What it asks for in error is passed over: a link may be old, or cut off."""

    chosen: listing.Filter
    after: UUID | None

    @classmethod
    def of(cls, query: QueryParams) -> "Wanted":
        """Read the address."""
        region, text = query.get("kelurahan", ""), query.get("q", "").strip()
        return cls(
            listing.Filter(
                region if is_wilayah(region) and region else None,
                _one_of(State, query.get("stage")),
                _one_of(RequestKind, query.get("kind")),
                query.get("overdue") == "true",
                text if text.isprintable() and 0 < len(text) <= LONGEST else None,
            ),
            _one_of(UUID, query.get("after")),
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
            "q": chosen.text,
        }
        return {name: str(value) for name, value in given.items() if value}

    def address(self, path: str = PATH, **changed: str) -> str:
        """An address with these filters; one changed to "" is dropped, and so is the place in the list."""
        query = {name: value for name, value in {**self.query, **changed}.items() if value}
        return f"{path}?{urlencode(query)}" if query else path


@dataclass(frozen=True, slots=True)
class Row:
    """A request as the list shows it."""

    request: RequestView
    office: Office
    kelurahan: str
    left: Left


@router.get(PATH)
async def work_list(request: Request, who: Reader, db: Db, offices: Known, policies: Rules) -> Response:
    """Requests of the person's wilayah, the newest first."""
    wanted = Wanted.of(request.query_params)
    async with db.reading() as conn:
        rows = await listing.page(conn, who.wilayah, wanted.chosen, wanted.after, SHOWN)
        tally = await worklist.tally(conn, who.wilayah)
        now = await business_time(conn)
    views = [RequestView.of(row, policies.of(row.office).legal_limit) for row in rows]
    return page(
        request,
        "worklist.html.j2",
        among=OURS,
        who=who,
        wanted=wanted,
        rows=_rows(views, offices, now),
        tally=tally,
        tabs=_tabs(wanted, tally),
        choices=regions.choices(who, offices),
        states=State,
        kinds=RequestKind,
        first=wanted.address() if wanted.after else None,
        next=wanted.address(after=str(views[-1].request_id)) if len(views) == SHOWN else None,
        export=wanted.address(EXPORT),
        clock=_clock(regions.home(who, offices)),
    )


def _rows(views: Sequence[RequestView], offices: Offices, now: datetime) -> list[Row]:
    return [
        Row(view, offices.of(view.kelurahan), named(view.kelurahan).name, left_of(view, now, view.overdue))
        for view in views
    ]


def _tabs(wanted: Wanted, tally: Tally) -> list[dict[str, Any]]:
    """The queues that ask for something; each keeps the other filters."""

    def tab(word: str, count: int | None, tone: str, **query: str) -> dict[str, Any]:
        mine = {name: wanted.query.get(name, "") for name in ("stage", "overdue")}
        asked = {"stage": "", "overdue": "", **query}
        return {
            "word": word,
            "count": count,
            "tone": tone,
            "href": wanted.address(**asked),
            "current": mine == asked,
        }

    return [
        tab("permohonan.all", None, ""),
        tab("stage.needs_documents", tally.lacking, "care", stage=State.NEEDS_DOCUMENTS),
        tab("permohonan.overdue", tally.late, "bad", overdue="true"),
        tab("stage.scheduled", tally.scheduled, "", stage=State.SCHEDULED),
        tab("stage.printed", tally.printed, "", stage=State.PRINTED),
    ]


def _clock(home: Office | None) -> str:
    """What the clock on the wall of the office shows; of UTC for whoever works for several zones."""
    return f"{clock_in(utc_now().astimezone(home.tz))} {home.zone_name}" if home else f"{clock_in(utc_now())} UTC"


def _one_of(kind: type[Chosen], text: str | None) -> Chosen | None:
    try:
        return kind(text) if text else None  # type: ignore[call-arg]  # an enum's or a UUID's, by its text
    except ValueError:
        return None
