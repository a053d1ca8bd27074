"""Measures the system beside the ceiling of the same run: one table, and `build/bench.json`.

Absolute figures say little on a shared machine; the ratio to a ceiling measured in the same minute says much.
"""

# main comes with run

