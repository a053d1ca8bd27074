"""Writes the documents, or says which are stale."""

import json
from pathlib import Path

from ops.docs.access import with_access
from ops.docs.asyncapi import asyncapi
from ops.docs.dashboard import dashboard
from ops.docs.event_table import with_story
from ops.docs.openapi import openapi_files
from ops.docs.schemas import schema_files
from ops.paths import ROOT

GENERATED = ("docs/schemas", "docs/asyncapi", "docs/openapi", "deploy/grafana/dashboards")
"""Folders in which every file is generated: what is no longer made there is stale."""
MEND = "make docs"


def main(*, check: bool = False) -> int:
    """Generate the documents that follow from the code; with --check only compare them.

    Exit code 1 when --check found something stale.
    """
    wanted = documents(ROOT)
    if not check:
        write(ROOT, wanted)
        return 0
    found = stale(ROOT, wanted)
    for path in found:
        print(f"stale: {path}")
    if found:
        print(f"  -> {MEND}, then commit the result")
    return 1 if found else 0


def documents(root: Path = ROOT) -> dict[str, str]:
    """Every generated document by its path below the project; pages with a table take part once they are there."""
    made = {f"docs/schemas/{name}": _json(content) for name, content in schema_files().items()}
    made["docs/asyncapi/jemput-bola.json"] = _json(asyncapi())
    made |= {f"docs/openapi/{name}": _json(content) for name, content in openapi_files().items()}
    made["deploy/grafana/dashboards/jemput-bola.json"] = _json(dashboard())
    access = root / "docs/access.md"
    if access.exists():
        made["docs/access.md"] = with_access(access.read_text())
    readme = root / "README.md"
    if readme.exists():
        made["README.md"] = with_story(readme.read_text())
    return made


def stale(root: Path, wanted: dict[str, str]) -> list[str]:
    """The paths whose file differs from what is wanted, is missing, or should no longer be there."""
    differing = [path for path, text in wanted.items() if not _holds(root / path, text)]
    return sorted(differing + _left_over(root, wanted))


def write(root: Path, wanted: dict[str, str]) -> None:
    """Bring the files in line; those that are already keep their time of change."""
    for path, text in wanted.items():
        if not _holds(root / path, text):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
    for path in _left_over(root, wanted):
        (root / path).unlink()


def _left_over(root: Path, wanted: dict[str, str]) -> list[str]:
    there = (file for folder in GENERATED for file in (root / folder).glob("*.json"))
    return [path for file in there if (path := file.relative_to(root).as_posix()) not in wanted]


def _holds(file: Path, text: str) -> bool:
    return file.exists() and file.read_text() == text


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
