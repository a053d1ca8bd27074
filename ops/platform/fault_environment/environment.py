"""The environment of servers under test: disks that can be filled and a network that can be cut.

What this machine, or this user, does not allow is left out, and `missing` says why.
"""

import os
import sys
from collections.abc import Callable
from types import TracebackType

from ops.platform.errors import PlatformError
from ops.platform.fault_environment import disk, network
from ops.platform.fault_environment.disk import Disk
from ops.platform.fault_environment.network import Network

NETWORK, DISKS = "network", "disks"


class FaultEnvironment:
    """Enter it before the servers start, leave it after they are gone. Nothing of it outlives the next run."""

    def __init__(self, brokers: int) -> None:
        self._brokers = brokers
        self.network: Network | None = None
        self.disks: dict[str, Disk] = {}
        """By the name of the server."""
        self.missing: dict[str, str] = {}

    def __enter__(self) -> "FaultEnvironment":
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            self.missing = dict.fromkeys((NETWORK, DISKS), "only root on Linux may make it")
            return self
        try:
            self._try(DISKS, self._make_disks)
            self._try(NETWORK, self._make_network)
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def _try(self, what: str, make: Callable[[], None]) -> None:
        try:
            make()
        except PlatformError as error:
            self.missing[what] = error.problem

    def _make_disks(self) -> None:
        disk.remove_abandoned()
        made = {name: Disk(name) for name in ("postgres", *(f"kafka-{n + 1}" for n in range(self._brokers)))}
        try:
            for each in made.values():
                each.mount()
        except PlatformError:
            for each in made.values():
                each.unmount()
            raise
        self.disks = made

    def _make_network(self) -> None:
        network.remove_abandoned()
        made = Network(self._brokers)
        try:
            made.build()
        except PlatformError:
            made.remove()
            raise
        self.network = made

    def _remove(self) -> None:
        if self.network is not None:
            self.network.remove()
        for each in self.disks.values():
            each.unmount()
