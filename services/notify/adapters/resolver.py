"""Where a webhook may go: a URL in one plain spelling, and the addresses of its host.

Whoever connects uses the very addresses that were checked: a name that points somewhere else a moment later gains
nothing (OWASP API7:2023, server-side request forgery). Names are looked up without threads and within a deadline:
a name server that hangs holds up its own receivers and nobody else's.
"""

import asyncio
import re
import socket
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from types import TracebackType
from typing import Self

import aiodns
import httpx

from services.notify.domain.addresses import Address, is_public
from services.notify.settings import Settings

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)")
"""A host that ends in a number is an IPv4 address to whoever reads URLs as browsers do."""


class RefusedAddress(Exception):
    """A webhook may not go there; the message says which rule it breaks."""


class UnknownHost(Exception):
    """The name is unknown, or no name server answered in time."""


def parse_url(url: str) -> httpx.URL:
    """The URL of a receiver. Raises RefusedAddress when it is not one of http or https in a plain spelling."""
    try:
        found = httpx.URL(url)
        host = found.host  # decodes the name: raises for a wrong international one
    except (httpx.InvalidURL, UnicodeError) as error:
        raise RefusedAddress("bukan alamat URL") from error
    if found.scheme not in ("http", "https") or not host:
        raise RefusedAddress("harus http:// atau https:// dengan nama host")
    if found.userinfo or found.fragment:
        raise RefusedAddress("tanpa nama pengguna, kata sandi atau #bagian")
    if found.port is not None and not 1 <= found.port <= 65535:
        raise RefusedAddress("harus dengan porta 1 sampai 65535")
    if _literal(found) is None and not _NAME.fullmatch(_host(found)):
        raise RefusedAddress("harus dengan nama host dari huruf, angka, titik dan tanda hubung")
    return found


def _host(url: httpx.URL) -> str:
    """The host as it is looked up: in ASCII, without the brackets of an IPv6 address."""
    return url.raw_host.decode("ascii")


def _literal(url: httpx.URL) -> Address | None:
    """The address that stands for the host; None for a name. Raises RefusedAddress for an odd spelling of one."""
    host = _host(url)
    try:
        if "%" not in host and ":" in host:
            return IPv6Address(host)
        if _NUMBER.fullmatch(host):
            return IPv4Address(host)
    except AddressValueError as error:
        raise RefusedAddress("harus dengan alamat IP dalam bentuk biasa, misalnya 203.0.113.7") from error
    return None


class Resolver:
    """Finds the addresses of hosts. An async context, of the loop that it is entered in."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._dns: aiodns.DNSResolver | None = None

    async def __aenter__(self) -> Self:
        seconds = self._settings.webhook_resolve_timeout
        servers = list(self._settings.webhook_nameservers) or None
        self._dns = aiodns.DNSResolver(nameservers=servers, timeout=seconds / 2, tries=2)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._dns is not None:
            await self._dns.close()

    async def addresses(self, url: httpx.URL) -> list[Address]:
        """Where a receiver's host is. Raises RefusedAddress when any of it is not in the open internet, UnknownHost
        when the name is not known or the deadline passes."""
        literal = _literal(url)
        found = [literal] if literal is not None else await self._looked_up(_host(url))
        if not self._settings.allow_private_webhooks and not all(is_public(address) for address in found):
            raise RefusedAddress("harus menunjuk ke alamat internet umum")
        return found

    async def _looked_up(self, host: str) -> list[Address]:
        assert self._dns is not None
        try:
            async with asyncio.timeout(self._settings.webhook_resolve_timeout):
                answer = await self._dns.getaddrinfo(host, type=socket.SOCK_STREAM)
        except (aiodns.error.DNSError, TimeoutError) as error:
            raise UnknownHost(host) from error
        found = (node.addr[0].decode("ascii").partition("%")[0] for node in answer.nodes)
        by_text: dict[str, Address] = {
            text: IPv6Address(text) if ":" in text else IPv4Address(text) for text in found
        }
        if not by_text:
            raise UnknownHost(host)
        return list(by_text.values())
