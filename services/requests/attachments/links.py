"""Links that open one file for a short time. The token alone authorises; it names a file by a random id.

A token is the id, the second it ends, and an HMAC-SHA256 of both under a key derived of the service's own.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.problems import NotFound
from shared.security.encryption import derive

_CONTENT = 16 + 5


class AttachmentLinks:
    """Makes and reads tokens."""

    def __init__(self, service_key: bytes, seconds: float) -> None:
        self._key = derive(service_key, "attachment links")
        self._life = timedelta(seconds=seconds)

    def make(self, attachment_id: UUID, now: datetime) -> tuple[str, datetime]:
        """A token, and when it ends."""
        ends = (now + self._life).replace(microsecond=0)
        content = attachment_id.bytes + int(ends.timestamp()).to_bytes(5, "big")
        return base64.urlsafe_b64encode(content + self._sign(content)).decode().rstrip("="), ends

    def read(self, token: str, now: datetime) -> UUID:
        """The file it opens. Raises NotFound (404) for a token that is not ours, or has ended."""
        try:
            told = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            told = b""
        content, signature = told[:_CONTENT], told[_CONTENT:]
        good = hmac.compare_digest(signature, self._sign(content))
        if not good or datetime.fromtimestamp(int.from_bytes(content[16:], "big"), UTC) <= now:
            raise NotFound("tautan ini tidak berlaku lagi; buka lampirannya lagi dari berkasnya")
        return UUID(bytes=content[:16])

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")
