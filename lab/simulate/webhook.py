"""The province's own receiver of webhooks: believes only what carries a good signature (Standard Webhooks)."""

import asyncio
import json
from binascii import Error as Base64Error
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from shared.contract.events import AlertRaised

HOST = "127.0.0.1"
VERIFICATION = "webhook.verification"


def challenge_in(body: bytes) -> str | None:
    """What the sender of a message wants to read in the answer; None for a message that asks for nothing."""
    told = json.loads(body)
    return str(told["data"]["challenge"]) if told.get("type") == VERIFICATION else None


@dataclass
class Receiver:
    """A small HTTP server on a free port. Distinct messages by their id, as they came; and how many were forged.

    It answers a challenge, and is not ready for any message before it knows its secret.
    """

    secret: str = ""
    received: dict[str, Any] = field(default_factory=dict)
    refused: int = 0
    url: str = ""
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.url = f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}/peringatan"

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    def raised(self) -> Counter[str]:
        """How many distinct messages raised each alert, by its id."""
        messages = self.received.values()
        return Counter(m["data"]["alert_id"] for m in messages if m["type"] == AlertRaised.type_name())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            status, said = self._answer(headers, body)
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n{said}".encode()
            )
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, headers: dict[str, str], body: bytes) -> tuple[str, str]:
        """The status line and the content of the answer."""
        if not self.secret:
            return "503 Service Unavailable", ""
        try:
            Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, ValueError, Base64Error):
            self.refused += 1
            return "401 Unauthorized", ""
        if (challenge := challenge_in(body)) is not None:
            return "200 OK", challenge
        self.received.setdefault(headers["webhook-id"], json.loads(body))
        return "204 No Content", ""
