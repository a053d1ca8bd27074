"""Compares twice, some time apart: only what both find is a finding, and only where nothing is outstanding."""

import structlog
from aiokafka.errors import KafkaError

from ops.platform import PlatformError
from ops.reconcile import offices, pairs, published, snapshots, streams, unconsumed
from ops.reconcile.findings import Finding, Report
from ops.reconcile.published import TopicContents
from ops.reconcile.snapshots import Snapshots
from ops.system.discovery import Reachable, brokers_of
from ops.system.quiescence import QuiescenceMonitor
from shared.system_clock import utc_now

log = structlog.get_logger()
PATIENCE = 20.0
"""Seconds to wait for quiescence between the two comparisons."""


async def reconcile(system: Reachable, patience: float = PATIENCE) -> Report:
    """Compare what the services hold. Without the brokers only the databases are compared, and the report says so.

    Raises one of TRANSIENT_ERRORS while a database is away.
    """
    first, *_ = await _look(system)
    under_way = await _wait(system, patience)
    found, snapshots_now, log_now = await _look(system)
    by_kind = {finding.kind: finding for finding in first}
    both = [finding.both(by_kind.get(finding.kind)) for finding in found]
    judged = [finding for finding in both if finding.things and not _may_come(finding, under_way)]
    gone = streams.forgotten(snapshots_now, log_now, utc_now()) if log_now else {}
    return Report(judged, under_way, gone, topics_read=log_now is not None)


def _may_come(finding: Finding, under_way: dict[str, int]) -> bool:
    """Whether its consumer, or the outbox before that, has not come to it yet."""
    if finding.flow is None:
        return False
    return finding.flow in under_way or any(name.startswith("outbox ") for name in under_way)


async def _look(system: Reachable) -> tuple[list[Finding], Snapshots, TopicContents | None]:
    try:
        topics: TopicContents | None = await published.read(brokers_of(system))
    except KafkaError as error:
        log.warning("topics not read", error=type(error).__name__)
        topics = None
    # After the topics: what was stated in between is no finding, for it is not among the facts that are missing.
    databases = await snapshots.read(system)
    found = [*pairs.check(databases), *unconsumed.check(databases), *offices.check(databases)]
    return [*found, *streams.check(databases, topics, utc_now())], databases, topics


async def _wait(system: Reachable, patience: float) -> dict[str, int]:
    """What is outstanding, by group, and "outbox <service>"; empty once all is quiet."""
    async with QuiescenceMonitor(system) as monitor:
        try:
            await monitor.wait(patience)
        except PlatformError:
            outstanding = (await monitor.snapshot()).outstanding
            return {name.removeprefix("lag "): count for name, count in outstanding.items()}
    return {}
