"""`python -m services.notify`: serve until SIGTERM."""

from services.notify.app import build

build().run()
