"""What a route asks for is asked in the event loop: a thread a dependency costs more than all of the others."""

import inspect

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from ops.docs.built import applications


def waits(dependant: Dependant) -> list[str]:
    """The dependencies that FastAPI would run in a thread."""
    found = []
    for each in dependant.dependencies:
        call = each.call
        if not (inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None))):
            found.append(str(call))
        found += waits(each)
    return found


def test_no_dependency_waits_for_a_thread() -> None:
    dependants = [getattr(route, "dependant", None) for app in apps().values() for route in iter_route_contexts(app.routes)]
    assert [each for dependant in dependants if dependant is not None for each in waits(dependant)] == []
    assert sum(dependant is not None for dependant in dependants) > 50
