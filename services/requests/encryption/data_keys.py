"""Encrypts persons under data keys, and computes the blind indexes by which equal NIK, days and words are found.

A ciphertext is bound to its case and to its data key: beside another case, or under another key's id, it does not
decrypt. Index keys are separate from data keys. While one index key replaces another, a NIK is hashed under both,
each in its own column (`slot`), so that "one open case a NIK" holds throughout.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from services.requests.domain.finding import Token, tokens_of
from services.requests.domain.names import likeness
from services.requests.domain.people import Contact, Person, Reason
from services.requests.encryption.master_keys import MasterKeys, UnknownMasterKey
from services.requests.encryption.store.data_keys import ACTIVE, INDEX, PERSON, DataKey
from shared.security.encryption import Cipher, derive

_person, _contact = TypeAdapter(Person), TypeAdapter(Contact)
_LATER = {Reason.PUPIL: Reason.OTHER}
"""Reasons added later, and the reason that an older process, running beside this one in an upgrade, reads instead."""
_REASON_NOW = "reason_now"


_BITS = 24
"""Bits kept of a word's digest: so few that a digest stands for several words, and each match must be decrypted."""


class UnknownDataKey(LookupError):
    """The value is encrypted under a key that this process does not know (yet)."""


@dataclass(frozen=True, slots=True)
class BlindIndexes:
    """The blind indexes of one value, one for each column."""

    a: bytes | None
    b: bytes | None


class _IndexKey:
    def __init__(self, found: DataKey, nik: bytes, day: bytes, words: bytes) -> None:
        self.id, self.slot, self.written = found.id, found.slot, found.state == ACTIVE
        self._nik, self._day, self._words = nik, day, words

    def nik(self, nik: str) -> bytes:
        return hmac.digest(self._nik, nik.encode(), "sha256")

    def day(self, day: date) -> bytes:
        return hmac.digest(self._day, day.isoformat().encode(), "sha256")

    def twin(self, spelled: str, birth_date: date, kelurahan: str) -> bytes:
        return hmac.digest(self._day, f"{kelurahan}\n{birth_date}\n{spelled}".encode(), "sha256")

    def words(self, office: str, tokens: Iterable[Token]) -> list[int]:
        of_office = hmac.digest(self._words, office.encode(), "sha256")
        digests = (hmac.digest(of_office, f"{kind}\n{word}".encode(), "sha256") for kind, word in tokens)
        return [int.from_bytes(digest[:4]) >> (32 - _BITS) for digest in digests]


class DataKeys:
    """The data keys of one generation. Immutable: a statement that writes under them names their generation."""

    def __init__(self, generation: int, found: Sequence[DataKey], keyring: MasterKeys) -> None:
        """Raises UnknownMaster when the newest keys cannot be unwrapped, InvalidTag when one was tampered with."""
        self.generation = generation
        persons = [key for key in found if key.purpose == PERSON]
        self._boxes = {key.id: Cipher(clear) for key in persons if (clear := _clear(key, keyring))}
        self._indexes = [made for key in found if key.purpose == INDEX if (made := _index(key, keyring))]
        # While its line is there the key of 0.1.0 opens: that version may still have filed as this one began.
        if derived := keyring.derived(PERSON):
            self._boxes[0] = Cipher(derived)
        self._written = [key for key in self._indexes if key.written]
        newest = [key.id for key in persons if key.state == ACTIVE]
        if not newest or newest[-1] not in self._boxes or not self._written:
            raise UnknownMasterKey("the keyring does not open the data keys in use")
        self.newest = newest[-1]

    def seal(self, case_id: UUID, person: Person) -> bytes:
        """The person, encrypted under the newest key and bound to this case."""
        return self.seal_value(case_id, _dump(person))

    def open(self, case_id: UUID, key_id: int, sealed: bytes) -> Person:
        """The person. Raises UnknownDataKey, or InvalidTag for another case, another key, or a changed byte."""
        return _load(self.open_value(case_id, key_id, sealed))

    def seal_contact(self, request_id: UUID, contact: Contact) -> bytes:
        """The contact, encrypted under the newest key and bound to this request."""
        return self.seal_value(request_id, _contact.dump_json(contact))

    def open_contact(self, request_id: UUID, key_id: int, sealed: bytes) -> Contact:
        """The contact. Raises UnknownDataKey, or InvalidTag."""
        return _contact.validate_json(self.open_value(request_id, key_id, sealed))

    def seal_value(self, of: UUID, value: bytes) -> bytes:
        """The value, encrypted under the newest key and bound to the row of this id; ids are unique across tables."""
        return self._boxes[self.newest].seal(value, _aad(of, self.newest))

    def open_value(self, of: UUID, key_id: int, sealed: bytes) -> bytes:
        """The value, decrypted. Raises UnknownDataKey, or InvalidTag for another row, another key, a changed byte."""
        if key_id not in self._boxes:
            raise UnknownDataKey(f"data key {key_id}")
        return self._boxes[key_id].open(sealed, _aad(of, key_id))

    @property
    def newest_index(self) -> int:
        """The id of the newest index key."""
        return self._written[-1].id

    @property
    def newest_slot(self) -> str | None:
        """The column of the newest index key."""
        return self._written[-1].slot

    def nik_indexes(self, nik: str | None) -> BlindIndexes:
        """The blind indexes to store with a person: one under each index key in use."""
        found = {key.slot: key.nik(nik) for key in self._written} if nik else {}
        return BlindIndexes(found.get("a"), found.get("b"))

    def niks(self, nik: str) -> list[bytes]:
        """The blind indexes to search a NIK by: under every index key that may have been used."""
        return [key.nik(nik) for key in self._indexes]

    def day_index(self, day: date | None) -> bytes | None:
        """What to write for a day."""
        return self._written[-1].day(day) if day else None

    def days(self, days: Sequence[date]) -> list[bytes]:
        """What to look for: days under every index key that may have been used."""
        return [key.day(day) for key in self._indexes for day in days]

    def twin_index(self, person: Person, kelurahan: str) -> bytes:
        """What to write for a person's name, birth date and kelurahan."""
        return self._written[-1].twin(likeness(person.name), person.birth_date, kelurahan)

    def twins(self, name: str, birth_date: date, kelurahan: str) -> list[bytes]:
        """What to look for: a person's likeness under every index key that may have been used."""
        # Version 0.1.0 wrote the name as it was spelled, in small letters.
        spellings = dict.fromkeys((likeness(name), " ".join(name.casefold().split())))
        return [key.twin(spelled, birth_date, kelurahan) for key in self._indexes for spelled in spellings]

    def words_index(self, person: Person, office: str) -> list[int]:
        """What to write of the words by which a person is found, under the key of their office."""
        return sorted(set(self._written[-1].words(office, tokens_of(person))))

    def words(self, tokens: Sequence[Token], offices: Iterable[str]) -> list[int]:
        """The digests to search these words by, in these offices, under every index key that may have been used."""
        return [digest for office in offices for key in self._indexes for digest in key.words(office, tokens)]


def _dump(person: Person) -> bytes:
    """The person as JSON that every version which may run beside this one can read."""
    if person.reason not in _LATER:
        return _person.dump_json(person)
    known = {"reason": _LATER[person.reason], _REASON_NOW: person.reason}
    return to_json({**_person.dump_python(person, mode="json"), **known})


def _load(content: bytes) -> Person:
    if _REASON_NOW.encode() not in content:
        return _person.validate_json(content)
    given = from_json(content)
    return _person.validate_json(to_json({**given, "reason": given.pop(_REASON_NOW, given["reason"])}))


def _clear(key: DataKey, keyring: MasterKeys) -> bytes | None:
    """The key itself; None for those of 0.1.0, which are derived."""
    if key.wrapped is None or key.master is None:
        return None
    return keyring.unwrap(key.master, key.id, key.wrapped)


def _index(key: DataKey, keyring: MasterKeys) -> _IndexKey | None:
    clear = _clear(key, keyring)
    nik, day, words = (derive(clear, name) if clear else keyring.derived(name) for name in ("nik", "day", "words"))
    return _IndexKey(key, nik, day, words) if nik and day and words else None


def _aad(of: UUID, key_id: int) -> bytes:
    # The additional authenticated data; version 0.1.0 bound the case alone.
    return of.bytes + (key_id.to_bytes(8, "big") if key_id else b"")
