"""The secrets of a compose system, as files in a folder that only its owner may enter."""

import json
from pathlib import Path
from urllib.parse import quote

from ops.system.keys import Issuer
from ops.system.rights import PRINCIPALS
from ops.system.services import SERVICES
from shared.web.signing import SessionKey

FOLDER = Path("secrets")


def write(folder: Path = FOLDER) -> list[Path]:
    """Make what is missing: passwords, database addresses, signing key, JWK set, and keys. Returns all files.

    What an office changed stays: its own passwords before the first start, and its provider's keys beside that of
    the sessions in jwks.production.json, which never holds the key of development tokens.
    """
    issuer = Issuer(folder)
    issuer.ensure()
    (folder / "jwks.development.json").write_text(issuer.jwks_file.read_text())
    production = folder / "jwks.production.json"
    if not production.exists():
        production.write_text(json.dumps({"keys": [SessionKey.load(issuer.session_key_file).public_jwk]}))
    (folder / "oidc.client_secret").touch()
    for name in ("kafka.password", "grafana.password", *(f"{principal}.kafka_password" for principal in PRINCIPALS)):
        issuer.secret(name)
    for role, database in (("postgres", "postgres"), *((name, name) for name in SERVICES)):
        password = quote(issuer.secret(f"{role}.password"))
        (folder / f"{role}.database_url").write_text(f"postgresql://{role}:{password}@postgres:5432/{database}")
    for name in SERVICES:
        issuer.service_key_file(name)
    files = sorted(file for file in folder.iterdir() if file.name != "signing.pem")
    for file in files:
        # A container's user is not this folder's owner; the folder itself keeps others of this machine out.
        file.chmod(0o644)
    return files
