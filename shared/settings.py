"""What a service is told from outside, by environment variables; secrets may come as files."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings every service has; a service adds its own in a subclass."""

    model_config = SettingsConfigDict(secrets_dir="/run/secrets" if Path("/run/secrets").is_dir() else None)

    database_url: str
    """postgresql://role@host:port/database: this service's own database and role."""
    kafka_bootstrap_servers: str
    environment: Literal["production", "development"] = "production"
    """In production the development issuer's key does not count; whoever says nothing is in production."""
    jwks_file: Path | None = None
    """Public keys that sign tokens accepted here (RFC 7517), and the one of the pages' sessions (kid "sesi")."""
    jwks_url: str = ""
    """Where the provider publishes its keys; asked again for a key that is not known."""
    jwt_issuer: str = ""
    """The `iss` a token must have; "" for any whose key is known."""
    jwt_audience: str = "jemput-bola"
    """The `aud` a token must have."""
    jwt_lifetime: float = Field(default=3600, gt=0)
    """Seconds; in production a token that lives longer is refused."""
    clock_leeway: float = Field(default=10, ge=0, le=300)
    """Seconds by which the provider's clock may differ from ours."""
    role_claim: str = "role"
    """The claim that names the role: a key, or a dotted path such as "realm_access.roles"."""
    wilayah_claim: str = "wilayah"
    """The claim that names the wilayah: a prefix of Kemendagri codes, or "nasional"."""
    role_names: dict[str, str] = {}
    """The provider's name of a role -> ours, as JSON."""
    host: str = "127.0.0.1"
    port: int = 8000
    offices_file: Path | None = None
    """Replaces the offices shipped with the project; the same file for all services."""
    namespace: str = ""
    """Put before the names of topics and consumer groups, so that several systems can share a cluster."""
    log_level: str = "INFO"
    pool_size: int = 8

    @property
    def production(self) -> bool:
        """Whether this is no development system."""
        return self.environment == "production"

    @model_validator(mode="after")
    def _known_signers(self) -> "Settings":
        if self.jwks_file is None and not self.jwks_url:
            raise ValueError("JWKS_FILE or JWKS_URL must name the keys that sign tokens")
        return self
