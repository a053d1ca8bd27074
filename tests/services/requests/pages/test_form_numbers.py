"""The next letter number, as the form's own script makes it of the last one (12.B4)."""

import json
import subprocess
from pathlib import Path

from services.requests.pages.dependencies import STATIC
from tests.support.servers.npm import NODE

SCRIPT = """
import { following } from './numbers.mjs';
let asked = '';
for await (const part of process.stdin) asked += part;
console.log(JSON.stringify(JSON.parse(asked).map((each) => following(...each))));
"""
LAST, TODAY, NEW_YEAR = "2026-11-23", "2026-11-24", "2027-01-04"
CASES = [
    # The running number is one more; its padding and all else stay.
    (("470/12/KP/2026", LAST, TODAY), "470/13/KP/2026"),
    (("470/012/2026", LAST, TODAY), "470/013/2026"),
    (("470/001/11/2026", LAST, TODAY), "470/002/11/2026"),
    (("470/099/2026", LAST, TODAY), "470/100/2026"),
    (("470 / 9 / KP / 2026", LAST, TODAY), "470 / 10 / KP / 2026"),
    (("012/470/2026", LAST, TODAY), "013/470/2026"),
    (("421/077/XI/2026", LAST, TODAY), "421/078/XI/2026"),
    (("140/470/11/2026", LAST, TODAY), "141/470/11/2026"),
    (("470.1/7/KEL/2026", LAST, TODAY), "470.1/8/KEL/2026"),
    (("No. 15/KP/2026", LAST, TODAY), "No. 16/KP/2026"),
    (("15", LAST, TODAY), "16"),
    (("470", LAST, TODAY), "471"),
    # A Roman month that was the letter's is this one's.
    (("470/12/XI/2026", LAST, "2026-12-01"), "470/13/XII/2026"),
    (("470/12/IX/2026", LAST, "2026-12-01"), "470/13/IX/2026"),
    # A new year begins at 1.
    (("470/212/KP/2026", LAST, NEW_YEAR), "470/001/KP/2027"),
    (("470/9/XI/2026", LAST, NEW_YEAR), "470/1/I/2027"),
    (("470/12/KP", LAST, NEW_YEAR), "470/13/KP"),
    (("470/12/KP/2025", LAST, TODAY), "470/13/KP/2025"),  # the year there is not the letter's
    # Nothing is put forward where no number runs.
    (("470/KP-12/2026", LAST, TODAY), None),
    (("tanpa nomor", LAST, TODAY), None),
    (("470/1234567890/2026", LAST, TODAY), None),
    (("", LAST, TODAY), None),
]


def test_the_next_number_is_one_more_and_keeps_its_form(tmp_path: Path) -> None:
    """12.B4: padding, code, month and year of the numbers that kelurahan write."""
    (tmp_path / "numbers.mjs").write_bytes(STATIC.content("numbers.js"))
    (tmp_path / "ask.mjs").write_text(SCRIPT)
    asked = json.dumps([asked for asked, _ in CASES]).encode()
    done = subprocess.run([NODE, tmp_path / "ask.mjs"], input=asked, capture_output=True, check=True, timeout=60)
    found = json.loads(done.stdout)
    assert [(asked, one) for (asked, _), one in zip(CASES, found, strict=True)] == [*CASES]
