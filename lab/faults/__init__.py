"""Fault injection: servers and services fail under a simulated workload, several at a time; then all is counted.

    python -m lab faults --n 300 --cluster 3 --seed 2   # writes build/faults.json and build/faults.md
    main(12, 3, mutant="inbox-off")                     # with one guarantee broken: must be found out

Every acknowledged command is kept in a journal outside the system, and held against the four databases and
against a reader of the topics of its own. Nothing may be lost, nothing may take effect twice, nothing may be
stuck, and the order of a key must hold. `schedule.py` says which faults, `injector.py` when, and
`processes.py` and `outages.py` have a class for each kind. See docs/faults.md.
"""

from pathlib import Path


def main(
    n: int,
    seed: int,
    cluster: int = 1,
    mutant: str | None = None,
    *,
    data: Path | None = None,
    out: Path | None = None,
) -> int:
    """Do `n` faults while the story runs; 0 when nothing is wrong, 1 when something is (see `out`).

    `data` is the folder of the system, emptied first; `mutant` names a guarantee to be broken on purpose.
    """
    # Imported here: a mutant's child process needs none of it.
    from lab.faults.run import run

    return run(n, seed, cluster, mutant, data, out)
