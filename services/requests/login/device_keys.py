"""Keys by which a browser encrypts an operator's unsent work, so that it belongs to that operator alone.

PCs are shared. The browser encrypts its queue under a key that only the operator's own session gets, and each entry
that it sends names its operator: one session never files what another person typed. Key and name are derived from the
root key of the sessions, so nothing is stored. A new root key makes unsent queues unreadable.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from shared.security.identity import Identity
from shared.security.session_tokens import SessionKey


class DeviceKeys:
    """Names and keys of operators, for their browsers."""

    def __init__(self, key: SessionKey) -> None:
        self._root = key.derived(b"device")

    def name(self, who: Identity) -> str:
        """The operator's name on a device: always the same, and tells nothing of the subject."""
        return self._of(who, b"name", 16).hex()

    def key(self, who: Identity) -> bytes:
        """32 bytes: what the operator's entries are sealed under."""
        return self._of(who, b"key", 32)

    def _of(self, who: Identity, purpose: bytes, length: int) -> bytes:
        info = purpose + b"/" + who.subject.encode()
        return HKDFExpand(algorithm=SHA256(), length=length, info=info).derive(self._root)
