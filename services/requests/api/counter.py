"""Letters that come while others are being committed go in one statement, a transaction by itself.

Only those that cannot meet go together: no two under one key or one letter number, and none with a resident who may
be somebody in another letter of the batch. What meets what was filed before is left to go alone, where it gets its
own answer: the first one of a key, an error that points to an open case, a warning that somebody looks like another.
So each letter is answered as if it had gone alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from services.requests.api.views.filing import FiledView
from services.requests.domain.letter_numbers import spellings
from services.requests.encryption import Vault
from services.requests.store.together import Met
from services.requests.usecases import filing
from services.requests.usecases.filing import Ready
from shared import clock, commands
from shared.clock import Seen
from shared.commands import Sent
from shared.db import TRANSIENT, Database
from shared.together import Together

log = structlog.get_logger()

STATUS = 201
MOST = 64
"""Letters of one transaction."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A letter to be filed, and the command that brought it."""

    db: Database
    sent: Sent
    ready: Ready

    def goes_on(self, met: Met) -> bool:
        """Whether it met nothing itself."""
        filing = self.ready.filing
        alone = self.sent.key in met.keys and filing.id not in met.used
        return alone and met.cases.issuperset(case.id for case in filing.cases)


class Counter:
    """Where letters are handed in."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._seen: Seen | None = None
        self._together = Together(self._file, MOST)

    async def file(self, letter: Filed) -> str | None:
        """The answer to a letter that is filed now; None when it must go alone: then nothing of it is stored.

        Raises what the database raises: whether the letter is stored is then as unknown as after any broken commit,
        and the same command again finds out.
        """
        return await self._together.do(letter)

    async def seen(self, db: Database) -> Seen:
        """Business time as it was looked at last; a letter that was judged by a time before the latest goes alone."""
        seen = self._seen
        if seen is None:
            async with db.reading() as conn:
                seen = self._seen = Seen(await clock.now(conn))
        # While the connection goes back, another letter may find that this is the latest time no more.
        return seen

    async def _file(self, letters: Sequence[Filed]) -> list[str | None]:
        going = _apart(letters)
        while going:
            try:
                answers = await self._store(going)
                return [answers.get(id(letter)) for letter in letters]
            except Met as met:
                if not met.keys:
                    self._seen = None
                going = [each for each in going if each.goes_on(met)]
            except TRANSIENT:
                raise
            except Exception as error:
                # Whatever it is: one letter must not fail the others.
                log.error("letters go alone", letters=len(going), exc_info=error)
                break
        return [None] * len(letters)

    async def _store(self, letters: Sequence[Filed]) -> dict[int, str]:
        """Answers by the letters' identity."""
        answers = [FiledView.of(each.ready.filing).model_dump_json() for each in letters]
        kept = commands.kept(zip([each.sent for each in letters], answers, strict=True), STATUS)
        keys = self._vault.seen
        if keys is None:
            return {}
        await filing.store_all(letters[0].db, keys, [each.ready for each in letters], kept)
        return dict(zip(map(id, letters), answers, strict=True))


def _apart(letters: Sequence[Filed]) -> list[Filed]:
    """Those that cannot meet each other, the first ones first."""
    seen: set[object] = set()
    apart = []
    for letter in letters:
        marks = set(_marks(letter))
        if seen.isdisjoint(marks):
            seen |= marks
            apart.append(letter)
    return apart


def _marks(letter: Filed) -> Iterator[object]:
    """What a letter shares with any that it may meet: its key, its number, a NIK, or a resident who looks alike."""
    yield letter.sent.key
    kelurahan = letter.ready.filing.letter.kelurahan
    yield kelurahan, spellings(letter.ready.filing.letter.number)[-1]
    for case in letter.ready.filing.cases:
        if case.person.nik:
            yield case.person.nik
        yield kelurahan, case.person.birth_date
