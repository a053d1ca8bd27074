"""Problems as problem+json (RFC 9457): each names the field and the rule; nothing of the inside leaks.

A person whose browser opens a page gets a page instead (`shared.web.error_page`) where a person can do something
about it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.database.errors import TRANSIENT_ERRORS
from shared.http.field_errors import field_of, rule_of
from shared.problems import Invalid, Problem, RuleViolation
from shared.web.error_page import render_error_page

log = structlog.get_logger()

PROBLEM = "application/problem+json"
MOST_ERRORS = 50
"""Errors named in one answer: a large body can break a rule at each of its thousands of fields."""
TITLES = {
    400: ("Permintaan tidak terbaca", "Isi permintaan bukan JSON yang dapat dibaca."),
    401: ("Belum masuk", "Masuk dahulu, atau sertakan token: Authorization: Bearer ..."),
    403: ("Tidak berwenang", "Anda tidak berwenang melakukan ini."),
    404: ("Tidak ditemukan", "Alamat ini tidak ada."),
    405: ("Cara ini tidak tersedia", "Alamat ini ada, tetapi tidak untuk cara (method) ini; lihat header Allow."),
    408: ("Permintaan terlalu lambat", "Isi permintaan tidak datang pada waktunya. Kirim lagi."),
    409: ("Tidak sesuai keadaan sekarang", "Keadaan sekarang tidak mengizinkannya."),
    413: ("Isi permintaan terlalu besar", "Kirim isi yang lebih kecil, misalnya surat dibagi menjadi beberapa."),
    414: ("Alamat terlalu panjang", "Perpendek alamat dan penyaringnya."),
    415: ("Jenis isi tidak didukung", "Kirim JSON, dengan header Content-Type: application/json."),
    422: ("Isian tidak sah", "Ada isian yang perlu diperbaiki."),
    429: ("Terlalu banyak permintaan", "Coba lagi setelah waktu dalam header Retry-After."),
    431: ("Header terlalu besar", "Perkecil header permintaan, misalnya cookie."),
    500: ("Kesalahan sistem", "Terjadi kesalahan; sudah tercatat. Coba lagi."),
    503: ("Sedang tidak siap", "Basis data belum siap. Tidak ada yang hilang; kirim lagi sebentar lagi."),
}
"""Title and detail by status, for what no route said in words of its own."""
_WITH = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "5"}}
"""Headers that a problem of this status has."""


def problem_response(
    status: int,
    title: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem+json response."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    body |= members or {}
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status, headers, media_type=PROBLEM)


def status_response(status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem that its status says all of."""
    title, detail = TITLES.get(status) or (HTTPStatus(status).phrase, HTTPStatus(status).phrase)
    return problem_response(status, title, detail, headers=headers)


def install_handlers(app: FastAPI) -> None:
    """Map exceptions to problem+json; what nobody foresaw is left to the edge, which makes a 500 of it."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for transient in TRANSIENT_ERRORS:
        app.add_exception_handler(transient, _away)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    shown = render_error_page(request, error.status, _WITH.get(error.status))
    if shown is not None:
        return shown
    errors = [_named(broken) for broken in error.errors[:MOST_ERRORS]]
    return problem_response(error.status, error.title, error.detail, errors, _WITH.get(error.status), error.members)


def _named(broken: RuleViolation) -> dict[str, str]:
    """Extension members of RFC 9457: what a rule has no word for is left out."""
    return {name: said for name, said in asdict(broken).items() if said or name in ("field", "rule")}


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    # An address that can be none is, to whoever opens it, one that is not there.
    shown = render_error_page(request, 404) if any(item["loc"][0] == "path" for item in found) else None
    if shown is not None:
        return shown
    if found[0]["loc"] == ("body",) and isinstance(found[0].get("input"), bytes):
        # What is not JSON by its Content-Type is never parsed: a form of another site cannot command.
        return status_response(415, {"Accept": "application/json"})
    errors = [{"field": field_of(item, error.body), "rule": rule_of(item)} for item in found[:MOST_ERRORS]]
    return problem_response(Invalid.status, Invalid.title, f"{len(found)} isian perlu diperbaiki", errors)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(methods_of(request)))
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
    return render_error_page(request, error.status_code, headers) or status_response(error.status_code, headers)


def methods_of(request: Request) -> set[str]:
    """All methods of an address, where several routes share it.

    A pattern that fits it too ("/requests/{request_id}" fits "/requests/export") does not share it.
    """
    found = [
        (len(more.get("path_params", ())), method)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        for included in request.app.router.routes
        # What a router that was included says of a match does not tell its parts.
        for route in getattr(getattr(included, "original_router", None), "routes", [included])
        for match, more in [route.matches({**request.scope, "method": method, "path_params": {}})]
        if match is Match.FULL
    ]
    nearest = min((parts for parts, _ in found), default=0)
    methods = {method for parts, method in found if parts == nearest}
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


async def _away(request: Request, error: Exception) -> Response:
    log.warning("dependency away", error=type(error).__name__)
    headers = {"Retry-After": "2"}
    return render_error_page(request, 503, headers) or status_response(503, headers)
