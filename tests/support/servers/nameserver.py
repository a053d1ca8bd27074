"""A name server for tests: it answers as it is told, or not at all."""

import asyncio
import struct
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self

A, AAAA = 1, 28


@dataclass
class NameServer(asyncio.DatagramProtocol):
    """Answers for any name with the next of `answers` (the last one again and again); without any it is silent."""

    answers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Names of which an IPv4 address was asked for."""
    _transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._transport is not None
        self._transport.close()

    @property
    def address(self) -> str:
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")
        return f"{host}:{port}"

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, end = _name(data, 12)
        (kind,) = struct.unpack_from(">H", data, end)
        if kind == A:
            self.asked.append(name)
        if not self.answers:
            return
        question, found = data[12 : end + 4], b""
        if kind in (A, AAAA):
            told = ip_address(self.answers[0])
            if (told.version == 4) == (kind == A):
                found = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(told.packed)) + told.packed
            if kind == A and len(self.answers) > 1:
                self.answers.pop(0)
        head = data[:2] + struct.pack(">HHHHH", 0x8180, 1, 1 if found else 0, 0, 0)
        assert self._transport is not None
        self._transport.sendto(head + question + found, addr)


def _name(data: bytes, at: int) -> tuple[str, int]:
    labels = []
    while length := data[at]:
        labels.append(data[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels), at + 1
