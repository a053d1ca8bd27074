"""A login by Keycloak for a development system: the settings of `deploy/keycloak/login.env`, for where it is here."""

from ops.paths import ROOT
from ops.platform.keycloak import Keycloak

LINES = ROOT / "deploy" / "keycloak" / "login.env"
PAGES, PROVIDER = "http://localhost:8080", "http://keycloak.localhost:8180"
"""Where the lines say that the pages and the provider are."""


def settings(keycloak: Keycloak) -> dict[str, str]:
    """What the services are told, so that persons log in at this Keycloak."""
    text = LINES.read_text().replace(PAGES, keycloak.origin).replace(PROVIDER, keycloak.url)
    pairs = (line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value for name, value in pairs if name != "COMPOSE_PROFILES"}
