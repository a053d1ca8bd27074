"""The story table of the README: every event in the order of the story, who publishes it, and who consumes it."""

from ops.docs.services import consumers_of
from shared.contract.events import ALL, Event

BEGIN = "<!-- story:begin -->"
END = "<!-- story:end -->"
HEADER = "| event | from | to | topic | file |\n| --- | --- | --- | --- | --- |\n"


def story_table() -> str:
    """The table in Markdown."""
    return HEADER + "".join(_row(event) for event in ALL)


def with_story(readme: str) -> str:
    """The README with the table between its markers. Raises ValueError when a marker is missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md lacks {BEGIN} and {END}, between which the story table belongs")
    return f"{before}{BEGIN}\n{story_table()}{END}{after}"


def _row(event: type[Event]) -> str:
    consumers = consumers_of(event)
    cells = (
        event.__name__,
        event.topic.publisher or "each",
        ", ".join(source.consumer.service for source in consumers) or "–",
        event.topic.name,
        "<br>".join(f"[{file}]({file})" for file in dict.fromkeys(source.file for source in consumers)) or "–",
    )
    return f"| {' | '.join(cells)} |\n"
