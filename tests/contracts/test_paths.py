"""The paths that docs/architecture.md describes as numbered lists of files."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STEP = re.compile(r"^\d+\. `([^`]+\.py)`: (.+)", re.MULTILINE)
NAME = re.compile(r"`(\w+)(?:\(\))?`")


def test_the_path_of_a_filing_names_at_most_15_files_as_they_are() -> None:
    section = (ROOT / "docs/architecture.md").read_text().split("## The path of a filing\n")[1].split("\n## ")[0]
    steps = STEP.findall(section)
    assert 1 < len(steps) <= 15
    for file, text in steps:
        source = (ROOT / file).read_text()
        assert [name for name in NAME.findall(text) if name not in source] == [], f"not in {file}"
