"""The paths that docs/architecture.md describes as numbered lists of files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEP = re.compile(r"^\d+\. `([^`]+\.py)`: (.+(?:\n {3,}\S.*)*)", re.MULTILINE)
NAME = re.compile(r"`(\w+)(?:\(\))?`")


@pytest.mark.parametrize("subject", ["a filing", "a print", "an alert"])
def test_a_path_names_at_most_15_files_as_they_are(subject: str) -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    steps = STEP.findall(text.split(f"## The path of {subject}\n")[1].split("\n## ")[0])
    assert 1 < len(steps) <= 15
    for file, step in steps:
        names, source = NAME.findall(step), (ROOT / file).read_text()
        assert names, f"{file}: the step names nothing"
        assert [name for name in names if not re.search(rf"\b{name}\b", source)] == [], f"not in {file}"
