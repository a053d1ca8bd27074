"""Subscriptions: a system of the province asks to be told, and signs off again."""

from uuid import UUID

from services.notify.signing import Signing
from services.notify.store import subscriptions as store
from services.notify.store.subscriptions import Subscription
from shared.auth import Identity, Role
from shared.connection import Connection
from shared.problems import Conflict, NotFound


def sees_only_own(who: Identity) -> str | None:
    """The owner a caller is confined to: a subscriber to itself, everybody else to none."""
    return who.subject if who.is_any(Role.SUBSCRIBER) else None


async def subscribe(conn: Connection, signing: Signing, subscription: Subscription) -> None:
    """Start to tell."""
    await store.insert(conn, subscription, signing.new(subscription.subscription_id))


async def secret_of(conn: Connection, signing: Signing, subscription_id: UUID) -> str:
    """What signs its messages. Raises Conflict (409) once it has ended: then the secret is forgotten."""
    sealed = await store.sealed_secret(conn, subscription_id)
    if sealed is None:
        raise Conflict("langganan ini sudah berakhir", field="subscription_id")
    return signing.opened(subscription_id, sealed)


async def unsubscribe(conn: Connection, who: Identity, subscription_id: UUID) -> None:
    """Stop to tell; what is still on its way is dropped. Raises NotFound (404) as `must_be_visible` does."""
    await must_be_visible(conn, who, subscription_id)
    await store.end(conn, subscription_id, "ended")


async def must_be_visible(conn: Connection, who: Identity, subscription_id: UUID) -> None:
    """Raises NotFound (404) for a subscription that is not there or not the caller's to see."""
    found = await store.owner_of(conn, subscription_id)
    owner = sees_only_own(who)
    if found is None or not who.sees(found.province) or owner not in (None, found.owner):
        raise NotFound("langganan tidak ditemukan", field="subscription_id")
