"""The consumer groups of the services. A test holds this table against the services themselves."""

GROUPS = (
    "requests.cases",
    "dispatch.requests",
    "dispatch.stock",
    "inventory.cases",
    "inventory.alerts",
    "notify.stock",
)


def topic_of(group: str) -> str:
    """A group is named `<service>.<topic>`."""
    return group.partition(".")[2]
