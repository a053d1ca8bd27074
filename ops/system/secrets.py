"""The secrets of a compose system, as files in a folder that only its owner may enter."""

from pathlib import Path
from urllib.parse import quote

from ops.system.keys import Issuer
from ops.system.services import SERVICES

FOLDER = Path("secrets")


def write(folder: Path = FOLDER) -> list[Path]:
    """Make what is missing: passwords, database addresses, signing key, JWK set, and keys. Returns all files."""
    issuer = Issuer(folder)
    issuer.ensure()
    issuer.secret("postgres.password")
    for name in SERVICES:
        password = quote(issuer.secret(f"{name}.password"))
        issuer.service_key_file(name)
        (folder / f"{name}.database_url").write_text(f"postgresql://{name}:{password}@postgres:5432/{name}")
    files = sorted(file for file in folder.iterdir() if file.name != "signing.pem")
    for file in files:
        # A container's user is not this folder's owner; the folder itself keeps others of this machine out.
        file.chmod(0o644)
    return files
