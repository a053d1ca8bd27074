"""`python -m services.notify`: serve until SIGTERM."""

from services.notify.app import build
from shared.serving import run

run(build())
