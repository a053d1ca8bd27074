"""The walk: every route of every service, with every role, by every way in that should be shut; and the right one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, cycle
from typing import Any
from uuid import uuid4

from ops.docs.routes import Declared, declared
from shared.security.auth import Allow, Role, ScopeKind
from shared.security.identity import OF_AN_OFFICE
from shared.web.session import Page
from tests.access.examples import Asked, Examples
from tests.access.passport import Attack, Headers, Roles, attacks, bearer, cookie
from tests.access.world import Office, World
from tests.support.asgi import Answer, ask

STRANGERS = ("32.74", "32", "17.71", "17.02.16", "17.02.06.1005", "53")
"""Wilayah that see nothing of the office here: another's, its province's, a neighbour's, and parts of the same."""


PAIRS = [frozenset(pair) for pair in combinations(sorted(OF_AN_OFFICE), 2)]
"""Every two roles that one person may have: a route lets in whom it lets in for either."""
CLOCK = re.compile(r"(\d{4}|pukul|at) \d\d\.\d\d")
"""A time on a page, which at two minutes past five looks like an office."""
CUT = (200, 204, 303, 422)
"""What is cut to a wilayah answers with what is left, whether by GET or by a form, with an address to look at, or
with its version alone; or it was asked badly."""
INSIDE = {"/metrics"}
"""Open on a service's own port, for whoever watches from within; the gateway leads nobody there, and no person is in
it, but figures by office are."""


@dataclass
class Tally:
    """What was tried, and what should not have happened."""

    routes: int = 0
    open_routes: int = 0
    tried: dict[str, int] = field(default_factory=dict)
    holes: list[str] = field(default_factory=list)
    shut: list[str] = field(default_factory=list)
    """Good callers who were turned away: without them the walk would prove nothing."""
    empty: set[str] = field(default_factory=set)
    """Reading routes that showed nothing of the own office: there the walk saw no list at work."""

    def count(self, what: str) -> None:
        self.tried[what] = self.tried.get(what, 0) + 1


@dataclass
class Route:
    """A route on the walk."""

    service: str
    app: Any
    said: Declared
    examples: Examples

    def __str__(self) -> str:
        return f"{self.said.method} {self.service}{self.said.path}"

    @property
    def allow(self) -> Allow:
        assert self.said.allow is not None
        return self.said.allow

    @property
    def national(self) -> bool:
        return self.stands_on(ScopeKind.NATION)

    def stands_on(self, kind: ScopeKind) -> bool:
        """Whether its scope is of this kind."""
        return (
            self.said.allow is not None and self.said.allow.scope is not None and self.said.allow.scope.kind is kind
        )

    @property
    def cut(self) -> bool:
        """Whether it answers everybody, with what is theirs."""
        return any(self.stands_on(kind) for kind in (ScopeKind.LISTED, ScopeKind.OVERLAP, ScopeKind.OWN))

    @property
    def is_page(self) -> bool:
        return isinstance(self.said.allow, Page)

    def right(self, role: Role, office: Office) -> str:
        """The wilayah with which a listed role may do it."""
        return "" if self.national else office.wilayah(role)

    async def send(self, asked: Asked, headers: Headers, key: str = "") -> Answer:
        sent = {**headers, "Idempotency-Key": key or str(uuid4())}
        return await ask(self.app, self.said.method, asked.path, sent, asked.query, asked.body)


class Walk:
    """The walk over a filled world."""

    def __init__(self, world: World) -> None:
        self.world, self.passports, self.tally = world, world.passports, Tally()
        self.routes = list(_routes(world))
        self.tally.routes = len(self.routes)
        self.tally.open_routes = sum(route.said.open for route in self.routes)

    async def attack(self) -> None:
        """Everything that should be refused; nothing of it may leave a trace."""
        ways = list(attacks(self.passports))
        for route in self.routes:
            if route.said.open:
                await self._open(route)
                continue
            await self._bad_credentials(route, ways)
            for role in Role:
                if role not in route.allow.roles:
                    asked = route.examples.ask(route.said.method, route.said.path, role, self.world.here)
                    await self._wrong_role(route, role, asked)
            for pair in PAIRS:
                if pair.isdisjoint(route.allow.roles):
                    asked = route.examples.ask(route.said.method, route.said.path, min(pair), self.world.here)
                    await self._wrong_role(route, pair, asked)
        await self.attack_from_elsewhere()

    async def _bad_credentials(self, route: Route, ways: list[tuple[str, Attack]]) -> None:
        """Every way at this route, in the roles that it lets in by turns: another role is refused for itself."""
        for (name, way), role in zip(ways, cycle(sorted(route.allow.roles)), strict=False):
            asked = route.examples.ask(route.said.method, route.said.path, role, self.world.here)
            await self._must_be_refused(route, role, asked, name, way(role, route.right(role, self.world.here)))

    async def attack_from_elsewhere(self) -> None:
        """Good callers in a good role, of a wilayah that is not concerned."""
        for route in self.routes:
            for role in route.allow.roles if route.said.allow else ():
                await self._wrong_wilayah(route, role)

    async def enter(self) -> None:
        """Every caller who should be let in is; and a command that is sent again from another wilayah is not told."""
        for route in self.routes:
            for role in route.allow.roles if route.said.allow else ():
                await self._right(route, role)
            for pair in PAIRS if route.said.allow else ():
                if not pair.isdisjoint(route.allow.roles):
                    await self._right(route, pair)

    async def _open(self, route: Route) -> None:
        asked = Asked(route.said.path)
        answer = await route.send(asked, {})
        self.tally.count("open")
        if answer.status in (401, 403) and route.said.method == "GET":
            self.tally.shut.append(f"{route}: {answer.status} though it is open to all")
        if route.said.path not in INSIDE:
            self._nothing_of(self.world.here, route, "anybody", asked, answer)
            self._nothing_of(self.world.there, route, "anybody", asked, answer)

    async def _must_be_refused(self, route: Route, role: Role, asked: Asked, name: str, headers: Headers) -> None:
        answer = await route.send(asked, headers)
        self.tally.count("credential")
        if answer.status not in (401, 403):
            self.tally.holes.append(f"{route} {role}, {name}: {answer.status} {answer.text[:200]}")
        self._nothing_of(self.world.here, route, f"{role}, {name}", asked, answer)

    async def _wrong_role(self, route: Route, role: Roles, asked: Asked) -> None:
        for wilayah in (route.right(_first(role), self.world.here), "", "17"):
            for headers in self._good(route, role, wilayah):
                answer = await route.send(asked, headers)
                self.tally.count("role")
                if answer.status != 403:
                    self.tally.holes.append(f"{route} {role} of {wilayah!r}: {answer.status} {answer.text[:200]}")

    async def _wrong_wilayah(self, route: Route, role: Role) -> None:
        here, there = self.world.here, self.world.there
        cases = [(stranger, here) for stranger in STRANGERS] + [(here.wilayah(role), there)]
        for wilayah, office in cases:
            plain = route.examples.ask(route.said.method, route.said.path, role, office)
            for headers in self._good(route, role, wilayah):
                await self._foreign(route, role, wilayah, office, plain, headers)
            if route.said.method == "GET":
                for query in route.examples.filters("GET", route.said.path, role, office):
                    asked = Asked(plain.path, {**plain.query, **query}, plain.body)
                    await self._foreign(route, role, wilayah, office, asked, self._good(route, role, wilayah)[0])

    async def _foreign(
        self, route: Route, role: Role, wilayah: str, office: Office, asked: Asked, headers: Headers
    ) -> None:
        answer = await route.send(asked, headers)
        self.tally.count("wilayah")
        # Anything that is not cut is refused, or does not exist.
        if not (answer.status in (403, 404) or (route.cut and answer.status in CUT)):
            self.tally.holes.append(
                f"{route} {role} of {wilayah}, {office.office}: {answer.status} {answer.text[:200]}"
            )
        self._nothing_of(office, route, f"{role} of {wilayah}", asked, answer)

    async def _right(self, route: Route, role: Roles) -> None:
        here = self.world.here
        asked = route.examples.ask(route.said.method, route.said.path, _first(role), here)
        for headers in self._good(route, role, route.right(_first(role), here)):
            key = str(uuid4())
            answer = await route.send(asked, headers, key)
            self.tally.count("let in" if isinstance(role, Role) else "let in by one of two")
            if answer.status in (401, 403, 404, 405, 422) or answer.status >= 500:
                self.tally.shut.append(f"{route} {role}: {answer.status} {answer.text[:300]}")
            shows = any(secret in answer.text for secret in here.secrets)
            if route.said.method == "GET" and not route.national and not shows:
                self.tally.empty.add(str(route))
            moved = isinstance(role, Role) and route.said.method != "GET" and not route.national
            if moved and answer.status < 300:
                await self._again(route, role, asked, key)

    async def _again(self, route: Route, role: Role, asked: Asked, key: str) -> None:
        """The same person, moved to another wilayah, sends a command again and hopes for its first answer."""
        for wilayah in STRANGERS:
            answer = await route.send(asked, self._good(route, role, wilayah)[0], key)
            self.tally.count("wilayah")
            if answer.status not in (403, 404, 422) and not (route.cut and answer.status in CUT):
                self.tally.holes.append(f"{route} {role}, again from {wilayah}: {answer.status} {answer.text[:200]}")
            self._nothing_of(self.world.here, route, f"{role} of {wilayah}", asked, answer)

    def _good(self, route: Route, role: Roles, wilayah: str) -> list[Headers]:
        """Everything good that this route takes: a token, a session, or both."""
        shown = [] if route.is_page else [bearer(self.passports.token(role, wilayah))]
        return shown + ([cookie(self.passports.cookie(role, wilayah))] if route.allow.cookie else [])

    def _nothing_of(self, office: Office, route: Route, who: str, asked: Asked, answer: Answer) -> None:
        # The rule of a 422 may name a code as an example; it has looked at no data.
        example = {office.office} if answer.status == 422 else set()
        # What the caller said, or is, may be said back.
        new = (each for each in office.secrets - example if not asked.says(each) and each not in who)
        said = answer.text + answer.headers.get("location", "")
        text = CLOCK.sub("", said) if route.is_page else said
        told = [each for each in new if each in text]
        if told:
            self.tally.holes.append(f"{route} {who} is told of {office.office}: {told[:3]}")


def _first(role: Roles) -> Role:
    """The role that says where a caller stands: those that go together stand in the same place."""
    return role if isinstance(role, Role) else min(role)


def _routes(world: World) -> Iterator[Route]:
    for name, client in world.clients.items():
        app = client._transport.app  # type: ignore[attr-defined]
        examples = Examples(app.openapi())
        for said in declared(app):
            yield Route(name, app, said, examples)
