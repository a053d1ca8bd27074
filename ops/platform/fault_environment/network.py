"""A network of their own for the brokers, in which each can be cut off from all others. Root only, on Linux.

A namespace a broker, and a bridge that joins them, in a namespace too: packets over a bridge in the root namespace
would pass the rules of Docker or of a firewall, and might be dropped. One more cable leads from the bridge to the
root namespace, where the clients are.
"""

import os
import random
import socket
import time
from contextlib import suppress
from pathlib import Path

from ops.platform.errors import PlatformError
from ops.platform.fault_environment.disk import run
from ops.platform.fault_environment.ownership import abandoned, mark

NAMESPACES = Path("/run/netns")
OURS = 6
"""Our own place in the network of eight addresses; the brokers have 1, 2, 3."""
REACHED_S = 5.0


class Network:
    """Made by `build`, gone after `remove`. Nodes are numbered from 1."""

    def __init__(self, nodes: int) -> None:
        self._nodes = range(1, nodes + 1)
        self._net = _unused_net()
        self._bridge = f"{mark()}-bridge"
        self._cable = f"jb{os.getpid()}"

    def host(self, node: int) -> str:
        """A node's address."""
        return f"{self._net}.{node}"

    def enter(self, node: int) -> list[str]:
        """What to put before a command that is to run at this node."""
        # Not `ip netns exec`: that would take a copy of every mount along, and keep them mounted.
        return ["nsenter", f"--net={NAMESPACES / self._namespace(node)}"]

    def build(self) -> None:
        """Raises PlatformError where that is not allowed, or where a firewall keeps us from the nodes."""
        run("ip", "netns", "add", self._bridge)
        self._inside(self._bridge, "add", "bridge", "type", "bridge")
        self._inside(self._bridge, "set", "bridge", "up")
        for node in self._nodes:
            run("ip", "netns", "add", self._namespace(node))
            self._inside(self._namespace(node), "set", "lo", "up")
            self._lay_cable(node)
        peer = ("type", "veth", "peer", "name", "ours", "netns", self._bridge)
        run("ip", "link", "add", self._cable, *peer)
        self._plug("ours")
        run("ip", "addr", "add", f"{self._net}.{OURS}/29", "dev", self._cable)
        run("ip", "link", "set", self._cable, "up")
        self._require_reached()

    def cut(self, node: int) -> None:
        """From now on this node's packets reach nobody, and nobody's reach it."""
        self._inside(self._bridge, "set", f"node{node}", "down")

    def restore(self, node: int) -> None:
        """Undo `cut`."""
        self._inside(self._bridge, "set", f"node{node}", "up")

    def remove(self) -> None:
        """Cables go with the namespaces that they end in."""
        _remove(mark())

    def _namespace(self, node: int) -> str:
        return f"{mark()}-node{node}"

    def _lay_cable(self, node: int) -> None:
        namespace = self._namespace(node)
        self._inside(self._bridge, "add", f"node{node}", "type", "veth", "peer", "name", "eth0", "netns", namespace)
        self._plug(f"node{node}")
        run("ip", "-n", namespace, "addr", "add", f"{self.host(node)}/29", "dev", "eth0")
        self._inside(namespace, "set", "eth0", "up")

    def _plug(self, end: str) -> None:
        self._inside(self._bridge, "set", end, "master", "bridge")
        self._inside(self._bridge, "set", end, "up")

    def _inside(self, namespace: str, *command: str) -> None:
        run("ip", "-n", namespace, "link", *command)

    def _require_reached(self) -> None:
        """A refusal comes from the node itself, so it is there; silence would be somebody's in between."""
        until = time.monotonic() + REACHED_S
        while time.monotonic() < until:
            with suppress(TimeoutError, OSError):
                try:
                    socket.create_connection((self.host(1), 9), timeout=1).close()
                except ConnectionRefusedError:
                    return
        raise PlatformError(f"{self.host(1)} cannot be reached", "see whether a firewall drops it")


def remove_abandoned() -> None:
    """Remove what a killed run left behind."""
    names = [path.name for path in NAMESPACES.glob("jemput-*")]
    for found in {owner for name in names if (owner := abandoned(name))}:
        _remove(found)


def _remove(owner: str) -> None:
    for path in NAMESPACES.glob(f"{owner}-*"):
        with suppress(PlatformError):
            run("ip", "netns", "del", path.name)


def _unused_net() -> str:
    """The first three numbers of a private network that no route leads to yet."""
    while True:
        net = f"10.{random.randint(64, 250)}.{random.randint(0, 255)}"
        routes = run("ip", "-4", "route", "show", "match", f"{net}.0/29").splitlines()
        if all(route.startswith("default") for route in routes):
            return net
