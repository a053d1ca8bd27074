"""12.E: the words of the pages, by number and language."""

import re
import tomllib
from pathlib import Path

import pytest

from shared.web import words
from shared.web.words import words_in

BOOK = tomllib.loads((Path(words.__file__).parent / "words.toml").read_text())
PLURAL = re.compile(r"\{n\} (residents|days|visits|lines|papers|requests|attachments|messages)\b")


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 residents"), (1, "1 resident"), ("1", "1 resident"), (2, "2 residents")]
)
def test_one_resident_is_not_many(n: object, said: str) -> None:
    assert words_in("en")("rinci.imported", n=n).startswith(said)
    assert words_in("id")("rinci.imported", n=n) == f"{n} warga tersimpan."


def test_every_counted_thing_has_a_word_for_one() -> None:
    many = [
        f"{chapter}.{key}" for chapter, texts in BOOK.items() for key, text in texts.items() if PLURAL.search(text[1])
    ]
    assert len(many) > 15
    assert [name for name in many if name.partition(".")[2] + "_one" not in BOOK[name.partition(".")[0]]] == []


def test_papers_and_files_have_words_of_their_own() -> None:
    """`berkas` are the papers that a resident shows; what is sent is a `file`, and what is worked on a `kasus`."""
    texts = [text[0] for chapter in BOOK.values() for text in chapter.values()]
    assert [text for text in texts if re.search(r"berkas\b.*\b(MB|CSV|impor lagi|terpotong|rusak)", text, re.I)] == []
