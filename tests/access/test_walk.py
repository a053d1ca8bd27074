"""The authorisation walk on the running services: every route x every role x every attack, and no hole."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ops.docs.generate import ROOT
from ops.docs.services import described_services as documented
from shared.security.auth import Identity, Role, ScopeKind
from shared.security.identity import OF_AN_OFFICE
from shared.web.places import PLACES, places_of
from tests.access import world as worlds
from tests.access.examples import Examples
from tests.access.passport import Passports, attacks
from tests.access.walk import PAIRS, Tally, Walk
from tests.access.world import Office, Told, World
from tests.services.requests.desk import key_file
from tests.support.serving import serve

KEPT = ROOT / "docs" / "access-walk.md"
FRESH = ROOT / "build" / "access-walk.md"


@pytest.fixture
async def world(settings: Told, stack: AsyncExitStack, tmp_path: Path) -> World:
    passports = Passports(tmp_path)
    services = await worlds.built(settings, passports, key_file(tmp_path))
    clients = {name: await stack.enter_async_context(serve(service)) for name, service in services.items()}
    made = World(services, clients, passports)
    await made.fill()
    return made


def test_every_route_declares_its_roles_and_its_scope() -> None:
    silent = [
        f"{route.method} {name}{route.path}"
        for name, made in documented().items()
        for route in made.routes
        if not route.complete
    ]
    assert silent == [], "Depends(allow(..., scope=...)), page(..., scope=...) or anyone: see shared/security/auth.py"


def test_a_menu_names_a_page_to_whom_its_route_lets_in() -> None:
    let_in = {
        route.path: set(route.allow.roles)
        for made in documented().values()
        for route in made.routes
        if route.allow is not None and route.method == "GET"
    }
    assert {place: set(roles) for place, roles in PLACES.items()} == {place: let_in[place] for place in PLACES}
    office = Identity("a", OF_AN_OFFICE, "17.02")
    assert (places_of(office), places_of(Identity.of("a", Role.OPS, ""))) == (["/permohonan"], ["/operasi"])
    assert places_of(Identity.of("a", Role.STOREKEEPER, "17.02")) == places_of(None) == []


def test_no_route_asks_for_anything_in_a_thread() -> None:
    asked = {f"{name}{route.path}": route.threads for name, made in documented().items() for route in made.routes}
    assert {path: threads for path, threads in asked.items() if threads} == {}, "a dependency is an async def"


def test_the_walk_has_an_example_for_every_route_input() -> None:
    office = Office("17.02", "17.02.06.1004", "tanda")
    for made in documented().values():
        examples = Examples(made.openapi)
        for route in made.routes:
            for role in Role:
                assert "{" not in examples.ask(route.method, route.path, role, office).path or route.open
                examples.filters(route.method, route.path, role, office)


@pytest.mark.long
async def test_nobody_gets_in_who_should_not_and_everybody_who_should(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk(world)
    before = await world.rows()
    await walk.attack()
    after = await world.rows()
    assert {name: count for name, count in after.items() if count != before[name]} == {}, "an attack left a trace"
    await walk.enter()
    report = _report(walk.tally, len(list(attacks(world.passports))))
    print(report)
    FRESH.parent.mkdir(exist_ok=True)
    FRESH.write_text(report)
    assert walk.tally.holes == []
    assert walk.tally.shut == []
    await _a_planted_hole_is_found(world, monkeypatch)
    assert KEPT.read_text() == report, f"cp {FRESH.relative_to(ROOT)} {KEPT.relative_to(ROOT)}, and commit it"


async def _a_planted_hole_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the check of what an id names taken out, the walk finds a hole at each route that stands on it."""
    monkeypatch.setattr(Identity, "sees", lambda *_: True)
    walk = Walk(world)
    walk.routes = [route for route in walk.routes if route.stands_on(ScopeKind.FOUND)]
    await walk.attack_from_elsewhere()
    found = {hole.split(" ")[1] for hole in walk.tally.holes}
    assert found == {str(route).split(" ")[1] for route in walk.routes}


def _report(tally: Tally, ways: int) -> str:
    tried = tally.tried
    refused = tried["credential"] + tried["role"] + tried["wilayah"]
    lines = [
        "# The authorisation walk",
        "",
        "Made by `tests/access/test_walk.py` (`make verify`) on the four services as they run in production, on real",
        "databases and brokers, with two offices full of data. A hole fails the test, and so do other figures.",
        "",
        "| | |",
        "| --- | ---: |",
        f"| routes | {tally.routes} |",
        f"| of these open to all | {tally.open_routes} |",
        f"| roles | {len(Role)} |",
        f"| pairs of roles that one person may have | {len(PAIRS)} |",
        f"| ways to come in without a good token or session | {ways} |",
        f"| tried: a bad token or session | {tried['credential']} |",
        f"| tried: a role that is not listed | {tried['role']} |",
        f"| tried: a foreign wilayah (id, path, body, list, filter, cursor, command again) | {tried['wilayah']} |",
        f"| attacks in all | {refused} |",
        f"| holes | {len(tally.holes)} |",
        "| rows that the attacks left in any table | 0 |",
        f"| good callers tried | {tried['let in']} |",
        f"| good callers tried who have two roles, one of them good | {tried['let in by one of two']} |",
        f"| good callers turned away | {len(tally.shut)} |",
        "",
        "Reading routes that showed their own office nothing, and so proved little: "
        + (", ".join(f"`{each}`" for each in sorted(tally.empty)) or "none")
        + ".",
        "",
    ]
    return "\n".join(lines)
