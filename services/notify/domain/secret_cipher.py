"""The secrets that sign webhooks, encrypted at rest: under the service's own key, each bound to its subscription."""

import base64
import secrets
from uuid import UUID

from shared.security.encryption import Cipher, derive


class SecretCipher:
    """Generates, encrypts and decrypts signing secrets."""

    def __init__(self, service_key: bytes) -> None:
        self._box = Cipher(derive(service_key, "webhooks"))

    def generate(self, subscription_id: UUID) -> bytes:
        """A new secret, encrypted: 192 random bits as whsec_ and base64 (Standard Webhooks)."""
        return self.encrypt(subscription_id, "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode())

    def encrypt(self, subscription_id: UUID, secret: str) -> bytes:
        """A secret as the table stores it."""
        return self._box.seal(secret.encode(), subscription_id.bytes)

    def decrypt(self, subscription_id: UUID, encrypted: bytes) -> str:
        """The secret. Raises InvalidTag under another key or for another subscription."""
        return self._box.open(encrypted, subscription_id.bytes).decode()
