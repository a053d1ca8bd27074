"""Links within the documents lead to a file that is there, and to a heading that it has."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()


def without_code(text: str) -> str:
    """The text without what stands in fences."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """What a link may name of a document, as GitHub derives it from the headings."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?) *$", without_code(text), re.MULTILINE):
        words = re.sub(r"\]\([^)]*\)", "", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = next(n for n in range(len(found) + 1) if (f"{slug}-{n}" if n else slug) not in found)
        found.add(f"{slug}-{number}" if number else slug)
    return found


def broken(document: Path) -> list[str]:
    """The relative links of a document that lead nowhere."""
    wrong = []
    for link in re.findall(r"\]\((?!\w+:)([^)\s]+)", without_code(document.read_text())):
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("name", TRACKED)
def test_every_link_leads_somewhere(name: str) -> None:
    assert broken(ROOT / name) == []


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A `name`, twice\n# A name twice\n```\n# Code\n```\n")
    document = tmp_path / "document.md"
    document.write_text("[a](other.md#a-name-twice) [b](other.md#a-name-twice-1) [c](https://example.org/none)")
    assert broken(document) == []
    document.write_text("[a](gone.md) [b](other.md#code) [c](#none) ![d](other.md#a-name-twice-2)")
    assert broken(document) == ["gone.md", "other.md#code", "#none", "other.md#a-name-twice-2"]
