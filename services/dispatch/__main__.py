"""`python -m services.dispatch`: serve until SIGTERM."""

from services.dispatch.app import build
from shared.serving import run

run(build())
