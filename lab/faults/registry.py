"""The class of each kind of fault."""

from lab.faults.fault import Fault
from lab.faults.outages import CutOff, DiskFull, Leap
from lab.faults.processes import CutRelay, Kill, KillInBatch, KillInPage, Lost, Pause, Replay, Restart
from lab.faults.schedule import Kind
from ops.platform.fault_environment.environment import DISKS, NETWORK

KINDS: dict[Kind, type[Fault]] = {
    Kind.KILL: Kill,
    Kind.KILL_IN_BATCH: KillInBatch,
    Kind.KILL_IN_PAGE: KillInPage,
    Kind.CUT_RELAY: CutRelay,
    Kind.REPLAY: Replay,
    Kind.PAUSE: Pause,
    Kind.RESTART: Restart,
    Kind.LEAP: Leap,
    Kind.LOST: Lost,
    Kind.CUT_OFF: CutOff,
    Kind.DISK_FULL: DiskFull,
}
STANDS_ON = {Kind.CUT_OFF: NETWORK, Kind.DISK_FULL: DISKS}
"""What a rig must have for a kind."""
