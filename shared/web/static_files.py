"""Static files with the digest of their content in the address: kept by browsers for ever, and never stale.

A script that imports another (`from './other.js'`) names it by its file name alone, in whatever folder that is. It is
served with the other's address in place of the name, so that all scripts of a page are of one version.
"""

import hashlib
import mimetypes
import re
from pathlib import Path

from fastapi import APIRouter, Depends, Response

from shared.problems import NotFound
from shared.security.auth import anyone

_IMPORTED = re.compile(rb"(?<= from ')\./([a-z-]+\.js)(?=')")
FOR_EVER = "public, max-age=31536000, immutable"


class HashedFiles:
    """The files of some folders and of the folders below them, by their file names. They are read once."""

    def __init__(self, *folders: Path) -> None:
        """Raises ValueError when two files have one name."""
        self._paths: dict[str, Path] = {}
        for file in (each for folder in folders for each in sorted(folder.rglob("*")) if each.is_file()):
            if file.name in self._paths:
                raise ValueError(f"two static files are named {file.name}")
            self._paths[file.name] = file
        self._read: dict[str, tuple[bytes, str]] = {}

    def content(self, name: str) -> bytes:
        """A file as it is served. Raises KeyError when there is none of this name."""
        return self._file(name)[0]

    def address(self, name: str) -> str:
        """A file's path below the origin: `/web/<digest>/<name>`. Raises KeyError when there is none of this name."""
        return self._file(name)[1]

    def _file(self, name: str) -> tuple[bytes, str]:
        if name not in self._read:
            content = self._paths[name].read_bytes()
            if name.endswith(".js"):
                content = _IMPORTED.sub(lambda found: self.address(found[1].decode()).encode(), content)
            self._read[name] = content, f"/web/{hashlib.sha256(content).hexdigest()[:16]}/{name}"
        return self._read[name]

    def router(self) -> APIRouter:
        """The route that serves them, to everybody."""
        routes = APIRouter(tags=["web"], include_in_schema=False)

        @routes.get("/web/{digest}/{name}", dependencies=[Depends(anyone)])
        def static_file(digest: str, name: str) -> Response:
            """A static file, to be kept for ever. Raises NotFound (404) for another digest."""
            if name not in self._paths or self.address(name) != f"/web/{digest}/{name}":
                raise NotFound("berkas tidak ditemukan")
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return Response(self.content(name), media_type=kind, headers={"Cache-Control": FOR_EVER})

        return routes
