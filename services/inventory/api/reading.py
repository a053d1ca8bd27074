"""The routes that read: stock, the ledger, daily reports and shipments."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.inventory.api.access import Auditor, Limit, ListReader, Reader
from services.inventory.api.dependencies import Deps
from services.inventory.api.views.ledger import (
    DifferenceView,
    LedgerView,
    MovementView,
    ReportsView,
    ReportView,
    VerificationView,
)
from services.inventory.api.views.shipments import ShipmentsView, ShipmentView
from services.inventory.api.views.stock import LevelView, ProvinceView, StocksView, StockView
from services.inventory.domain.levels import Stock, settle
from services.inventory.store import reports, shipments, stock, verify
from shared.contract import fields as f
from shared.http.dependencies import Db
from shared.security.auth import NATION, Identity, Role, allow

router = APIRouter(tags=["inventory"])


@router.get("/offices/{office}/stock")
async def office_stock(office: f.OfficeCode, who: Reader, db: Db, deps: Deps) -> StockView:
    """The office's blank cards, where they are, and how long they last."""
    known = deps.offices[office]
    async with db.connection() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        found = await stock.find(conn, office) or settle(Stock.first(known))
        return StockView.at(found, await stock.accounts(conn, office), await shipments.differences(conn, office))


@router.get("/stock")
async def all_stock(
    who: ListReader, db: Db, province: Annotated[f.ProvinceCode | None, Query()] = None
) -> StocksView:
    """Provincial stores and offices in the caller's wilayah."""
    async with db.connection() as conn:
        stores = await stock.visible_stores(conn, who.wilayah, province or "")
        found = await stock.visible(conn, who.wilayah, province or "")
    return StocksView(
        provinces=[ProvinceView(province=code, store=held) for code, held in stores.items()],
        offices=[LevelView.model_validate(each) for each in found],
    )


@router.get("/offices/{office}/ledger")
async def ledger(
    office: f.OfficeCode,
    who: Auditor,
    db: Db,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Limit = 100,
) -> LedgerView:
    """The office's movements in the order of the ledger."""
    async with db.connection() as conn:
        rows = await reports.ledger(conn, office, after, limit)
    return LedgerView(
        movements=[MovementView.model_validate(dict(row)) for row in rows],
        next=rows[-1]["id"] if len(rows) == limit else None,
    )


@router.get("/offices/{office}/reports", operation_id="told_reports_offices__office__reports_get")
async def daily_reports(
    office: f.OfficeCode, who: Reader, db: Db, before: f.SentDay = date.max, limit: Limit = 31
) -> ReportsView:
    """The latest revision of each daily report of the office, newest first."""
    async with db.connection() as conn:
        found = await reports.latest(conn, office, before, limit)
    return ReportsView(
        office=office,
        reports=[ReportView.model_validate(report) for report in found],
        next=found[-1].figures.day if len(found) == limit else None,
    )


@router.get("/shipments")
async def all_shipments(
    who: ListReader,
    db: Db,
    office: Annotated[f.OfficeCode | None, Query()] = None,
    after: UUID | None = None,
    limit: Limit = 100,
) -> ShipmentsView:
    """Shipments to the offices in the caller's wilayah, or to one of them."""
    async with db.connection() as conn:
        found = await shipments.visible(conn, who.wilayah, office or "", after, limit)
    return ShipmentsView(
        shipments=[ShipmentView.model_validate(each) for each in found],
        next=found[-1].shipment_id if len(found) == limit else None,
    )


@router.get("/ledger/verify")
async def verify_ledger(
    who: Annotated[Identity, Depends(allow(Role.OPS, scope=NATION, cookie=True))], db: Db
) -> VerificationView:
    """Count the whole ledger again and say what differs (role ops)."""
    async with db.connection() as conn:
        found = await verify.verify(conn)
    return VerificationView(
        ok=found.sum == 0 and not found.differences,
        sum=found.sum,
        movements=found.movements,
        differences=[DifferenceView.model_validate(each) for each in found.differences],
    )
