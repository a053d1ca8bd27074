"""Reads why a statement aborted itself by the SQL function `abandon`; nothing of such a statement is stored."""

import json
from typing import Any

import asyncpg


def conflict_details(error: asyncpg.RaiseError) -> Any:
    """The JSON that `abandon` was called with. Raises the error itself when another function raised it."""
    if error.message != "abandoned" or error.detail is None:
        raise error
    return json.loads(error.detail)
