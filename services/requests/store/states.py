"""The state of a case as SQL, the same as `domain.stages.state_of`: the one place that says so."""

from services.requests.domain.stages import State, waits_at

WAITING = "left join case_wait w on w.case_id = c.id"
"""Beside `case_file c`, for `STATE`."""


def _when(state: State) -> str:
    waits = waits_at(state)
    assert waits is not None
    stages = ", ".join(f"'{stage}'" for stage in waits[1])
    return f"when w.waits_for = '{waits[0]}' and c.stage in ({stages}) then '{state}'"


STATE = f"""case
    when c.stage = 'filed' and c.missing <> '{{}}' then '{State.NEEDS_DOCUMENTS}'
    {" ".join(_when(state) for state in State if waits_at(state))}
    else c.stage end"""
