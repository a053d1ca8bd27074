"""The province's own receiver of webhooks: believes only what carries a good signature (Standard Webhooks)."""

import asyncio
import json
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

HOST = "127.0.0.1"


@dataclass
class Receiver:
    """A small HTTP server on a free port. Distinct messages by their id, as they came; and how many were forged."""

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

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            status = "204 No Content" if self._believe(headers, body) else "401 Unauthorized"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _believe(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, ValueError, Base64Error):
            self.refused += 1
            return False
        self.received.setdefault(headers["webhook-id"], json.loads(body))
        return True
