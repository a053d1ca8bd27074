"""docs/access.md: every route of every service, who may call it, and how it keeps a caller to its wilayah."""

from ops.docs.routes import Declared
from ops.docs.services import described_services

BEGIN, END = "<!-- access:begin -->", "<!-- access:end -->"


def with_access(page: str) -> str:
    """The page with the table between its markers. Raises ValueError when a marker is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"docs/access.md lacks {BEGIN} and {END}, between which the table belongs")
    return f"{before}{BEGIN}\n{_tables()}{END}{after}"


def _tables() -> str:
    return "\n".join(_table(name, made.routes) for name, made in described_services().items())


def _table(name: str, routes: tuple[Declared, ...]) -> str:
    head = f"### {name}\n\n| method | path | roles | wilayah | by |\n| --- | --- | --- | --- | --- |\n"
    return head + "".join(_row(route) for route in routes)


def _row(route: Declared) -> str:
    roles, scope, by = "all", "–", "–"
    if route.allow is not None:
        roles = ", ".join(sorted(route.allow.roles))
        scope = route.allow.scope.words if route.allow.scope else "undeclared"
        by = route.allow.by
    elif not route.open:
        roles = "undeclared"
    return f"| {route.method} | {route.path} | {roles} | {scope} | {by} |\n"
