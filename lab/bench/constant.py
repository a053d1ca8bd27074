"""The ceiling of the picker: the same route by the same server, with an answer that is always the same."""

import os

import uvicorn
from fastapi import FastAPI, Query, Response

ANSWER = os.environ.get("ANSWER", "{}").encode()

app = FastAPI()


@app.get("/wilayah")
async def constant(q: str = Query(max_length=120), dalam: str = "") -> Response:
    """Whatever is typed."""
    return Response(ANSWER, media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
