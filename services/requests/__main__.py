"""`python -m services.requests`: serve until SIGTERM."""

from services.requests.app import build

build().run()
