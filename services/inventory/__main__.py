"""`python -m services.inventory`: serve until SIGTERM."""

from services.inventory.app import build
from shared.serving import run

run(build())
