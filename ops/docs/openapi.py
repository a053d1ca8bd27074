"""The OpenAPI document of each service, from the application that it runs."""

from typing import Any

from ops.docs.services import described_services


def openapi_files() -> dict[str, dict[str, Any]]:
    """All documents by file name."""
    return {f"{name}.json": made.openapi for name, made in described_services().items()}
