"""A province's system has stock alerts posted to it (Standard Webhooks) and believes only what is signed.

Run it beside `make up`, which prints the address and the token (it needs httpx and standardwebhooks, both in .venv):

    URL=http://127.0.0.1:PORT TOKEN=$PROVINCIAL .venv/bin/python docs/examples/province.py

In operation the token has the role `subscriber`, and RECEIVER_URL is the https address that leads to this program.
Ctrl-C ends the subscription.
"""

import os
from concurrent.futures import Future
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

PROVINCE = os.environ.get("PROVINCE", "17")
SECRET: Future[str] = Future()
"""Told once, in the answer to the subscription; the first message may come before this program has read it."""
RECEIVED: set[str] = set()
"""Ids of messages: each may come again. In operation keep them in a database, in the transaction that acts."""


class Receiver(BaseHTTPRequestHandler):
    """Answers 200 to what was verified, and 401 to everything else."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = Webhook(SECRET.result(timeout=5)).verify(body, dict(self.headers))
        except (WebhookVerificationError, ValueError):
            print("a message without a good signature", flush=True)
            self.answer(401)
            return
        if event["type"] == "webhook.verification":
            print("challenge answered", flush=True)
            self.answer(200, event["data"]["challenge"])
            return
        if self.headers["webhook-id"] not in RECEIVED:
            RECEIVED.add(self.headers["webhook-id"])
            print(event["time"], event["type"], event["subject"], event["data"].get("level", ""), flush=True)
        self.answer(204)

    def answer(self, status: int, text: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words: Any) -> None:
        """Print nothing for each request."""


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Receiver)
Thread(target=server.serve_forever, daemon=True).start()
receiver_url = os.environ.get("RECEIVER_URL", f"http://127.0.0.1:{server.server_port}/peringatan")
headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
with httpx.Client(base_url=f"{os.environ['URL']}/api/notify", headers=headers) as api:
    wanted = {"at": datetime.now(UTC).isoformat(), "province": PROVINCE, "url": receiver_url}
    answer = api.post("/subscriptions", json=wanted)
    if answer.is_error:
        raise SystemExit(answer.text)
    subscription = answer.json()
    SECRET.set_result(subscription["secret"])
    print(f"subscribed {subscription['subscription_id']} for {receiver_url}", flush=True)
    try:
        Future[None]().result()
    except KeyboardInterrupt:
        api.delete(f"/subscriptions/{subscription['subscription_id']}").raise_for_status()
        print("subscription ended")
