"""The work list as rows: what the list on the screen shows, and no person."""

from datetime import datetime

from services.requests.sheets.cells import guarded
from services.requests.store.reading import RequestRow
from shared.reference.offices import Office
from shared.reference.regions import kelurahan
from shared.web.words import words_in

HEADINGS = (
    *("permohonan", "jenis", "tahap", "nomor_surat", "tanggal_surat", "kode_kelurahan", "kelurahan", "kecamatan"),
    *("tempat", "warga", "diajukan", "diterima", "batas", "lewat_batas", "ditutup", "alasan_tutup", "kunjungan"),
)
_t = words_in("id")


def row(request: RequestRow, office: Office) -> list[str]:
    """A request; moments in the office's zone."""
    where = kelurahan(request.kelurahan)

    def moment(at: datetime | None) -> str:
        return f"{at.astimezone(office.tz):%d-%m-%Y %H:%M}" if at else ""

    return [
        str(request.id),
        _t(f"kind.{request.kind}"),
        _t(f"stage.{request.state}"),
        guarded(request.letter_number),
        f"{request.letter_date:%d-%m-%Y}",
        request.kelurahan,
        guarded(where.name),
        guarded(where.kecamatan),
        _t(f"place.{request.drive.place}") if request.drive else "",
        str(request.cases),
        moment(request.filed_at),
        moment(request.accepted_at),
        moment(request.due_at),
        "ya" if request.overdue else "tidak",
        moment(request.closed_at),
        _t(f"tutup.{request.reason}") if request.reason else "",
        moment(request.visit_at),
    ]
