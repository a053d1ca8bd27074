"""What a statement says that gives itself up by the function `abandon`: nothing of it is stored."""

import json
from typing import Any

import asyncpg


def conflict_details(error: asyncpg.RaiseError) -> Any:
    """What `abandon` was given. Raises the error itself when it is another's."""
    if error.message != "abandoned" or error.detail is None:
        raise error
    return json.loads(error.detail)
