"""Which tests go to the same worker, and which begin first: modules share running systems, and those are dear."""

from collections.abc import ItemsView, Iterable, KeysView, Set
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

SHARED = {
    "tests/browser/test_bantuan.py": "portal",
    "tests/browser/test_copies.py": "portal",
    "tests/browser/test_form.py": "portal",
    "tests/browser/test_form_entries.py": "portal",
    "tests/browser/test_known.py": "portal",
    "tests/browser/test_offline.py": "portal",
    "tests/browser/test_operasi.py": "portal",
    "tests/browser/test_papers.py": "portal",
    "tests/browser/test_sorry.py": "portal",
    "tests/browser/test_desk.py": "office",
    "tests/browser/test_dialogs.py": "office",
    "tests/browser/test_drives.py": "office",
    "tests/browser/test_finding.py": "office",
    "tests/browser/test_detail.py": "office",
    "tests/browser/test_lacak.py": "office",
}
"""Files that share the running system of a fixture of this name; every other one is by itself."""
FIRST = (
    "portal",
    "tests/contracts/test_schemathesis.py",
    "office",
    "tests/services/requests/attachments/test_attachments.py",
    "tests/test_story.py",
)
"""The longest, so that no worker waits for another one at the end."""


class Marked(Protocol):
    """The definition of a test."""

    nodeid: str

    def iter_markers(self, name: str) -> Iterable[pytest.Mark]:
        """Its marks of this name."""


def must_be_ordered(test: Marked) -> None:
    """Refuse cases that are a set: every worker would have them in another order. Raises UsageError."""
    for mark in test.iter_markers("parametrize"):
        values = mark.args[1] if len(mark.args) > 1 else mark.kwargs["argvalues"]
        if isinstance(values, Set) and not isinstance(values, KeysView | ItemsView):
            raise pytest.UsageError(f"{test.nodeid}: its cases are a set, which has no order; sort them")


def group_of(nodeid: str) -> str:
    """What goes to one worker with this test: a file, or the files that share a system."""
    file = nodeid.partition("::")[0]
    return SHARED.get(file, file)


def in_order(items: list[pytest.Item]) -> None:
    """The longest groups first and each in one piece; within a group the order stays as it is."""
    met: dict[str, int] = {}
    for item in items:
        met.setdefault(group_of(item.nodeid), len(met))

    def place(item: pytest.Item) -> tuple[int, int]:
        group = group_of(item.nodeid)
        return FIRST.index(group) if group in FIRST else len(FIRST), met[group]

    items.sort(key=place)


def by_group(config: pytest.Config, log: Any) -> "LoadScopeScheduling":
    """Gives a worker a whole group at a time, in the order of the collection."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    config.option.loadscopereorder = False
    return ByGroup(config, log)
