"""The master keys, in a file: they wrap the data keys that the database holds, and nothing else.

A line is `id:base64` of 32 random bytes. The last line wraps new keys, the others only unwrap. A line without an id
is the key of version 0.1.0, from which its data key and its index key are derived; it also wraps like any other.
"""

import re
from pathlib import Path

from shared.security.encryption import Cipher, decode_key, derive, encode_key, new_key

UNNAMED = "0.1.0"
"""The id of a line without one."""
_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")


class UnknownMasterKey(ValueError):
    """The file lacks the master key that a data key is wrapped by; the message names it."""


class MasterKeys:
    """The master keys of one file."""

    def __init__(self, masters: dict[str, bytes]) -> None:
        if not masters:
            raise ValueError("the keyring of the persons is empty")
        self._masters = masters
        self.current = next(reversed(masters))

    @classmethod
    def load(cls, file: Path) -> "MasterKeys":
        """Read the file. Raises OSError without it, ValueError when a line is no key or an id occurs twice."""
        masters: dict[str, bytes] = {}
        for line in file.read_text().splitlines():
            if not (line := line.strip()) or line.startswith("#"):
                continue
            name, named, text = line.rpartition(":")
            name = name if named else UNNAMED
            if not _NAME.fullmatch(name) or name in masters:
                raise ValueError(f"{file.name}: an id has letters, digits, dots and dashes, and stands once")
            masters[name] = decode_key(text, file.name)
        return cls(masters)

    def __contains__(self, master: str) -> bool:
        return master in self._masters

    @property
    def names(self) -> list[str]:
        """The ids, the current one last."""
        return list(self._masters)

    def wrap(self, key_id: int, key: bytes) -> tuple[str, bytes]:
        """The current master's id, and a data key wrapped by it for this id alone."""
        return self.current, self._cipher(self.current).seal(key, _aad(key_id))

    def unwrap(self, master: str, key_id: int, wrapped: bytes) -> bytes:
        """The data key. Raises UnknownMaster, or InvalidTag when it was wrapped as another or changed."""
        return self._cipher(master).open(wrapped, _aad(key_id))

    def derived(self, purpose: str) -> bytes | None:
        """A key of version 0.1.0; None without its line."""
        unnamed = self._masters.get(UNNAMED)
        return derive(unnamed, purpose) if unnamed else None

    def _cipher(self, master: str) -> Cipher:
        if master not in self._masters:
            raise UnknownMasterKey(f"the keyring has no master key {master}")
        return Cipher(derive(self._masters[master], "wrap"))


def add_master_key(file: Path, name: str) -> None:
    """Append a new master key; running services read it once a data key is wrapped by it.

    Raises ValueError when the id is taken or no id. It is one write: a reader sees the whole line or none.
    """
    if not _NAME.fullmatch(name) or name in MasterKeys.load(file):
        raise ValueError(f"{name!r} is no id for a new master key")
    content = file.read_bytes()
    lead = b"" if content.endswith(b"\n") else b"\n"
    with file.open("ab") as keyring:
        keyring.write(lead + f"{name}:{encode_key(new_key())}\n".encode())


def _aad(key_id: int) -> bytes:
    return f"data key {key_id}".encode()
