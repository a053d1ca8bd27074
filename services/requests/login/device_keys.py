"""What a browser keeps of an operator's work while the line is down belongs to that operator.

PCs are shared. So the browser seals it under a key that only the operator's own session is given, and each entry
that it sends names its operator: one session never files what another person typed. Key and name are derived of the
root of the sessions, so nothing is stored for them; a new root makes queues unreadable that were not sent before.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from shared.identity import Identity
from shared.web.signing import SessionKey


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
