"""The HTTP client of webhooks: posts a signed message over a connection to an address that was checked."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx
from standardwebhooks import Webhook

from services.notify.adapters.resolver import Resolver, parse_url
from services.notify.domain.addresses import Address
from services.notify.domain.webhooks import WebhookResponse, requested_pause
from services.notify.settings import Settings
from shared.system_clock import utc_now

READ = 4096
"""Bytes of an answer that are looked at, where any are: an echoed challenge is far shorter."""


class WebhookClient:
    """Posts messages. An async context: no redirects, no proxy from the environment."""

    def __init__(self, settings: Settings) -> None:
        self._resolver = Resolver(settings)
        # Connections are to bare addresses: one kept alive for a host could serve another host at that address.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.AsyncClient(
            timeout=settings.webhook_timeout, follow_redirects=False, trust_env=False, limits=limits
        )
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._http)
        await self._stack.enter_async_context(self._resolver)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def post(
        self, url: str, secret: str, message_id: UUID, body: str, attempt: int = 1, *, read: bool = False
    ) -> WebhookResponse:
        """Send a message; with `read` the answer holds the first bytes of its content, else none.

        Each attempt begins with the next of the host's addresses, and goes on with the others while none lets it
        connect. Raises RefusedAddress, UnknownHost or httpx.HTTPError.
        """
        target = parse_url(url)
        found = await self._resolver.addresses(target)
        first = (attempt - 1) % len(found)
        *others, last = found[first:] + found[:first]
        headers = signed_headers(secret, message_id, body)
        for address in others:
            try:
                return await self._send(target, address, headers, body, read=read)
            except httpx.ConnectError:
                pass
        return await self._send(target, last, headers, body, read=read)

    async def _send(
        self, target: httpx.URL, address: Address, headers: dict[str, str], body: str, *, read: bool
    ) -> WebhookResponse:
        request = self._http.build_request(
            "POST",
            target.copy_with(host=str(address)),
            content=body,
            headers={"host": target.netloc.decode("ascii"), **headers},
            extensions={"sni_hostname": target.raw_host.decode("ascii")},
        )
        answer = await self._http.send(request, stream=True)
        try:
            content = b""
            if read:
                async for chunk in answer.aiter_raw():
                    content += chunk
                    if len(content) > READ:
                        break
        finally:
            await answer.aclose()
        pause = requested_pause(answer.status_code, answer.headers.get("retry-after"), utc_now())
        return WebhookResponse(answer.status_code, pause, content)


def signed_headers(secret: str, message_id: UUID, body: str) -> dict[str, str]:
    """The headers of a message (Standard Webhooks): its id, the time of this attempt, and the signature."""
    now = utc_now()  # the library reads any other zone as UTC
    return {
        "accept-encoding": "identity",
        "content-type": "application/cloudevents+json",
        "user-agent": "jemput-bola-notify",
        "webhook-id": str(message_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(str(message_id), now, body),
    }
