"""The ceiling of filing: one bare endpoint that validates a small body and inserts one row in one commit."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from shared.contract.ids import new_id


class Row(BaseModel):
    """What the bare endpoint takes; further fields are ignored."""

    at: datetime
    kelurahan: str


class Stored(BaseModel):
    """What it answers."""

    id: UUID


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=8, max_size=8)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=_lifespan)


@app.post("/rows")
async def add(row: Row) -> Stored:
    """Insert one row."""
    stored = Stored(id=new_id())
    await app.state.pool.execute("insert into bare values ($1, $2, $3)", stored.id, row.at, row.kelurahan)
    return stored


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
