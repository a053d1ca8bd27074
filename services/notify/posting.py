"""Posting a message to a receiver, signed, and only to where it may go.

The host is resolved here and the connection made to the very address that was checked: a name that points
somewhere else a moment later gains nothing (OWASP API7:2023, server-side request forgery).
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from uuid import UUID

import httpx
from standardwebhooks import Webhook

from services.notify.domain.webhooks import is_public
from shared.wall import utc_now


class RefusedAddress(Exception):
    """A webhook may not go there; the message says which rule it breaks."""


def parsed(url: str) -> httpx.URL:
    """The URL of a receiver. Raises RefusedAddress when it is not one of http or https, or holds a password."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise RefusedAddress("bukan alamat URL") from error
    if found.scheme not in ("http", "https") or not found.host:
        raise RefusedAddress("harus http:// atau https:// dengan nama host")
    if found.userinfo or found.fragment:
        raise RefusedAddress("tanpa nama pengguna, kata sandi atau #bagian")
    return found


async def addresses(url: httpx.URL, *, allow_private: bool) -> list[IPv4Address | IPv6Address]:
    """Where a receiver's host is. Raises RefusedAddress when any of it is not in the open internet, OSError
    when the name is not known."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(url.raw_host.decode("ascii"), url.port or 443, type=socket.SOCK_STREAM)
    resolved = [ip_address(entry[4][0]) for entry in found]
    if not allow_private and not all(is_public(address) for address in resolved):
        raise RefusedAddress("harus menunjuk ke alamat internet umum")
    return resolved


def client(timeout: float) -> httpx.AsyncClient:
    """The client of all posts: no redirects, no proxy from the environment."""
    # Connections are to bare addresses: one kept alive for a host could serve another host at that address.
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False, limits=limits)


async def post(
    http: httpx.AsyncClient, url: str, secret: str, message_id: UUID, body: str, attempt: int, *, allow_private: bool
) -> int:
    """Send a message; returns the HTTP status. The answer's content is not read.

    Each attempt goes to the next of the host's addresses. Raises RefusedAddress, OSError or httpx.HTTPError.
    """
    target = parsed(url)
    found = await addresses(target, allow_private=allow_private)
    address = found[(attempt - 1) % len(found)]
    headers = {"host": target.netloc.decode("ascii"), **signed(secret, message_id, body)}
    request = http.build_request(
        "POST",
        target.copy_with(host=str(address)),
        content=body,
        headers=headers,
        extensions={"sni_hostname": target.raw_host.decode("ascii")},
    )
    answer = await http.send(request, stream=True)
    await answer.aclose()
    return answer.status_code


def signed(secret: str, message_id: UUID, body: str) -> dict[str, str]:
    """The headers of a message (Standard Webhooks): its id, the time of this attempt, and the signature."""
    now = utc_now()  # the library reads any other zone as UTC
    return {
        "content-type": "application/cloudevents+json",
        "user-agent": "jemput-bola-notify",
        "webhook-id": str(message_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(str(message_id), now, body),
    }
