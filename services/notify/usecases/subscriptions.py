"""Subscriptions: a system subscribes to alerts, its receiver answers a challenge, and it unsubscribes again."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.notify.domain.secret_cipher import SecretCipher
from services.notify.domain.webhooks import challenge_body
from services.notify.settings import Settings
from services.notify.store import deliveries
from services.notify.store import subscriptions as store
from services.notify.store.subscriptions import Subscription
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.problems import Conflict, NotFound
from shared.security.auth import Identity, Role
from shared.system_clock import utc_now

UPGRADE = timedelta(days=1)
"""How long version 0.1.0 may run beside this one: it reads secrets in plain text."""


@dataclass(frozen=True, slots=True)
class Caps:
    """How many subscriptions an owner may have: in all, and to one host."""

    per_owner: int
    per_host: int

    @classmethod
    def of(cls, settings: Settings) -> "Caps":
        """Those of the settings."""
        return cls(settings.subscriptions_per_owner, settings.subscriptions_per_host)


def sees_only_own(who: Identity) -> str | None:
    """The owner a caller is confined to: a subscriber to itself, everybody else to none."""
    return who.subject if who.is_any(Role.SUBSCRIBER) else None


async def subscribe(conn: Connection, cipher: SecretCipher, subscription: Subscription, caps: Caps) -> None:
    """Add a subscription and send a challenge; messages wait until the receiver has answered it.

    Raises Conflict (409) for more subscriptions than the caps allow.
    """
    await store.lock_owner(conn, subscription.owner)
    living = await store.insert(conn, subscription, cipher.generate(subscription.subscription_id))
    if living.of_owner > caps.per_owner:
        raise Conflict(
            f"satu pemilik paling banyak punya {caps.per_owner} langganan; akhiri dahulu yang tidak dipakai",
            field="url",
            rule=f"paling banyak {caps.per_owner} langganan seorang pemilik",
        )
    if living.to_host > caps.per_host:
        raise Conflict(
            f"satu pemilik paling banyak punya {caps.per_host} langganan ke satu host",
            field="url",
            rule=f"paling banyak {caps.per_host} langganan ke satu host",
        )
    await _challenge(conn, subscription.subscription_id)


async def verify(conn: Connection, who: Identity, subscription_id: UUID) -> None:
    """Send the receiver a new challenge now, with all its attempts.

    Raises NotFound (404) as `must_be_visible` does, Conflict (409) once the subscription has ended.
    """
    await must_be_visible(conn, who, subscription_id)
    if not await store.lock_active(conn, subscription_id):
        raise Conflict("langganan ini sudah berakhir", field="subscription_id")
    await _challenge(conn, subscription_id)


async def _challenge(conn: Connection, subscription_id: UUID) -> None:
    message_id, challenge = new_id(), secrets.token_urlsafe(24)
    body = challenge_body(challenge, subscription_id, message_id, utc_now())
    delivery_id = await deliveries.add_challenge(conn, message_id, subscription_id, body)
    await store.set_challenge(conn, subscription_id, challenge, delivery_id)


async def secret_of(conn: Connection, cipher: SecretCipher, subscription_id: UUID) -> str:
    """The secret that signs its messages. Raises Conflict (409) once it has ended: then the secret is deleted."""
    encrypted = await store.encrypted_secret(conn, subscription_id)
    if encrypted is None:
        raise Conflict("langganan ini sudah berakhir", field="subscription_id")
    return cipher.decrypt(subscription_id, encrypted)


async def encrypt_old_secrets(conn: Connection, cipher: SecretCipher) -> None:
    """Encrypt the secrets that version 0.1.0 stored in plain text, a day after the upgrade. Repeating is harmless."""
    for subscription_id, secret in await store.plaintext_secrets(conn, UPGRADE):
        await store.save_encrypted_secret(conn, subscription_id, cipher.encrypt(subscription_id, secret))


async def unsubscribe(conn: Connection, who: Identity, subscription_id: UUID) -> None:
    """End a subscription; its pending deliveries are dropped. Raises NotFound (404) as `must_be_visible` does."""
    await must_be_visible(conn, who, subscription_id)
    await store.end(conn, subscription_id, "ended")


async def must_be_visible(conn: Connection, who: Identity, subscription_id: UUID) -> None:
    """Raises NotFound (404) for a subscription that does not exist or that the caller may not see."""
    found = await store.owner_of(conn, subscription_id)
    owner = sees_only_own(who)
    if found is None or not who.sees(found.province) or owner not in (None, found.owner):
        raise NotFound("langganan tidak ditemukan", field="subscription_id")
