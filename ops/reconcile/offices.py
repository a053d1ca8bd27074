"""Compares the counters of an office: inventory counts crossings and versions of the rationing, notify and dispatch
keep the latest they consumed."""

from ops.reconcile.findings import Finding
from ops.reconcile.snapshots import Snapshots
from ops.reconcile.streams import ADVANCE
from services.inventory.maintenance import level_differs


def check(snapshots: Snapshots) -> list[Finding]:
    """Offices whose counters are behind what others know, and those of which others believe something else."""
    own = {office: said.split() for office, said in snapshots["inventory"].answers["offices"].items()}
    told = {office: said.split() for office, said in snapshots["notify"].answers["offices"].items()}
    rationed = {office: said.split() for office, said in snapshots["dispatch"].answers["rationing"].items()}
    behind, differs = {}, {}
    for office, (level, crossing, version, rationing) in own.items():
        known_level, known_crossing = told.get(office, ("ok", "0"))
        known_version, known_rationing = rationed.get(office, ("0", rationing))
        if int(known_crossing) > int(crossing) or int(known_version) > int(version):
            behind[office] = f"crossing {crossing} < {known_crossing} or state_version {version} < {known_version}"
        if level_differs(level, known_level):
            differs[office] = f"{level} in inventory, {known_level} in notify"
        elif known_version == version and known_rationing != rationing:
            differs[office] = "rationing differs between inventory and dispatch"
    unknown = {office: f"{level} in notify" for office, (level, _) in told.items() if office not in own}
    return [
        Finding("counters of an office behind", "inventory", ADVANCE, behind),
        Finding("office stands differently", "notify", ADVANCE, differs, "notify.stock"),
        Finding("office unknown to inventory", "inventory", "catat lagi penerimaannya", unknown),
    ]
