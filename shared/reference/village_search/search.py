"""The index of all names, and how well a name answers what was typed.

Each name stands in sorted order from each of its words on, run together: "Bumu Ayu" as `bumuayu` and as `ayu`. So a
prefix is one stretch of a list, found by bisection, and spaces do not matter. Villages are numbered in the order of
their codes, so a region is a stretch of numbers. Nothing changes once it is made: any number of threads may search.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from shared.reference.regions import ALIASES
from shared.reference.village_search.sorted import LAST, Sorted
from shared.reference.village_search.spelling import counted, variants, words
from shared.reference.village_search.villages import Village, village, walk

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
            spellings = [words(name) for name in (region.name, *ALIASES.get(region.code, ()))]
            spellings += [digits for spelled in spellings if (digits := counted(spelled)) != spelled]
            if "." in region.name:  # shortened in its own name, as "Kt. Baru"
                spellings += [full for full in variants(words(region.name)) if full not in spellings]
            for spelled in spellings:
                whole.append(("".join(spelled), number))
                inner += [("".join(spelled[at:]), number) for at in range(1, len(spelled))]
        self._regions = [self._stretch(code) for code in regions]
        self._whole, self._inner, self._above = Sorted(whole), Sorted(inner), Sorted(above)

    def __len__(self) -> int:
        return len(self._codes)

    def search(self, typed: str, within: str = "", limit: int = 10) -> list[Village]:
        """The villages that answer best what was typed, those within a region (a code, or "") before all others.

        Of each: whose name is just this, then whose name begins so, then those with a word that does; further words
        may name what the village lies in. Digits are a code, or its beginning; a number in a name may be written in
        any way, and what people shorten in full. Only where a region has none, one slip of the pen is looked through
        there: a near name of the office is not hidden by the same name elsewhere.
        """
        asked = variants(words(typed[:LONGEST])[:MOST_WORDS])
        stretches = (self._stretch(within), (0, len(self))) if within else ((0, len(self)),)
        found: dict[int, None] = {}
        for stretch in stretches:
            # Elsewhere a slip is looked through only when nothing was found nearer.
            found |= self._within(asked, stretch, limit, slips=not found)
            if len(found) >= limit:
                break
        return [village(self._codes[number]) for number in islice(found, limit)]

    def _within(
        self, asked: Sequence[Sequence[str]], stretch: tuple[int, int], limit: int, *, slips: bool
    ) -> dict[int, None]:
        """The numbers within a stretch, by the first way that finds any."""
        for way in (self._exactly, self._by_name, self._by_slip) if slips else (self._exactly, self._by_name):
            found: dict[int, None] = {}
            for spelled in asked:
                plain = spelled if way == self._exactly else _without_kinds(spelled)
                if way == self._by_name and plain == spelled:
                    continue  # that was the way before
                numbers = chain.from_iterable(way(plain, *stretch))
                found |= dict.fromkeys(_some(numbers, limit))
                if len(found) >= limit:
                    break
            if found:
                return found
        return {}

    def _stretch(self, region: str) -> tuple[int, int]:
        """The numbers of a region's villages: from, and up to."""
        return bisect_left(self._codes, region), bisect_left(self._codes, region + LAST)

    def _exactly(self, spelled: Sequence[str], first: int, end: int) -> Iterator[Numbers]:
        yield from self._by_name(spelled, first, end)
        digits = "".join(spelled)
        if digits.isdecimal() and 2 <= len(digits) <= 10:
            start, stop = self._stretch(".".join(filter(None, (digits[0:2], digits[2:4], digits[4:6], digits[6:]))))
            yield range(max(start, first), min(stop, end))

    def _by_name(self, spelled: Sequence[str], first: int, end: int) -> Iterator[Numbers]:
        """The better ones first: the more words are of the name itself, and then those that it begins with."""
        masks: list[bytearray] = []
        for count in range(len(spelled), 0, -1):
            key = "".join(spelled[:count])
            for names in (self._whole, self._inner):
                numbers = (number for number in names.after(key) if first <= number < end)
                yield (number for number in numbers if all(mask[number - first] for mask in masks))
            masks.append(self._mask(spelled[count - 1], first, end))
        yield _of_all(masks, first)

    def _by_slip(self, spelled: Sequence[str], first: int, end: int) -> Iterator[Numbers]:
        """In all of it run together, or else in one of the words."""
        key = "".join(spelled)
        if SLIPS_FROM <= len(key) <= SLIPS_TO:
            for names in (self._whole, self._inner):
                yield (number for number in names.slipped(key) if first <= number < end)
        masks = [self._mask(word, first, end) for word in spelled]
        for at, word in enumerate(spelled):
            if SLIPS_FROM <= len(word) <= SLIPS_TO and all(1 in mask for mask in (*masks[:at], *masks[at + 1 :])):
                slipped = self._mask(word, first, end, slipped=True)
                yield _of_all([*masks[:at], slipped, *masks[at + 1 :]], first)

    def _mask(self, word: str, first: int, end: int, *, slipped: bool = False) -> bytearray:
        """Which villages have a word that begins so, in their name or in those of what they lie in."""
        mask = bytearray(end - first)
        names, above = (self._whole, self._inner), self._above
        for each in names:
            for number in each.slipped(word) if slipped else each.after(word):
                if first <= number < end:
                    mask[number - first] = 1
        for region in above.slipped(word) if slipped else above.after(word):
            start, stop = (min(max(number, first), end) - first for number in self._regions[region])
            mask[start:stop] = b"\1" * (stop - start)
        return mask


def _without_kinds(spelled: Sequence[str]) -> Sequence[str]:
    return [word for word in spelled if word not in KINDS] or spelled


def _of_all(masks: Sequence[bytearray], first: int) -> Iterator[int]:
    """The numbers, from `first` on, at which all of these masks are set."""
    rarest, *others = sorted(masks, key=lambda mask: mask.count(1)) or [bytearray()]
    place = rarest.find(1)
    while place >= 0:
        if all(mask[place] for mask in others):
            yield first + place
        place = rarest.find(1, place + 1)


def _some(numbers: Iterator[int], limit: int) -> list[int]:
    """The first of these, each once."""
    found: dict[int, None] = {}
    for number in numbers:
        found[number] = None
        if len(found) == limit:
            break
    return [*found]
