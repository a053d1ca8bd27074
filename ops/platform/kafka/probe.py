"""Asks a broker who is alive and whose copies are complete, in Kafka's own protocol."""

import socket
import struct
from typing import BinaryIO

METADATA_API, METADATA_VERSION = 3, 4
CLIENT = b"probe"
TIMEOUT_S = 1.0
MAX_ANSWER = 1_000_000
NO_TOPICS, ALL_TOPICS = 0, -1


def live_brokers(host: str, port: int) -> set[int]:
    """The brokers that take part, as the broker at this address sees it; empty if it does not answer."""
    brokers, _ = _ask(host, port, NO_TOPICS)
    return brokers


def lagging_partitions(host: str, port: int) -> int | None:
    """Partitions of which a copy is not in sync, or that nobody leads; None if the broker does not answer."""
    brokers, lagging = _ask(host, port, ALL_TOPICS)
    return lagging if brokers else None


def _ask(host: str, port: int, topics: int) -> tuple[set[int], int]:
    header = struct.pack(">hhih", METADATA_API, METADATA_VERSION, 1, len(CLIENT)) + CLIENT
    request = header + struct.pack(">i?", topics, False)
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_S) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as answer:
                brokers = _brokers(answer)
                return brokers, _lagging(answer) if brokers else 0
    except (OSError, struct.error):
        return set(), 0


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


def _lagging(answer: BinaryIO) -> int:
    # cluster id, controller, then the array of topics
    _skip_string(answer)
    _, topics = struct.unpack(">ii", answer.read(8))
    lagging = 0
    for _ in range(topics):
        answer.read(2)
        _skip_string(answer)
        _, partitions = struct.unpack(">?i", answer.read(5))
        for _ in range(partitions):
            _, _, leader = struct.unpack(">hii", answer.read(10))
            replicas, in_sync = _skip_nodes(answer), _skip_nodes(answer)
            lagging += leader < 0 or in_sync < replicas
    return lagging


def _skip_nodes(answer: BinaryIO) -> int:
    (count,) = struct.unpack(">i", answer.read(4))
    answer.read(4 * count)
    return int(count)


def _skip_string(answer: BinaryIO) -> None:
    (length,) = struct.unpack(">h", answer.read(2))
    answer.read(max(length, 0))
