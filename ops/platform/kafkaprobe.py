"""Asks a broker who is alive, in Kafka's own protocol."""

import socket
import struct
from typing import BinaryIO

METADATA_API, METADATA_VERSION = 3, 4
CLIENT = b"probe"
TIMEOUT_S = 1.0
MAX_ANSWER = 1_000_000


def live_brokers(host: str, port: int) -> set[int]:
    """The brokers that take part, as the broker at this address sees it; empty if it does not answer."""
    header = struct.pack(">hhih", METADATA_API, METADATA_VERSION, 1, len(CLIENT)) + CLIENT
    no_topics = struct.pack(">i?", 0, False)
    request = header + no_topics
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_S) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as answer:
                return _brokers(answer)
    except (OSError, struct.error):
        return set()


def _brokers(answer: BinaryIO) -> set[int]:
    # size, correlation id, throttle time, then the array of brokers
    size, _, _, count = struct.unpack(">iiii", answer.read(16))
    if size > MAX_ANSWER:
        return set()
    nodes = set()
    for _ in range(count):
        (node,) = struct.unpack(">i", answer.read(4))
        _skip_string(answer)
        answer.read(4)
        _skip_string(answer)
        nodes.add(node)
    return nodes


def _skip_string(answer: BinaryIO) -> None:
    (length,) = struct.unpack(">h", answer.read(2))
    answer.read(max(length, 0))
