"""The one exception of the platform."""


class PlatformError(Exception):
    """Says what is wrong and what the reader can do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\n  -> {remedy}")
        self.problem = problem
        self.remedy = remedy
