"""Daily reports: the province knows which office has told it how its day ended."""

from services.notify.store import alerts as store
from shared.contract.events import StockReportCorrected, StockReported
from shared.database.connection import Connection


async def remember(conn: Connection, report: StockReported) -> None:
    """Keep an office's latest report: the later day, and of one day the higher revision."""
    revision = report.revision if isinstance(report, StockReportCorrected) else 0
    await store.set_report(conn, report, revision)
