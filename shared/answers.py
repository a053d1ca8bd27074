"""Problems as problem+json (RFC 9457): each names the field and the rule; nothing of the inside leaks."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.db import TRANSIENT
from shared.problems import Invalid, Problem

log = structlog.get_logger()


def answer(
    status: int,
    title: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem+json response."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Map every exception to problem+json; nothing of the input or the inside leaks."""

    @app.exception_handler(Problem)
    async def problem(_: Request, error: Problem) -> JSONResponse:
        named = {"field": error.field or "", "rule": error.rule or error.detail}
        return answer(error.status, error.title, error.detail, [named] if error.field else None)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {
                "field": ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]),
                "rule": item["msg"],
            }
            for item in error.errors()
        ]
        return answer(422, Invalid.title, f"{len(errors)} isian perlu diperbaiki", errors)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        return answer(error.status_code, str(error.detail), str(error.detail), headers=dict(error.headers or {}))

    for transient in TRANSIENT:
        app.add_exception_handler(transient, _away)

    @app.exception_handler(Exception)
    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        log.error("unexpected", error=type(error).__name__, exc_info=error)
        return answer(500, "Kesalahan sistem", "Terjadi kesalahan; sudah tercatat. Coba lagi.")


async def _away(_: Request, error: Exception) -> JSONResponse:
    log.warning("dependency away", error=type(error).__name__)
    detail = "Basis data belum siap. Tidak ada yang hilang; kirim lagi sebentar lagi."
    return answer(503, "Sedang tidak siap", detail, headers={"Retry-After": "2"})
