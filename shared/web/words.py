"""The words of the pages, Indonesian first: `words.toml` holds each as a pair, Indonesian and English."""

import tomllib
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["id", "en"]
Words = Callable[..., str]
COOKIE = "bahasa"
_FILE = Path(__file__).parent / "words.toml"


@cache
def _book() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(_FILE.read_text())


def language_of(asked: str | None) -> Language:
    """The language a caller asked for; Indonesian for anything else."""
    return "en" if asked == "en" else "id"


def words_in(language: Language) -> Words:
    """`t("operasi.title", n=3)`: a text in this language. Raises KeyError for a word that is not in the book.

    For n=1 the text of `title_one`, where there is one: "1 resident". `say` in antrean.js does the same.
    """
    place = 0 if language == "id" else 1

    def t(name: str, /, **values: Any) -> str:
        chapter, _, key = name.partition(".")
        texts = _book()[chapter]
        one = texts.get(f"{key}_one") if values.get("n") in (1, "1") else None
        return (one or texts[key])[place].format(**values)

    return t


def date_in(t: Words, day: date) -> str:
    """A day of a letter or of a life, in words: "5 Juli 1960"."""
    return f"{day.day} {t(f'waktu.bulan_penuh{day.month}')} {day.year}"


def chapter_in(language: Language) -> Callable[[str], dict[str, str]]:
    """`chapter("antrean")`: all texts of a chapter, unfilled, for a script. Raises KeyError for an unknown one."""
    place = 0 if language == "id" else 1

    def chapter(name: str) -> dict[str, str]:
        return {key: pair[place] for key, pair in _book()[name].items()}

    return chapter


def thousands(number: int, language: Language) -> str:
    """46.939 in Indonesian, 46,939 in English."""
    grouped = f"{number:,}"
    return grouped.replace(",", ".") if language == "id" else grouped
