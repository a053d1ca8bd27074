"""Dates, numbers and the field's terms in Indonesian."""

from datetime import date, datetime, timedelta

DAYS = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
STAGES = {
    "filed": ("Diajukan", "filed"),
    "accepted": ("Diterima, berkas lengkap", "accepted"),
    "scheduled": ("Terjadwal", "visit scheduled"),
    "visited": ("Dikunjungi", "visited"),
    "recorded": ("Terekam", "recorded"),
    "print_ready": ("Siap cetak (PRR)", "print-ready"),
    "printed": ("Tercetak", "printed"),
    "handed_over": ("Diserahkan", "handed over"),
    "rejected": ("Ditolak", "rejected"),
    "cancelled": ("Dibatalkan", "cancelled"),
}
OUTCOMES = {
    "recorded": ("Terekam", "recorded"),
    "refused": ("Menolak", "refused"),
    "relapsed": ("Kambuh", "relapsed"),
    "absent": ("Tidak di tempat", "absent"),
    "not_found": ("Tidak ditemukan", "not found"),
    "under_age": ("Belum cukup umur", "under age"),
    "already_recorded": ("Sudah pernah rekam", "already recorded"),
    "device_fault": ("Perangkat rusak", "device fault"),
    "no_signal": ("Tanpa sinyal", "no signal"),
}
LEVELS = {"low": "Menipis", "critical": "Kritis", "out": "Habis", "ok": "Cukup"}
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def number(value: float) -> str:
    """46.939; one decimal where it is not whole."""
    if value != int(value):
        return f"{value:,.1f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return f"{int(value):,}".replace(",", ".")


def short_day(day: date) -> str:
    """28 Apr."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def weekday(day: date) -> str:
    """Sel, 28 Apr."""
    return f"{DAYS[day.weekday()]}, {short_day(day)}"


def full_day(day: date) -> str:
    """Sel, 28 Apr 2026."""
    return f"{weekday(day)} {day.year}"


def moment(at: datetime) -> str:
    """Sel, 28 Apr 14.05."""
    return f"{weekday(at.date())} {at:%H.%M}"


def span(between: timedelta) -> str:
    """How long, in the largest two units that matter."""
    minutes = int(between.total_seconds() // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "hari"), (hours, "jam"), (minutes, "menit")]
    said = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(said[:2]) or "0 menit"


def percent(part: int, whole: int) -> str:
    """91 %."""
    return f"{100 * part / whole:.0f} %" if whole else "-"
