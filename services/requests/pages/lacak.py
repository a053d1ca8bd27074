"""The page Lacak (for everybody): when do you come, what must I prepare?

Code and digits come in a form's body, never in an address, and no answer of this page is kept anywhere. The form
works without a script, and is taken from a page of the same origin only: another site cannot make whoever visits it
guess, nor use up what their address may ask.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request, Response

from services.requests.api.dependencies import Deps
from services.requests.domain.rules.policy import Policy
from services.requests.domain.tracking.codes import Misread, read, shown
from services.requests.domain.tracking.tracking_status import CaseProgress, News, milestones, news
from services.requests.domain.tracking.visit_window import promised
from services.requests.pages.dependencies import TEMPLATES
from services.requests.usecases.tracking import DIGITS, look
from shared.clock import business_time
from shared.health.diagnostics import ago
from shared.http.dependencies import Db
from shared.http.rate_limits import Refusal
from shared.reference.offices import Office
from shared.security.auth import anyone
from shared.security.cookies import must_be_same_origin
from shared.web.pages import page
from shared.web.times import day_in, moment_in, span_in, window_in
from shared.web.words import Words

PATH = "/lacak"
FORM_BYTES = 1024
WORD_JOINER, NO_BREAK = "\N{WORD JOINER}", "\N{NO-BREAK SPACE}"

router = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)


@dataclass
class TrackingForm:
    """What somebody typed, and what is wrong with it: a word of the chapter `lacak` for a field."""

    code: str = ""
    digits: str = ""
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, request: Request) -> "TrackingForm":
        """The form, as far as it can be read; `code` in its plain form where it can be one."""
        form = parse_qs((await request.body())[:FORM_BYTES].decode(errors="replace"))
        asked = cls(form.get("kode", [""])[0].strip(), form.get("angka", [""])[0].strip())
        try:
            asked.code = read(asked.code)
        except Misread as error:
            asked.wrong["kode"] = f"slip_{error.slip}"
        if len(asked.digits) != DIGITS or not (asked.digits.isascii() and asked.digits.isdigit()):
            asked.wrong["angka"] = "bad_digits"
        return asked


@router.get(PATH)
def ask(request: Request) -> Response:
    """The form."""
    return _form(request, TrackingForm())


@router.post(PATH)
async def tell(request: Request, db: Db, deps: Deps) -> Response:
    """The answer: 404 when the pair matches nothing, 422 when it can be none, 429 after too many wrong ones.

    Raises Forbidden (403) for a form of another site.
    """
    must_be_same_origin(request)
    asked = await TrackingForm.of(request)
    if asked.wrong:
        return _form(request, asked, 422)
    host = request.client.host if request.client else ""
    refusal = await deps.tracking_rate_limit.count(db, host, asked.code)
    if refusal is not None:
        return _refused(request, asked, refusal)
    async with db.connection() as conn:
        found = await look(conn, deps.vault, asked.code, asked.digits)
        now = await business_time(conn)
    if found is None:
        return _form(request, asked, 404, trouble="no_match")
    await deps.tracking_rate_limit.take_back(db, host, asked.code)
    return _answer(request, asked, found, deps.offices[found.office], deps.policies.of(found.office), now)


def _form(request: Request, asked: TrackingForm, status: int = 200, trouble: str = "", wait: int = 0) -> Response:
    code = asked.code if "kode" in asked.wrong or not asked.code else shown(asked.code)
    values = {"code": code, "digits": asked.digits, "wrong": asked.wrong, "trouble": trouble}
    return page(
        request, "lacak.html.j2", status, TEMPLATES, **values, wait=lambda t: span_in(t, timedelta(minutes=wait))
    )


def _refused(request: Request, asked: TrackingForm, refusal: Refusal) -> Response:
    answer = _form(request, asked, 429, trouble="too_many", wait=math.ceil(refusal.seconds / 60))
    answer.headers.update(refusal.headers)
    return answer


def _answer(
    request: Request, asked: TrackingForm, case: CaseProgress, office: Office, policy: Policy, now: datetime
) -> Response:
    told = news(case, now, policy.legal_limit, partial(promised, office, policy.window))
    return page(
        request,
        "kabar.html.j2",
        among=TEMPLATES,
        asked=asked,
        code=shown(asked.code),
        case=case,
        papers=case.papers(policy.required(case.service)),
        office=office,
        news=told,
        say=_saying(told, case, office),
        way=milestones(case),
        day=lambda t, at: day_in(t, office.day_of(at)),
        changed=ago(case.changed_at),
        seen=lambda t: moment_in(t, now, office),
    )


def _saying(told: News, case: CaseProgress, office: Office) -> Callable[[Words, str], str]:
    """The sentence, or another word about the same, with whatever it names filled in."""

    def say(t: Words, word: str) -> str:
        at, starts_at, ends_at = told.at, told.starts_at, told.ends_at
        return t(
            f"lacak.{word}",
            office=office.name,
            papers=", ".join(t(f"dokumen.{paper}") for paper in case.missing),
            at=moment_in(t, at, office) if at else "",
            window=_together(window_in(t, starts_at, ends_at, office)) if starts_at and ends_at else "",
            why=f": {t(told.reason)}" if told.reason else "",
        )

    return say


def _together(window: str) -> str:
    """Neither the day nor the hours of a window are torn apart at the end of a line."""
    day, hours, zone = window.rsplit(" ", 2)
    whole = hours.replace("–", f"{WORD_JOINER}–{WORD_JOINER}")
    return f"{day.replace(' ', NO_BREAK)} {whole}{NO_BREAK}{zone}"
