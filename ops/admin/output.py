"""Formats what commands print: in Indonesian and in 80 columns."""

import json
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.contract.fields import DeadLetterReason
from shared.messaging.dead_letter_queue import DiscardReason

REASONS = {
    DeadLetterReason.NOT_AN_EVENT: "bukan peristiwa",
    DeadLetterReason.UNKNOWN_VERSION: "versi asing",
    DeadLetterReason.MALFORMED: "cacat bentuk",
    DeadLetterReason.TOO_LARGE: "terlalu besar",
    DeadLetterReason.REFUSED: "ditolak",
    DeadLetterReason.FAILED: "gagal",
}
STATES = {
    "open": "terbuka",
    "asked": "diminta",
    "failed": "gagal lagi",
    "replayed": "diulang",
    "known": "sudah ada",
    **{str(why): "dibuang" for why in DiscardReason},
}
DISCARDS = {
    DiscardReason.DUPLICATE: "akibatnya sudah ada lewat jalan lain",
    DiscardReason.FOREIGN: "bukan peristiwa kita",
    DiscardReason.OBSOLETE: "sudah didahului fakta yang lebih baru",
    DiscardReason.CORRECTED: "sudah dibetulkan lewat perintah atau tangan",
    DiscardReason.TEST: "uji coba",
}


def duration(seconds: float) -> str:
    """A span in its largest unit: 12 dtk, 5 mnt, 3 jam, 9 hari."""
    for size, unit in ((86400, "hari"), (3600, "jam"), (60, "mnt")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} dtk"


def readable(detail: str, most: int = 3) -> str:
    """A dead letter's detail: fields and rules as words, the first few of them."""
    prefix, found, listed = detail.rpartition('[{"field"')
    if not found:
        return detail
    problems = [f"{each['field']} ({each['rule']})" for each in json.loads(found + listed)]
    more = f" dan {len(problems) - most} lagi" if len(problems) > most else ""
    return prefix + ", ".join(problems[:most]) + more


def stamp(at: datetime) -> str:
    """2026-04-06 08:00:03, in this machine's zone."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def table(*columns: str) -> Table:
    """A plain table: no frame, one space between columns, what is too long is folded."""
    made = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    for name in columns:
        made.add_column(name.lstrip(">"), justify="right" if name.startswith(">") else "left", overflow="fold")
    return made


def facts(*lines: tuple[str, str]) -> Table:
    """Names and what they are, the latter folded in its own column."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for name, content in lines:
        made.add_row(Text(name, "dim"), Text(content))
    return made


def print_line(console: Console, text: str = "", style: str = "") -> None:
    """A line as it is: no markup, no colours of numbers, broken only by the terminal."""
    console.print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)


def print_json(console: Console, content: Any) -> None:
    """The same for programs."""
    print_line(console, json.dumps(content, indent=1, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (UUID, StrEnum)):
        return str(value)
    raise TypeError(type(value).__name__)
