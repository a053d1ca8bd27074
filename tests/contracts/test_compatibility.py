"""Archived consumers live on: today's schemas are compared with each archived release, and planted breaks fail."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.docs.generate import ROOT
from ops.docs.schemas import schema_files
from tests.contracts.compatibility import Schema, breaks

ARCHIVE = ROOT / "docs" / "archive"
ARCHIVED = sorted(ARCHIVE.glob("v*/*.json"))
ADVICE = "an archived consumer would break: give the event a new major version (see docs/archive/README.md)"


@pytest.mark.parametrize("file", ARCHIVED, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_archived_consumers_can_read_what_is_published_today(file: Path) -> None:
    current = schema_files().get(file.name)
    assert current is not None, f"{file.stem} is no longer published: {ADVICE}"
    assert breaks(json.loads(file.read_text()), current) == [], ADVICE


def test_every_archive_is_a_full_release() -> None:
    first = {file.name for file in (ARCHIVE / "v1").glob("*.json")}
    for folder in ARCHIVE.glob("v*"):
        assert first <= {file.name for file in folder.glob("*.json")}


OLD: Schema = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "format": "date-time"},
        "office": {"type": "string", "pattern": "^[0-9]{2}$"},
        "service": {"type": "string", "enum": ["first", "lost"]},
        "skills": {"type": "array", "items": {"type": "string", "enum": ["escort"]}, "maxItems": 4},
        "minutes": {"type": "integer", "minimum": 1, "maximum": 600},
        "note": {"type": "boolean", "default": False},
    },
    "required": ["at", "office", "service", "skills", "minutes"],
}


def changed(change: Callable[[dict[str, Any], list[str]], object]) -> Schema:
    new = copy.deepcopy(OLD)
    change(new["properties"], new["required"])
    return new


BREAKS = {
    "a field removed": lambda p, r: (p.pop("office"), r.remove("office")),
    "an optional field removed": lambda p, r: p.pop("note"),
    "a field made optional": lambda p, r: r.remove("office"),
    "an optional field made required": lambda p, r: r.append("note"),
    "a required field added": lambda p, r: (p.update(team={"type": "string"}), r.append("team")),
    "a type changed": lambda p, r: p["minutes"].update(type="string"),
    "a type widened": lambda p, r: p["minutes"].update(type="number"),
    "a format changed": lambda p, r: p["at"].update(format="date"),
    "an enum narrowed": lambda p, r: p["service"].update(enum=["first"]),
    "an enum widened": lambda p, r: p["service"].update(enum=["first", "lost", "photo"]),
    "an enum in a list widened": lambda p, r: p["skills"]["items"].update(enum=["escort", "large_team"]),
    "a pattern changed": lambda p, r: p["office"].update(pattern="^[0-9]{3}$"),
    "a pattern dropped": lambda p, r: p["office"].pop("pattern"),
    "a range narrowed": lambda p, r: p["minutes"].update(maximum=60),
    "a range widened": lambda p, r: p["minutes"].update(minimum=0),
    "a list shortened": lambda p, r: p["skills"].update(maxItems=2),
    "an unknown keyword added": lambda p, r: p["minutes"].update(multipleOf=15),
}
FINE = {
    "nothing": lambda p, r: None,
    "an optional field added": lambda p, r: p.update(team={"type": "string", "default": "T1"}),
    "other words": lambda p, r: p["office"].update(description="The office.", title="OfficeCode"),
    "another order": lambda p, r: p.update(at=p.pop("at")),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS)
def test_a_planted_break_is_found(change: Callable[[dict[str, Any], list[str]], object]) -> None:
    assert breaks(OLD, changed(change))


@pytest.mark.parametrize("change", FINE.values(), ids=FINE)
def test_a_compatible_change_is_let_through(change: Callable[[dict[str, Any], list[str]], object]) -> None:
    assert breaks(OLD, changed(change)) == []
