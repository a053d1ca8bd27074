"""Names kernel objects that outlive a process after their owner, so that the next run can remove them."""

import os
import re

import psutil

_NAMED = re.compile(r"jemput-(\d+)-(\d+)")


def mark() -> str:
    """This process in a name: its pid and when it began, for a pid alone is given to strangers later."""
    return f"jemput-{os.getpid()}-{_began(os.getpid())}"


def abandoned(name: str) -> str | None:
    """The mark in a name if its owner is gone; None for a living owner's and for what is not ours."""
    found = _NAMED.search(name)
    if found is None or _began(int(found[1])) == int(found[2]):
        return None
    return found[0]


def _began(pid: int) -> int | None:
    try:
        return int(psutil.Process(pid).create_time() * 100)
    except psutil.Error:
        return None
