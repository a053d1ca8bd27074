"""A kelurahan's portal files a request for one resident and follows it until the card is handed over.

Run it beside `make up`, which prints the address and the token (it needs httpx, which is in .venv):

    URL=http://127.0.0.1:PORT TOKEN=$OPERATOR .venv/bin/python docs/examples/portal.py

The first letter has two mistakes, to show how errors come back by field.
"""

import os
import time
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

KELURAHAN = os.environ.get("KELURAHAN", "17.02.06.1004")
POLL_SECONDS = float(os.environ.get("POLL_SECONDS", "5"))
ENDED = {"handed_over", "rejected", "cancelled"}
API = httpx.Client(
    base_url=f"{os.environ['URL']}/api/requests", headers={"Authorization": f"Bearer {os.environ['TOKEN']}"}
)


def ask(method: str, path: str, **content: Any) -> httpx.Response:
    """Return the answer; ask again, with the same content and headers, while there is none."""
    for pause in (1, 2, 4, 8, 16):
        try:
            answer = API.request(method, path, **content)
            if answer.status_code not in (429, 502, 503, 504):
                return answer
            pause = int(answer.headers.get("Retry-After", pause))
        except httpx.TransportError:
            pass
        print("no answer, asking again")
        time.sleep(pause)
    raise SystemExit("no answer: keep the letter and its key, and send both again later")


def file(letter: dict[str, Any], key: str) -> Any:
    """File a letter; return the request, or None after printing what is wrong with each field."""
    answer = ask("POST", "/requests", json=letter, headers={"Idempotency-Key": key})
    if answer.is_success:
        return answer.json()
    problem = answer.json()  # application/problem+json (RFC 9457)
    print(f"{problem['status']} {problem['title']}: {problem['detail']}")
    for error in problem.get("errors", []):
        print(f"  {error['field']}: {error['rule']}")
    return None


def follow(request_id: str) -> None:
    """Print each stage of the resident's case once, until the request has ended."""
    shown = 0
    while True:
        request = ask("GET", f"/requests/{request_id}").raise_for_status().json()
        stages = request["cases"][0]["stages"]
        for step in stages[shown:]:
            print(f"{step['at']}  {step['stage']}", flush=True)
        if request["stage"] in ENDED:
            return
        shown = len(stages)
        time.sleep(POLL_SECONDS)


now = datetime.now().astimezone()
resident = {"name": "Siti Sintetis", "birth_date": "1950-01-31", "sex": "W", "address": "Jalan Sintetis 1"}
resident |= {"service": "first", "reason": "tua"}
letter: dict[str, Any] = {"at": now.isoformat(), "kelurahan": KELURAHAN, "kind": "home_visit", "consent": "warga"}
letter |= {"letter": {"number": f"470/{now:%H%M%S}", "date": f"{now:%Y-%m-%d}"}}
letter |= {"documents_complete": True, "residents": [resident]}
idempotency_key = str(uuid4())  # one a letter: store it with the letter before the first attempt
if (filed := file(letter, idempotency_key)) is None:
    resident |= {"sex": "P", "reason": "lansia"}
    filed = file(letter, idempotency_key)  # a refused letter left nothing behind: its key is still free
if filed is not None:
    print(f"filed {filed['request_id']}, tracking code {filed['cases'][0]['tracking']}", flush=True)
    follow(filed["request_id"])
