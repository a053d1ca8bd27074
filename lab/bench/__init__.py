"""Measures the system beside the ceiling of the same run: a table, and `build/bench.json`.

Absolute figures say little on a shared machine; the ratio to a ceiling measured in the same minute says much.
"""

from lab.bench.run import main

__all__ = ["main"]
