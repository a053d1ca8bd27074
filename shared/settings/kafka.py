"""How the brokers are reached, and as whom: said once, for aiokafka's clients and for FastStream alike.

A name and a password (SASL) are what a broker's access rules go by: each service has its own, and may write only
its own topic. Without them (PLAINTEXT) a broker must not be reachable by anyone but this machine.
"""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram512
from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Protocol = Literal["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["SCRAM-SHA-512", "PLAIN"]


@dataclass(frozen=True)
class Brokers:
    """Addresses (host:port, separated by commas), and who asks."""

    servers: str
    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism = "SCRAM-SHA-512"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    def client(self) -> dict[str, Any]:
        """Keyword arguments of any of aiokafka's clients. Raises OSError when the CA's file cannot be read."""
        told: dict[str, Any] = {"bootstrap_servers": self.servers, "security_protocol": self.protocol}
        if self.protocol != "PLAINTEXT":
            told |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
                "ssl_context": self._tls(),
            }
        return told

    def security(self) -> BaseSecurity | None:
        """The same for a FastStream broker."""
        if self.protocol == "PLAINTEXT":
            return None
        kind = SASLPlaintext if self.mechanism == "PLAIN" else SASLScram512
        return kind(self.username, self.password, ssl_context=self._tls())

    def _tls(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self.ca_file) if self.protocol == "SASL_SSL" else None


class KafkaSettings(BaseSettings):
    """The brokers, by environment variables; the password may come as the file /run/secrets/kafka_password."""

    model_config = SettingsConfigDict(secrets_dir="/run/secrets" if Path("/run/secrets").is_dir() else None)

    kafka_bootstrap_servers: str
    """host:port of some brokers, separated by commas; they name the others."""
    kafka_security_protocol: Protocol = "PLAINTEXT"
    """SASL_SSL encrypts the line too: for brokers outside of this machine's own network."""
    kafka_sasl_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_username: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca_file: Path | None = None
    """Who signed the brokers' certificates (PEM), if no well-known authority did; only with SASL_SSL."""

    @model_validator(mode="after")
    def _named(self) -> "KafkaSettings":
        if self.kafka_security_protocol != "PLAINTEXT" and not (
            self.kafka_username and self.kafka_password.get_secret_value()
        ):
            raise ValueError("KAFKA_USERNAME and KAFKA_PASSWORD are needed with SASL")
        return self

    @property
    def brokers(self) -> Brokers:
        """What clients are given."""
        return Brokers(
            self.kafka_bootstrap_servers,
            self.kafka_security_protocol,
            self.kafka_sasl_mechanism,
            self.kafka_username,
            self.kafka_password.get_secret_value(),
            self.kafka_ca_file,
        )
