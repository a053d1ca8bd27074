"""Kafka's jars are those of the lock, whatever happened to the cache."""

import re
import shutil
from pathlib import Path

import pytest

from ops.platform import PlatformError
from ops.platform.kafka.maven import LOCK, ensure_jars, locked_jars


def test_the_lock_names_contents_and_no_addresses() -> None:
    jars = locked_jars()
    assert any(jar.artifact == "kafka_2.13" and jar.version == "4.3.1" for jar in jars)
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) for jar in jars)
    assert "://" not in LOCK.read_text()


def test_corrupted_and_missing_jars_are_fetched_again(tmp_path: Path) -> None:
    for jar in ensure_jars():
        shutil.copy(jar, tmp_path)
    small = sorted(tmp_path.iterdir(), key=lambda jar: jar.stat().st_size)
    corrupted, missing, untouched = small[0], small[1], small[-1]
    corrupted.write_bytes(corrupted.read_bytes()[:-1] + b"?")
    missing.unlink()
    before = untouched.stat().st_mtime_ns
    ensure_jars(folder=tmp_path)
    assert all(jar.intact_in(tmp_path) for jar in locked_jars())
    assert untouched.stat().st_mtime_ns == before
    assert {path.suffix for path in tmp_path.iterdir()} == {".jar"}


def test_no_network_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(PlatformError, match="see to the network"):
        ensure_jars(folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
