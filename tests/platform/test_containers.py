"""The same tests on containers: PostgreSQL and Apache Kafka as images, by testcontainers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.platforms import containers_missing

ROOT = Path(__file__).parents[2]
MISSING = containers_missing("postgres:18", "apache/kafka:4.3.1")

pytestmark = [pytest.mark.long, pytest.mark.skipif(bool(MISSING), reason=f"containers cannot run here: {MISSING}")]


def test_messaging_works_on_testcontainers() -> None:
    chosen = ["tests/reliability/test_outbox_relay.py", "tests/reliability/test_consumer.py"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TEST_", "PYTEST_"))}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *chosen, "-m", "not long", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**environment, "PLATFORM": "containers"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]
    assert "passed" in run.stdout
