"""What is collected does not hang on how this Python hashes: workers that differ can share nothing out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import scheduling

ROOT = Path(__file__).parents[1]
WITHOUT = ["-q", "-o", "addopts=", "-p", "no:randomly", "-p", "no:cacheprovider"]


def collected(hash_seed: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "--collect-only", *WITHOUT],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.long
def test_collection_is_the_same_under_any_hash_seed() -> None:
    runs = [collected(hash_seed) for hash_seed in (1, 2)]
    one, other = ([line for line in run.communicate()[0].splitlines() if "::" in line] for run in runs)
    assert len(one) > 1000
    assert one == other


class Asked:
    """As much of a test's definition as is looked at when its cases are made."""

    def __init__(self, values: object) -> None:
        self.marks = [pytest.mark.parametrize("value", values).mark]
        self.nodeid = "test_it"

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        return [mark for mark in self.marks if mark.name == name]


@pytest.mark.parametrize("values", [["b", "a"], {"a": 1}], ids=["list", "dict"])
def test_cases_have_an_order(values: object) -> None:
    scheduling.must_be_ordered(Asked(values))


@pytest.mark.parametrize(
    "values", [{1}, frozenset("a"), {"a": 1}.keys() - "b"], ids=["set", "frozenset", "difference"]
)
def test_a_set_of_cases_is_refused(values: object) -> None:
    with pytest.raises(pytest.UsageError, match="test_it"):
        scheduling.must_be_ordered(Asked(values))
