"""The index of all names, and how well a name answers what was typed.

Each name stands in sorted order from each of its words on, run together: "Bumu Ayu" as `bumuayu` and as `ayu`. So a
prefix is one stretch of a list, found by bisection, and spaces do not matter. Villages are numbered in the order of
their codes, so a region is a stretch of numbers. Nothing changes once it is made: any number of threads may search.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, islice

from shared.picking.sorted import LAST, Sorted
from shared.picking.spelling import words
from shared.picking.villages import Village, village, walk
from shared.regions import ALIASES

LONGEST = 80
"""Letters that are looked at; the longest name has fewer."""
MOST_WORDS = 8
SLIPS_FROM, SLIPS_TO = 4, 30
"""Letters of a word in which a slip is looked for: in a shorter one anything is one slip away."""
KINDS = frozenset({"kel", "kelurahan", "desa", "kec", "kecamatan", "distrik", "prov", "provinsi"})
"""Words for the kind of a region that its name does not have."""

Numbers = Iterable[int]


class Index:
    """All kelurahan. Takes the better part of a second to make: not in an event loop."""

    def __init__(self) -> None:
        whole, inner, above = [], [], []
        self._codes: list[str] = []
        regions: list[str] = []
        for region in walk():
            if region.level < 4:
                above += [(word, len(regions)) for word in words(region.name)]
                regions.append(region.code)
                continue
            number = len(self._codes)
            self._codes.append(region.code)
            for spelled in map(words, (region.name, *ALIASES.get(region.code, ()))):
                whole.append(("".join(spelled), number))
                inner += [("".join(spelled[at:]), number) for at in range(1, len(spelled))]
        self._regions = [self._stretch(code) for code in regions]
        self._whole, self._inner, self._above = Sorted(whole), Sorted(inner), Sorted(above)

    def __len__(self) -> int:
        return len(self._codes)

    def search(self, typed: str, within: str = "", limit: int = 10) -> list[Village]:
        """The villages that answer best what was typed, those within a region (a code, or "") before all others.

        Of each: whose name is just this, then whose name begins so, then those with a word that does; further words
        may name what the village lies in. Digits are a code, or its beginning. Only when nothing is found, one slip
        of the pen is looked through.
        """
        spelled = words(typed[:LONGEST])[:MOST_WORDS]
        plain = [word for word in spelled if word not in KINDS] or spelled
        for way in (
            chain(self._by_name(spelled), self._by_code(spelled)),
            self._by_name(plain if plain != spelled else []),
            self._by_slip(plain),
        ):
            if found := self._first(way, self._stretch(within), limit):
                return [village(self._codes[number]) for number in found]
        return []

    def _first(self, groups: Iterable[Numbers], region: tuple[int, int], limit: int) -> list[int]:
        """The first of these groups, in their order, those of the region before all others; each once."""
        first, end = region
        inside: dict[int, None] = {}
        outside: dict[int, None] = {}
        for group in groups:
            numbers = list(group)
            inside |= dict.fromkeys(number for number in numbers if first <= number < end)
            if len(inside) >= limit:
                break
            if len(inside) + len(outside) < limit:
                outside |= dict.fromkeys(number for number in numbers if not first <= number < end)
        return list(islice(chain(inside, outside), limit))

    def _stretch(self, region: str) -> tuple[int, int]:
        """The numbers of a region's villages: from, and up to."""
        return bisect_left(self._codes, region), bisect_left(self._codes, region + LAST)

    def _by_code(self, spelled: Sequence[str]) -> Iterator[Numbers]:
        digits = "".join(spelled)
        if digits.isdecimal() and 2 <= len(digits) <= 10:
            parts = (digits[0:2], digits[2:4], digits[4:6], digits[6:])
            yield range(*self._stretch(".".join(filter(None, parts))))

    def _by_name(self, spelled: Sequence[str]) -> Iterator[Numbers]:
        """The better ones first: the more words are of the name itself, and then those that it begins with."""
        if not spelled:
            return
        key = "".join(spelled)
        yield self._whole.after(key)
        yield self._inner.after(key)
        masks = [self._mask(word) for word in spelled]
        for count in range(len(spelled) - 1, 0, -1):
            key, others = "".join(spelled[:count]), _all(masks[count:])
            yield [number for number in self._whole.after(key) if others[number]]
            yield [number for number in self._inner.after(key) if others[number]]
        yield compress(range(len(self)), _all(masks))

    def _by_slip(self, spelled: Sequence[str]) -> Iterator[Numbers]:
        """In all of it run together, or else in one of the words."""
        key = "".join(spelled)
        if SLIPS_FROM <= len(key) <= SLIPS_TO:
            same, longer = self._whole.slipped(key)
            yield from (sorted(same), sorted(longer), sorted(set().union(*self._inner.slipped(key))))
        for at, word in enumerate(spelled):
            if SLIPS_FROM <= len(word) <= SLIPS_TO:
                others = [self._mask(other) for other in (*spelled[:at], *spelled[at + 1 :])]
                yield compress(range(len(self)), _all([self._mask(word, slipped=True), *others]))

    def _mask(self, word: str, *, slipped: bool = False) -> bytearray:
        """Which villages have a word that begins so, in their name or in those of what they lie in."""
        mask = bytearray(len(self))
        villages, regions = (self._whole, self._inner), self._above.after(word)
        if slipped:
            numbers = chain.from_iterable(chain.from_iterable(each.slipped(word) for each in villages))
            regions = [*chain.from_iterable(self._above.slipped(word))]
        else:
            numbers = chain.from_iterable(each.after(word) for each in villages)
        for number in numbers:
            mask[number] = 1
        for region in regions:
            first, end = self._regions[region]
            mask[first:end] = b"\1" * (end - first)
        return mask


def _all(masks: Sequence[bytes | bytearray]) -> bytes:
    """Where all of these masks are set."""
    together = int.from_bytes(masks[0])
    for mask in masks[1:]:
        together &= int.from_bytes(mask)
    return together.to_bytes(len(masks[0]))
