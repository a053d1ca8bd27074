"""The requests service with its login, and a page that says who is in."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI

from ops.system import Issuer
from services.requests.app import build
from services.requests.settings import Settings
from shared.database.pool import Database
from shared.security.auth import LISTED, Identity, Role
from shared.web.session import page
from tests.services.requests.desk import key_file
from tests.support.servers.provider import ORIGIN
from tests.support.serving import app_of


async def open_office(dsn: str, tmp_path: Path, issuer: Issuer, **told: Any) -> tuple[FastAPI, Database]:
    """The application, with the page /uji, and its database, which the caller closes."""
    settings = Settings(
        database_url=dsn,
        kafka_bootstrap_servers="127.0.0.1:1",
        jwks_file=issuer.jwks_file,
        person_key_file=key_file(tmp_path),
        session_key_file=issuer.session_key_file,
        public_origin=ORIGIN,
        **told,
    )
    service = build(settings)
    db = await Database.connect(dsn, size=4)
    app = app_of(service, db)

    async def probe(who: Annotated[Identity, Depends(page(Role.OPERATOR, scope=LISTED))]) -> dict[str, str]:
        return {"subject": who.subject, "wilayah": who.wilayah}

    app.add_api_route("/uji", probe, methods=["GET", "POST"])
    return app, db
