"""What a service is told from outside, by environment variables; secrets may come as files."""

from pathlib import Path

from pydantic import Field

from shared.kafka import KafkaSettings


class Settings(KafkaSettings):
    """The settings every service has; a service adds its own in a subclass."""

    database_url: str
    """postgresql://role@host:port/database: this service's own database and role."""
    jwks_file: Path
    """The public keys that sign the tokens accepted here (RFC 7517)."""
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
