"""The settings of notify."""

from pydantic import Field

from services.notify.domain.webhooks import RETRIES
from shared import settings


class Settings(settings.Settings):
    """Limits of shipments, and how webhooks are delivered. Durations are seconds by the wall clock."""

    largest_shipment: int = Field(default=100_000, ge=1, le=10_000_000)
    """Blank cards; more than this in one approval is taken for a slip of the hand."""
    answer_grace: int = Field(default=1, ge=0, le=60)
    """Working days beyond an office's lead time after which an answer to its alert lapses that no cards followed."""
    allow_private_webhooks: bool = False
    """Whether a webhook may go to a private or loopback address: for one machine and for tests."""
    subscriptions_per_owner: int = Field(default=50, ge=1)
    subscriptions_per_host: int = Field(default=20, ge=1)
    """Of one owner's subscriptions, those to one host."""
    webhook_slots: int = Field(default=64, ge=1, le=1000)
    """Posts of a process under way at the same time; at most one a subscription."""
    webhook_share: int = Field(default=8, ge=1)
    """Of these, posts for one owner and posts to one host: who hangs holds up itself."""
    webhook_timeout: float = Field(default=10, gt=0)
    webhook_resolve_timeout: float = Field(default=3, gt=0)
    """How long the host's name may take to be found; a part of `webhook_timeout`."""
    webhook_nameservers: tuple[str, ...] = ()
    """Name servers to ask, `address` or `address:port`; none for those of the machine."""
    webhook_lease: float = Field(default=30, gt=0)
    """How long a delivery is left to a worker that may have died; longer than `webhook_timeout`."""
    webhook_poll: float = Field(default=1, gt=0, le=60)
    """How often a worker looks for retries that fell due and for what other processes wrote."""
    webhook_retries: tuple[float, ...] = RETRIES
