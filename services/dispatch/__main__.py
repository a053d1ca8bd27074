"""`python -m services.dispatch`: serve until SIGTERM."""

from services.dispatch.app import build

build().run()
