"""The class of each kind of fault."""

from lab.faults.fault import Fault
from lab.faults.outages import CutOff, DiskFull, Leap
from lab.faults.processes import CutRelay, Kill, KillInBatch, KillInPage, Lost, Pause, Replay, Restart
from lab.faults.schedule import FaultKind
from ops.platform.fault_environment.environment import DISKS, NETWORK

FAULT_CLASSES: dict[FaultKind, type[Fault]] = {
    FaultKind.KILL: Kill,
    FaultKind.KILL_IN_BATCH: KillInBatch,
    FaultKind.KILL_IN_PAGE: KillInPage,
    FaultKind.CUT_RELAY: CutRelay,
    FaultKind.REPLAY: Replay,
    FaultKind.PAUSE: Pause,
    FaultKind.RESTART: Restart,
    FaultKind.LEAP: Leap,
    FaultKind.LOST: Lost,
    FaultKind.CUT_OFF: CutOff,
    FaultKind.DISK_FULL: DiskFull,
}
REQUIRED_FEATURE = {FaultKind.CUT_OFF: NETWORK, FaultKind.DISK_FULL: DISKS}
"""What the fault environment must offer for a kind."""
