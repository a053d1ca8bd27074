"""The generated documents are those of the code, valid by their own standards, and drift is noticed."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from ops.docs.asyncapi import asyncapi
from ops.docs.event_table import BEGIN, END, with_story
from ops.docs.generate import MEND, ROOT, documents, stale, write
from ops.docs.schemas import schema_files
from ops.docs.source import attribute
from shared.contract.events import ALL, TOPICS, PrintCompleted, RequestEvent
from tests.contracts.test_links import TRACKED


def test_the_documents_are_up_to_date() -> None:
    assert stale(ROOT, documents()) == [], f"run `{MEND}` and commit the result"


def test_a_change_a_missing_file_and_a_left_over_one_are_stale(tmp_path: Path) -> None:
    wanted = {"docs/schemas/A.v1.json": "{}\n", "docs/openapi/requests.json": "{}\n"}
    assert stale(tmp_path, wanted) == sorted(wanted)
    write(tmp_path, wanted)
    assert stale(tmp_path, wanted) == []
    (tmp_path / "docs/schemas/A.v1.json").write_text("{}")
    (tmp_path / "docs/schemas/Gone.v1.json").write_text("{}\n")
    assert stale(tmp_path, wanted) == ["docs/schemas/A.v1.json", "docs/schemas/Gone.v1.json"]
    write(tmp_path, wanted)
    assert stale(tmp_path, wanted) == []


def test_the_story_is_written_between_its_markers_alone() -> None:
    made = with_story(f"# Judul\n\n{BEGIN}\nold\n{END}\n\nThe end.\n")
    assert made.startswith(f"# Judul\n\n{BEGIN}\n| event | from | to | topic | file |\n")
    assert made.endswith(f"|\n{END}\n\nThe end.\n")
    assert [line.split(" | ")[0].strip("| ") for line in made.splitlines() if " | " in line][2:] == [
        event.__name__ for event in ALL
    ]
    assert with_story(made) == made


@pytest.mark.parametrize("name", TRACKED)
def test_a_document_names_only_what_is_there(name: str) -> None:
    text = (ROOT / name).read_text()
    rooms = "deploy|docs|ops|services|shared|tests"
    named = [ROOT / path for path in re.findall(rf"`((?:{rooms})/[\w./-]*)`", text)]
    assert [str(path) for path in named if not path.exists()] == []


def test_a_readme_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="story"):
        with_story("# Judul\n")


def test_each_event_has_a_valid_schema_with_a_description() -> None:
    files = schema_files()
    assert len(files) == len(ALL)
    for content in files.values():
        Draft202012Validator.check_schema(content)
        assert content["description"]
        assert "additionalProperties" not in content


def test_a_field_s_own_docstring_comes_before_that_of_its_type() -> None:
    assert attribute(PrintCompleted, "station").doc == 'A print station with its tray: "P1".'
    with pytest.raises(LookupError):
        attribute(RequestEvent, "name")


def test_asyncapi_names_all_topics_messages_and_senders() -> None:
    document = asyncapi()
    assert set(document["channels"]) == {topic.name for topic in TOPICS}
    assert set(document["components"]["messages"]) == {event.__name__ for event in ALL}
    for reference in _references(document):
        part = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    sent = {
        message["$ref"].rpartition("/")[2]
        for operation in document["operations"].values()
        if operation["action"] == "send"
        for message in operation["messages"]
    }
    assert sent == {event.__name__ for event in ALL}


def _references(part: object) -> list[str]:
    if isinstance(part, list):
        return [found for item in part for found in _references(item)]
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [found for item in part.values() for found in _references(item)]
    return []
