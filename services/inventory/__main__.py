"""`python -m services.inventory`: serve until SIGTERM."""

from services.inventory.app import build

build().run()
