"""Daily reports: the province sees which office has closed its day, and with how many cards."""

from services.notify.store import alerts as store
from shared.contract.events import StockReportCorrected, StockReported
from shared.database.connection import Connection


async def store_report(conn: Connection, report: StockReported) -> None:
    """Store an office's latest report: the later day, and of one day the higher revision."""
    revision = report.revision if isinstance(report, StockReportCorrected) else 0
    await store.set_report(conn, report, revision)
