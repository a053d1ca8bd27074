"""Keys in order, each with a number: a prefix is one stretch, found by bisection."""

from bisect import bisect_left
from collections.abc import Iterable

from shared.picking.spelling import slips_at

LAST = "\U0010ffff"
"""Sorts behind whatever may follow a prefix."""


class Sorted:
    """Which numbers have a key that begins so."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        ordered = sorted(pairs)
        self._keys, self._numbers = [key for key, _ in ordered], [number for _, number in ordered]

    def after(self, prefix: str) -> list[int]:
        """The numbers of the keys that begin so, in the order of the keys."""
        first, end = self._stretch(prefix, 0, len(self._keys))
        return self._numbers[first:end]

    def slipped(self, typed: str) -> tuple[set[int], set[int]]:
        """The numbers of the keys that are what was typed but for one slip, and of those that only begin so."""
        same: set[int] = set()
        longer: set[int] = set()
        first, end = 0, len(self._keys)
        for at in range(len(typed) + 1):
            # Each slip here leaves what stands before: where no key begins so, no later slip helps.
            first, end = self._stretch(typed[:at], first, end)
            for meant in slips_at(typed, at) if first < end else ():
                start, stop = self._stretch(meant, first, end)
                while start < stop and self._keys[start] == meant:
                    same.add(self._numbers[start])
                    start += 1
                longer.update(self._numbers[start:stop])
        return same, longer

    def _stretch(self, prefix: str, first: int, end: int) -> tuple[int, int]:
        start = bisect_left(self._keys, prefix, first, end)
        if start == end or not self._keys[start].startswith(prefix):
            return start, start
        return start, bisect_left(self._keys, prefix + LAST, start, end)
