"""What requests is told from outside."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from shared import settings
from shared.security.cookies import LIFETIME
from shared.settings import Rate


class Settings(settings.Settings):
    """What every service is told, the keyring of the persons and how long they are kept, and how staff log in."""

    person_key_file: Path
    """The master keys, a line each: `id:base64` of 32 random bytes, the last one in use. Whoever has them and the
    database reads the persons; without them nobody does."""
    retention_file: Path | None = None
    """Replaces the retention policy shipped with the project."""
    policy_file: Path | None = None
    """Replaces single rules of the policy shipped with the project, for all offices or for one."""
    attachments_url: str = "file:///var/lib/jemput-bola/attachments"
    """Where sealed files are kept: a folder (file:///...), or a bucket of an S3-compatible store (s3://bucket/folder),
    whose address and keys are AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. A folder or
    bucket belongs to one system alone: what this one does not know there is deleted after a day."""
    attachment_max: int = Field(default=10 * 1024 * 1024, ge=1024, le=50 * 1024 * 1024)
    """Bytes of one file; all that is examined or sealed is in memory whole."""
    attachment_link_seconds: float = Field(default=120, gt=0, le=3600)
    """How long a link to a file opens it."""
    import_max: int = Field(default=8 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    """Bytes of a list of residents (CSV); one of 20,000 rows has about 3 MiB."""
    audit_seal_seconds: float = Field(default=5, gt=0, le=3600)
    """How long a reading of a person waits, at most, until the chain of digests covers it."""
    session_key_file: Path | None = None
    """32 random bytes in base64: the root of the keys that sign and seal sessions. Without it nobody logs in."""
    session_lifetime: float = Field(default=240, gt=0, le=LIFETIME)
    """Seconds until the provider is asked again: how long a person who was deactivated may still be in."""
    session_hours: float = Field(default=12, gt=0, le=72)
    """How long a session lasts at most, from the login."""
    public_origin: str = ""
    """How browsers reach the pages: "https://jemput-bola.example". The provider sends them back there."""
    oidc_issuer: str = ""
    """The identity provider, as it names itself. "" is none: then only a development system lets anybody in."""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    """The client's secret; without one the client is public, which PKCE makes sound."""
    oidc_scope: str = "openid profile offline_access"
    development_logins_file: Path | None = None
    """Tokens of the development issuer, one a line: the login page offers each as a button. Refused in production."""
    rate_tracking: Rate = "10/minute"
    """Wrong pairs of a tracking code and digits from one address (IPv6: one /64), whichever process it asks."""
    rate_tracking_code: Rate = "5/hour"
    """Wrong digits for one tracking code, from wherever; then it waits, with the right ones too."""

    @model_validator(mode="after")
    def _no_development_logins_in_production(self) -> "Settings":
        if self.production and self.development_logins_file is not None:
            raise ValueError("DEVELOPMENT_LOGINS_FILE is for a development system: in production nobody enters by it")
        return self

    @model_validator(mode="after")
    def _a_whole_login(self) -> "Settings":
        if not self.oidc_issuer:
            return self
        if not (self.oidc_client_id and self.session_key_file and urlsplit(self.public_origin).netloc):
            raise ValueError("OIDC_ISSUER needs OIDC_CLIENT_ID, SESSION_KEY_FILE and PUBLIC_ORIGIN")
        if self.production and not all(url.startswith("https://") for url in (self.oidc_issuer, self.public_origin)):
            raise ValueError("in production OIDC_ISSUER and PUBLIC_ORIGIN begin with https://")
        return self
