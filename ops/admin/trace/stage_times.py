"""How long a case stood at each stage, and whether the stage's limit passed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ops.admin.trace.model import StageTime
from services.requests.domain.rules.policy import Policy
from services.requests.domain.stages import OPEN, UNPRINTED, due, state_of
from shared.contract.fields import Stage


def stage_times(policy: Policy, request: Any, case: Any, steps: Sequence[Any], now: datetime) -> list[StageTime]:
    """From rows of requests: the letter, the case and its steps. The legal clock is the request's, not a stage's."""
    began = case["added_at"] or request["filed_at"]
    first = state_of(Stage.FILED, case["missing"])
    stays: list[tuple[str, datetime, datetime | None]] = [(first, began, due(policy, first, began))]
    accepted_at = case["accepted_at"] or (request["accepted_at"] if case["told"] else None)
    if accepted_at:
        stays.append((Stage.ACCEPTED, accepted_at, None))
    for step in sorted(steps, key=lambda step: step["sequence"]):
        stage = Stage(step["stage"])
        stays.append((stage, step["at"], due(policy, stage, step["ends_at"] or step["at"])))
    if case["closed_at"] and case["stage"] in (Stage.REJECTED, Stage.CANCELLED):
        # What was told after the close counts no more.
        stays = [stay for stay in stays if stay[1] <= case["closed_at"]]
        stays.append((Stage(case["stage"]), case["closed_at"], None))
    ends = [since for _, since, _ in stays[1:]]
    return [
        _clock(stage, since, until, limit, now)
        for (stage, since, limit), until in zip(stays, [*ends, None], strict=True)
    ]


def legal(cases: Sequence[Any], printed: Sequence[datetime], due: datetime | None, now: datetime) -> str:
    """How the legal clock of a request stands, see `RequestTrace.legal`; `printed` are the moments of its cards."""
    if due is None:
        return "waiting"
    if any(at > due for at in printed):
        return "passed"
    if any(case["stage"] in UNPRINTED and not case["print_on_hold"] for case in cases):
        return "passed" if now > due else "running"
    return "kept" if printed else "off"


def _clock(stage: str, since: datetime, until: datetime | None, due: datetime | None, now: datetime) -> StageTime:
    end = until or (now if stage in OPEN else since)
    waited = max((end - since).total_seconds(), 0.0)
    return StageTime(stage, since, until, due, waited, exceeded=due is not None and end > due)
