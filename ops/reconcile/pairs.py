"""What one service knows and another must know: a table, one row a pair."""

from typing import NamedTuple

from ops.reconcile.findings import Finding, lacking
from ops.reconcile.snapshots import Snapshots


class Expectation(NamedTuple):
    """Whatever `knows` knows (by its question `there`), `lacks` must know (by its question `here`)."""

    kind: str
    knows: str
    there: str
    lacks: str
    here: str
    remedy: str
    flow: str | None = None


REWIND = "hentikan {0}, `python -m ops reconcile --rewind {0}`, jalankan lagi"

EXPECTATIONS = (
    Expectation(
        *("request unknown to requests", "dispatch", "requests", "requests", "requests"),
        "orangnya ikut hilang: minta kelurahan mengajukan lagi suratnya hari itu (UTC);"
        " `python -m ops reconcile --cancel-orphans` mengakhiri berkas lama, kecuali yang sudah terekam",
    ),
    Expectation(
        *("case unknown to dispatch", "requests", "cases", "dispatch", "cases"),
        *(REWIND.format("dispatch"), "dispatch.requests"),
    ),
    Expectation(
        *("steps of a case unknown to dispatch", "requests", "steps of cases", "dispatch", "cases"),
        *(REWIND.format("dispatch"), "dispatch.requests"),
    ),
    Expectation(
        *("print without a movement", "dispatch", "prints", "inventory", "prints"),
        *(REWIND.format("inventory"), "inventory.cases"),
    ),
    Expectation(
        *("movement without a print", "inventory", "prints", "dispatch", "prints"),
        "kartunya ada: catat lagi cetakannya di dispatch, dengan print_id dan nomor seri yang sama",
    ),
    Expectation(
        *("destroyed card without a movement", "dispatch", "destroyed", "inventory", "destroyed"),
        *(REWIND.format("inventory"), "inventory.cases"),
    ),
    Expectation(
        *("destruction without its card", "inventory", "destroyed", "dispatch", "destroyed"),
        "kartunya sudah musnah: catat lagi pemusnahannya di dispatch, dengan print_id yang sama",
    ),
    Expectation(
        *("approved shipment unknown to inventory", "notify", "approved", "inventory", "approved"),
        *(REWIND.format("inventory"), "inventory.alerts"),
    ),
    Expectation(
        *("shipment without an approval", "inventory", "approved", "notify", "approved"),
        "tidak perlu apa-apa: kiriman sudah berjalan; surat provinsi menjadi persetujuannya",
    ),
    Expectation(
        *("dispatched shipment unknown to notify", "inventory", "dispatched", "notify", "dispatched"),
        *(REWIND.format("notify"), "notify.stock"),
    ),
    Expectation(
        *("dispatched shipment forgotten by inventory", "notify", "dispatched", "inventory", "dispatched"),
        "catat lagi penerimaan gudang provinsi: kiriman lalu diberangkatkan sendiri",
    ),
    Expectation(
        *("received shipment unknown to notify", "inventory", "received", "notify", "received"),
        *(REWIND.format("notify"), "notify.stock"),
    ),
    Expectation(
        *("received shipment forgotten by inventory", "notify", "received", "inventory", "received"),
        "kantor mencatat lagi penerimaannya di inventory, dengan jumlah blanko yang sama",
    ),
    Expectation(
        *("report forgotten by inventory", "notify", "reports", "inventory", "reports"),
        "catat lagi penerimaan dan pengisian baki hari-hari itu; harinya ditutup lagi pada tick berikutnya",
    ),
)


def check(snapshots: Snapshots) -> list[Finding]:
    """All rows of the table."""
    return [
        lacking(
            pair.kind,
            pair.lacks,
            pair.remedy,
            snapshots[pair.knows].answers[pair.there],
            snapshots[pair.lacks].answers[pair.here],
            pair.flow,
        )
        for pair in EXPECTATIONS
    ]
