"""The routes of subscriptions: systems that receive alerts by webhook."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from services.notify.adapters.resolver import RefusedAddress, Resolver, UnknownHost, parse_url
from services.notify.api.dependencies import Deps
from services.notify.settings import Settings
from services.notify.store import deliveries
from services.notify.store import subscriptions as store
from services.notify.usecases import subscriptions
from shared.contract.fields import ProvinceCode, SentInstant, StockLevel
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.http.commands import CommandsDep
from shared.http.dependencies import Db
from shared.problems import Invalid
from shared.security.auth import LISTED, Identity, Role, allow, body, found

router = APIRouter(prefix="/subscriptions", tags=["subscriptions"])
ONE = found("subscription_id", "a subscriber sees its own only")
SUBSCRIBERS = (Role.PROVINCIAL, Role.SUBSCRIBER)
Starter = Annotated[Identity, Depends(allow(*SUBSCRIBERS, scope=body("province"), cookie=True))]
Lister = Annotated[Identity, Depends(allow(*SUBSCRIBERS, scope=LISTED, cookie=True))]
Subscriber = Annotated[Identity, Depends(allow(*SUBSCRIBERS, scope=ONE, cookie=True))]
Level = Literal[StockLevel.LOW, StockLevel.CRITICAL, StockLevel.OUT]


class SubscribeBody(BaseModel):
    """Where to post the alerts of a province, and of which levels."""

    at: SentInstant
    province: ProvinceCode
    url: Annotated[str, StringConstraints(min_length=8, max_length=500)]
    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=3)] = (
        StockLevel.LOW,
        StockLevel.CRITICAL,
        StockLevel.OUT,
    )


class Begun(BaseModel):
    """The subscription that began. It is stored as the first answer, without the secret."""

    subscription_id: UUID


class Subscribed(Begun):
    """The subscription, with the secret that signs its messages. No other route returns it."""

    secret: str


class SubscriptionItem(BaseModel):
    """A subscription: unverified (its receiver has yet to prove itself), active, gone (the receiver answered 410) or
    ended (by its owner). Of the latest challenge: how it stands, its attempts, when the next one is due, and what
    the last one met. `resumes_at` is until when the receiver asked to be left alone. Times are of the wall clock."""

    subscription_id: UUID
    province: ProvinceCode
    url: str
    levels: list[StockLevel]
    state: Literal["unverified", "active", "gone", "ended"]
    subscribed_at: datetime
    verified_at: datetime | None
    resumes_at: datetime | None
    challenge_state: Literal["pending", "delivered", "given_up", "dropped"] | None
    challenge_attempts: int | None
    challenge_due_at: datetime | None
    challenge_status: int | None
    challenge_error: str | None


class SubscriptionPage(BaseModel):
    """Subscriptions, the newest first."""

    items: list[SubscriptionItem]


class Challenged(BaseModel):
    """The subscription whose receiver is asked to prove itself."""

    subscription_id: UUID


class NoBody(BaseModel):
    """The empty body of a command whose path has all it needs."""


class Ended(BaseModel):
    """The subscription that has ended."""

    subscription_id: UUID
    state: Literal["ended"] = "ended"


class DeliveryItem(BaseModel):
    """A message on its way; `due_at` is the next attempt while it is pending. Times are of the wall clock."""

    delivery_id: int
    message_id: UUID
    type: str
    state: Literal["pending", "delivered", "given_up", "dropped"]
    attempts: int
    due_at: datetime
    ended_at: datetime | None
    last_status: int | None
    last_error: str | None


class DeliveryPage(BaseModel):
    """Deliveries, the newest first; `next` asks for those that follow."""

    items: list[DeliveryItem]
    next: int | None


@router.post("", status_code=201)
async def subscribe(body: SubscribeBody, who: Starter, deps: Deps, commands: CommandsDep) -> Response:
    """Have alerts of a province posted to a URL (Standard Webhooks, CloudEvents JSON), once its receiver has answered
    a message of type `webhook.verification` with the challenge in it; until then they are kept."""
    who.must_see(body.province)
    await _must_be_allowed(body.url, deps.settings)

    async def command(conn: Connection) -> Begun:
        subscription = store.Subscription(new_id(), who.subject, body.province, body.url, body.levels, body.at)
        await subscriptions.subscribe(conn, deps.secrets, subscription, subscriptions.Caps.of(deps.settings))
        return Begun(subscription_id=subscription.subscription_id)

    async def reveal(conn: Connection, answer: str) -> str:
        begun = Begun.model_validate_json(answer).subscription_id
        secret = await subscriptions.secret_of(conn, deps.secrets, begun)
        return Subscribed(subscription_id=begun, secret=secret).model_dump_json()

    return await commands.run(who, body, command, about="subscription", status=201, reveal=reveal)


async def _must_be_allowed(url: str, settings: Settings) -> None:
    """Raises Invalid (422) for an address that no webhook may go to; each delivery checks it again."""
    try:
        async with Resolver(settings) as resolver:
            await resolver.addresses(parse_url(url))
    except RefusedAddress as refusal:
        raise Invalid(f"alamat webhook {refusal}", field="url", rule=str(refusal)) from refusal
    except UnknownHost as error:
        raise Invalid("nama host webhook tidak ditemukan", field="url", rule="host yang dikenal DNS") from error


@router.get("")
async def list_subscriptions(who: Lister, db: Db) -> SubscriptionPage:
    """Subscriptions of the caller's wilayah; a subscriber sees its own."""
    async with db.connection() as conn:
        rows = await store.subscriptions(conn, who.wilayah, subscriptions.sees_only_own(who))
    return SubscriptionPage(items=[SubscriptionItem.model_validate(dict(row)) for row in rows])


@router.post("/{subscription_id}/verify")
async def verify(subscription_id: UUID, who: Subscriber, commands: CommandsDep) -> Response:
    """Send the receiver a new challenge now; the list of subscriptions shows its outcome."""

    async def command(conn: Connection) -> Challenged:
        await subscriptions.verify(conn, who, subscription_id)
        return Challenged(subscription_id=subscription_id)

    return await commands.run(who, NoBody(), command, about=f"verify {subscription_id}")


@router.delete("/{subscription_id}")
async def unsubscribe(subscription_id: UUID, who: Subscriber, commands: CommandsDep) -> Response:
    """End a subscription; what is still pending is dropped."""

    async def command(conn: Connection) -> Ended:
        await subscriptions.unsubscribe(conn, who, subscription_id)
        return Ended(subscription_id=subscription_id)

    return await commands.run(who, NoBody(), command, about=f"unsubscribe {subscription_id}")


@router.get("/{subscription_id}/deliveries")
async def list_deliveries(
    subscription_id: UUID,
    who: Subscriber,
    db: Db,
    after: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeliveryPage:
    """The deliveries to a subscription, with their outcomes."""
    async with db.connection() as conn:
        await subscriptions.must_be_visible(conn, who, subscription_id)
        rows = await deliveries.page(conn, subscription_id, after, limit)
    items = [DeliveryItem.model_validate(dict(row)) for row in rows]
    return DeliveryPage(items=items, next=items[-1].delivery_id if len(items) == limit else None)
