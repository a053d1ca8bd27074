"""`python -m services.requests`: serve until SIGTERM."""

from services.requests.app import build
from shared.serving import run

run(build())
