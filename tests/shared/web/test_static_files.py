"""Static files are named by their content, and a script names those it imports by theirs."""

from pathlib import Path

import pytest

from services.requests.pages.dependencies import STATIC
from shared.web.pages import STATIC as FRAME
from shared.web.static_files import HashedFiles


def written(folder: Path, name: str, content: str) -> Path:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content)
    return file


def test_a_changed_import_changes_the_importing_address(tmp_path: Path) -> None:
    written(tmp_path, "page.js", "import { a } from './part.js';")
    written(tmp_path, "parts/part.js", "export const a = 1;")
    before = HashedFiles(tmp_path)
    assert f"from '{before.address('part.js')}'" in before.content("page.js").decode()
    written(tmp_path, "parts/part.js", "export const a = 2;")
    after = HashedFiles(tmp_path)
    assert after.address("part.js") != before.address("part.js")
    assert after.address("page.js") != before.address("page.js")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "page.js", "")
    written(tmp_path, "parts/page.js", "")
    with pytest.raises(ValueError, match=r"page\.js"):
        HashedFiles(tmp_path)


def test_an_unknown_name_has_no_address(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        HashedFiles(tmp_path).address("page.js")


def test_a_file_of_the_frame_has_one_address_everywhere() -> None:
    # The gateway gives `/web` to whichever service answers.
    assert STATIC.address("look.css") == FRAME.address("look.css")
    assert STATIC.address("session.js") == FRAME.address("session.js")
