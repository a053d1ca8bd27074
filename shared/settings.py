"""What a service is told from outside, by environment variables; secrets may come as files."""

from pathlib import Path
from typing import Annotated

from limits import parse
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _rate(told: str) -> str:
    """Raises ValueError for what is no rate."""
    if told:
        parse(told)
    return told


Rate = Annotated[str, AfterValidator(_rate)]
"""So many in a time, as "100/minute" or "10 per 2 seconds"; "" is without a limit."""


class Settings(BaseSettings):
    """The settings every service has; a service adds its own in a subclass."""

    model_config = SettingsConfigDict(secrets_dir="/run/secrets" if Path("/run/secrets").is_dir() else None)

    database_url: str
    """postgresql://role@host:port/database: this service's own database and role."""
    kafka_bootstrap_servers: str
    jwks_file: Path
    """The public keys that sign the tokens accepted here (RFC 7517)."""
    host: str = "127.0.0.1"
    port: int = 8000
    offices_file: Path | None = None
    """Replaces the offices shipped with the project; the same file for all services."""
    namespace: str = ""
    """Put before the names of topics and consumer groups, so that several systems can share a cluster."""
    log_level: str = "INFO"
    pool_size: int = 8
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
    csp_form_action: str = ""
    """Origins beside this one to which a page's form may lead: the login provider's."""
