"""A few days of an office, told to a system in containers through its one origin, while something is killed."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lab.simulate import CITIES, Command, ServiceClient, Simulator, Story
from lab.simulate.run import story_of
from ops.system import SERVICES
from tests.containers.compose import Compose, Operator

CITY = replace(CITIES["rejang-lebong"], residents_a_day=(10, 12))
DAYS = 3


async def tell(system: Compose, operator: Operator, blows: dict[int, Callable[[], Any]]) -> Story:
    """The story; after so many acknowledged commands the blow of that number falls, others being under way."""
    count = 0

    def acknowledged(_: Command, __: Any) -> None:
        nonlocal count
        count += 1
        if count in blows:
            blows[count]()

    async def quiet() -> None:
        await asyncio.to_thread(operator.ask, "quiet")

    urls = {name: system.url(name) for name in SERVICES}
    async with ServiceClient(urls, system.tokens(), journal=acknowledged, patience=90) as client:
        story = await story_of(Simulator(CITY, seed=5, client=client, wait_quiescent=quiet, days=DAYS))
    assert count > max(blows), "the story was over before the last blow"
    return story


def nothing_lost_nothing_doubled(story: Story, found: dict[str, Any]) -> None:
    """Acknowledged commands against the ledger, and against the distinct facts on the topics."""
    facts = found["facts"]
    assert facts["RequestFiled"] == story.requests
    assert facts["CaseAdded"] == story.tally.accepted
    assert story.tally.accepted + story.tally.incomplete - story.tally.completed == story.residents
    assert story.residents == story.total("filed") > 20
    assert facts["VisitCompleted"] == story.total("visits")
    assert facts["PrintCompleted"] == story.total("prints") == story.total("printed") > 10
    assert facts.get("PrintSpoiled", 0) == story.total("spoils") == story.total("spoiled")
    assert facts["CardHandedOver"] == story.total("handed_over") > 0
    assert all(day.balances for day in story.days)
    assert story.on_hand == story.total("received") - story.total("printed") - story.total("spoiled")
    assert found["ledger"] == [0, 0]
    assert set(found["dead"].values()) == {0}
