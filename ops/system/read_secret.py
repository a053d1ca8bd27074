"""Reads a secret from a variable of the environment, or from a file of the same name."""

import os
from pathlib import Path

from ops.platform import PlatformError

SECRETS = Path("/run/secrets")


def read_secret(name: str, folder: Path = SECRETS) -> str:
    """`read_secret("requests.password")`: REQUESTS_PASSWORD, or the content of /run/secrets/requests.password.

    Raises PlatformError naming both when there is neither.
    """
    variable = name.upper().replace(".", "_")
    if value := os.environ.get(variable):
        return value
    try:
        return (folder / name).read_text().strip()
    except FileNotFoundError:
        raise PlatformError(f"neither {variable} nor {folder / name} is there", "set one, and try again") from None
