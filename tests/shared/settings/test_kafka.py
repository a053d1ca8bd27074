"""How the brokers are reached: the same word for every client."""

from pathlib import Path

import pytest
from faststream.security import SASLPlaintext, SASLScram512
from pydantic import ValidationError

from ops.platform import PlatformError
from ops.system.read_secret import read_secret
from shared.settings.kafka import Brokers, KafkaSettings


def test_without_a_name_lines_are_plain() -> None:
    brokers = KafkaSettings(kafka_bootstrap_servers="a:1,b:2").brokers
    assert brokers.client() == {"bootstrap_servers": "a:1,b:2", "security_protocol": "PLAINTEXT"}
    assert brokers.security() is None


def test_a_name_and_a_password_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kafka_password").write_text("rahasia\n")
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
    monkeypatch.setenv("KAFKA_USERNAME", "notify")
    told = KafkaSettings(kafka_bootstrap_servers="a:1", _secrets_dir=tmp_path)
    client = told.brokers.client()
    assert client["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (client["sasl_plain_username"], client["sasl_plain_password"]) == ("notify", "rahasia")
    assert isinstance(told.brokers.security(), SASLScram512)
    assert "rahasia" not in f"{told!r} {told.brokers!r}"


def test_sasl_without_a_password_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("KAFKA_USERNAME", "notify")
    with pytest.raises(ValidationError, match="KAFKA_PASSWORD"):
        KafkaSettings(kafka_bootstrap_servers="a:1")


def test_tls_checks_who_answers() -> None:
    security = Brokers("a:1", "SASL_SSL", "PLAIN", "admin", "x").security()
    assert isinstance(security, SASLPlaintext)
    assert security.ssl_context is not None
    assert security.ssl_context.check_hostname


def test_what_a_tool_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requests.password").write_text("dari berkas\n")
    assert read_secret("requests.password", tmp_path) == "dari berkas"
    monkeypatch.setenv("REQUESTS_PASSWORD", "dari lingkungan")
    assert read_secret("requests.password", tmp_path) == "dari lingkungan"
    with pytest.raises(PlatformError, match="NOTIFY_PASSWORD"):
        read_secret("notify.password", tmp_path)
