"""What a service is told from outside, by environment variables; secrets may come as files."""

import hashlib
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.seal import read_key


class Settings(BaseSettings):
    """The settings every service has; a service adds its own in a subclass."""

    model_config = SettingsConfigDict(secrets_dir="/run/secrets" if Path("/run/secrets").is_dir() else None)

    database_url: str
    """postgresql://role@host:port/database: this service's own database and role."""
    kafka_bootstrap_servers: str
    jwks_file: Path
    """The public keys that sign the tokens accepted here (RFC 7517)."""
    service_key_file: Path | None = None
    """32 random bytes in base64, this service's own secret: it keys the digests of commands and what else the
    service must keep from whoever reads its database. Without a file the secret is `database_url`, with its
    password: then a new password makes sealed webhook secrets unreadable."""
    host: str = "127.0.0.1"
    port: int = 8000
    offices_file: Path | None = None
    """Replaces the offices shipped with the project; the same file for all services."""
    namespace: str = ""
    """Put before the names of topics and consumer groups, so that several systems can share a cluster."""
    log_level: str = "INFO"
    pool_size: int = 8

    def service_key(self) -> bytes:
        """The service's own secret. Raises OSError or ValueError when its file holds no key."""
        if self.service_key_file is None:
            return hashlib.sha256(self.database_url.encode()).digest()
        return read_key(self.service_key_file)
