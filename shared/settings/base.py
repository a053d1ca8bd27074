"""What a service is told from outside, by environment variables; secrets may come as files."""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from limits import parse
from pydantic import AfterValidator, Field, model_validator

from shared.security.claims import ROLE, Claims
from shared.security.encryption import read_key
from shared.security.identity import Role
from shared.security.tokens import TokenPolicy
from shared.settings.kafka import KafkaSettings


def _rate(told: str) -> str:
    """Raises ValueError for what is no rate."""
    if told:
        parse(told)
    return told


Rate = Annotated[str, AfterValidator(_rate)]
"""So many in a time, as "100/minute" or "10 per 2 seconds"; "" is without a limit."""


class Settings(KafkaSettings):
    """The settings every service has; a service adds its own in a subclass."""

    database_url: str
    """postgresql://role@host:port/database: this service's own database and role."""
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
    role_claim: str = ROLE
    """The claim that names the roles: a key or a dotted path; of several with spaces between, the first there is."""
    wilayah_claim: str = "wilayah"
    """The claim that names the wilayah: a prefix of Kemendagri codes, or "nasional"."""
    role_names: dict[str, Role] = Field(default_factory=dict)
    """The provider's name of a role -> ours, as JSON. Once there are any, no other name counts."""
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
    tick_every: float = 0
    """Seconds between ticks of business time by the wall clock; 0 leaves the ticking to POST /clock."""
    log_level: str = "INFO"
    pool_size: int = 8
    version: str = "dev"
    """What runs here, as metrics and traces name it; an image sets it."""
    otel_exporter_otlp_endpoint: str = ""
    """Where traces go, by OTLP over HTTP, such as http://traces:4318; without it none are made."""
    otel_traces_sampler_arg: float = Field(default=1.0, ge=0, le=1)
    """The share of commands that are traced, where the caller did not decide it."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses and networks, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    rate_subject: Rate = "6000/minute"
    """Requests of one subject, each process counting for itself."""
    rate_address: Rate = "3000/minute"
    """Requests from one address (IPv6: one /64) without a token that was found good."""
    rate_failures: Rate = "30/minute"
    """Answers of 401 to one address; then it gets 429 until the window ends, unless with a good token."""
    max_body: int = Field(default=2 * 1024 * 1024, ge=1024)
    """Bytes of a request's body; a letter of 2,000 residents is the largest."""
    body_silence: float = Field(default=30, gt=0)
    """Seconds for which a body that is on its way may be silent."""
    body_time: float = Field(default=600, gt=0)
    """Seconds that a body may take as a whole: a picture of 10 MiB on a bad line."""
    csp_form_action: str = ""
    """Origins beside this one to which a page's form may lead: the login provider's."""

    def service_key(self) -> bytes:
        """The service's own secret. Raises OSError or ValueError when its file holds no key."""
        if self.service_key_file is None:
            return hashlib.sha256(self.database_url.encode()).digest()
        return read_key(self.service_key_file)

    @property
    def production(self) -> bool:
        """Whether this is no development system."""
        return self.environment == "production"

    def claims(self) -> Claims:
        """How the provider's claims are read."""
        return Claims(self.role_claim, self.wilayah_claim, self.role_names, self.production)

    def token_policy(self) -> TokenPolicy:
        """What a bearer token must say to count here."""
        return TokenPolicy(
            audience=self.jwt_audience,
            issuer=self.jwt_issuer,
            claims=self.claims(),
            leeway=self.clock_leeway,
            longest=self.jwt_lifetime if self.production else None,
        )

    @model_validator(mode="after")
    def _known_signers(self) -> "Settings":
        if self.jwks_file is None and not self.jwks_url:
            raise ValueError("JWKS_FILE or JWKS_URL must name the keys that sign tokens")
        return self
