"""Keys in order, each with a number: a prefix is one stretch, found by bisection."""

from bisect import bisect_left
from collections.abc import Iterable

from shared.reference.village_search.spelling import slips_at

LAST = "\U0010ffff"
"""Sorts behind whatever may follow a prefix."""
FEW = 50
"""Keys that are sooner looked at one by one than for each slip."""


class Sorted:
    """Which numbers have a key that begins so."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        ordered = sorted(pairs)
        self._keys, self._numbers = [key for key, _ in ordered], [number for _, number in ordered]

    def after(self, prefix: str) -> list[int]:
        """The numbers of the keys that begin so, in the order of the keys."""
        first, end = self._stretch(prefix, 0, len(self._keys))
        return self._numbers[first:end]

    def slipped(self, typed: str) -> list[int]:
        """The numbers of the keys that begin with what was typed but for one slip; those that are no longer first."""
        found: dict[int, int] = {}
        first, end = 0, len(self._keys)
        for at in range(len(typed) + 1):
            # Each slip here leaves what stands before: where no key begins so, no later slip helps.
            first, end = self._stretch(typed[:at], first, end)
            if first == end:
                break
            meant = tuple(slips_at(typed, at))
            if end - first <= FEW:
                places = [place for place in range(first, end) if self._keys[place].startswith(meant)]
            else:
                places = [place for each in meant for place in range(*self._stretch(each, first, end))]
            found |= {place: len(self._keys[place]) for place in places}
        ordered = sorted(found, key=lambda place: (found[place], self._keys[place], place))
        return [self._numbers[place] for place in ordered]

    def _stretch(self, prefix: str, first: int, end: int) -> tuple[int, int]:
        start = bisect_left(self._keys, prefix, first, end)
        if start == end or not self._keys[start].startswith(prefix):
            return start, start
        return start, bisect_left(self._keys, prefix + LAST, start, end)
