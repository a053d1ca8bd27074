"""Images by digest: what runs here now runs here tomorrow, whatever a registry then calls by the same tag.

docker-compose.yml names each image by a tag and then a variable of its own, empty by default. This writes the digests
of the images that are here into `.env`, as POSTGRES_DIGEST=@sha256:...; without these lines tags count.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from ops.paths import ROOT
from ops.platform import PlatformError

Digests = Callable[[str], list[str] | None]
"""The repository digests of an image; None for one that is not here."""

_IMAGE = re.compile(r"^ *image: (?P<reference>\S+)\$\{(?P<variable>[A-Z]+_DIGEST):-\}$", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{([A-Z_]+):-([^}]*)\}")
_LINE = re.compile(r"^([A-Z0-9_]+)=(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Image:
    """An image of docker-compose.yml: the variable of its digest, and its name with the tag."""

    variable: str
    reference: str

    @property
    def repository(self) -> str:
        """Its name without the tag."""
        return self.reference.rpartition(":")[0]


def images(compose: str, settings: Mapping[str, str]) -> list[Image]:
    """The images that a compose file names, each once, with the settings of a `.env`."""
    found = {}
    for match in _IMAGE.finditer(compose):
        reference = _VARIABLE.sub(lambda told: settings.get(told[1]) or told[2], match["reference"])
        found[match["variable"]] = Image(match["variable"], reference)
    return list(found.values())


def settings_of(env: str) -> dict[str, str]:
    """The settings that a `.env` makes."""
    return {name: value.strip("\"'") for name, value in _LINE.findall(env)}


def with_settings(env: str, wanted: Mapping[str, str]) -> str:
    """The same `.env` with these settings: each in its line, or below the line that explains it, or at the end."""
    for name, value in wanted.items():
        line = f"{name}={value}"
        own, explained = re.compile(rf"^{name}=.*$", re.MULTILINE), re.compile(rf"^#{name}=.*$", re.MULTILINE)
        if own.search(env):
            env = own.sub(line, env)
        elif explained.search(env):
            env = explained.sub(rf"\g<0>\n{line}", env, count=1)
        else:
            env = f"{env}{'' if not env or env.endswith(chr(10)) else chr(10)}{line}\n"
    return env


def pinned(found: list[Image], digests: Digests, say: Callable[[str], object]) -> dict[str, str]:
    """By variable the digest of each image that is here and has one; of the others it is said why not."""
    wanted = {}
    for image in found:
        known = digests(image.reference)
        if known is None:
            say(f"{image.reference}: tidak ada di mesin ini; tetap menurut tag")
        elif not known:
            say(f"{image.reference}: tanpa digest, karena tidak diambil dari registri; tetap menurut tag")
        else:
            own = [each for each in known if each.partition("@")[0] == image.repository]
            wanted[image.variable] = f"@{(own or known)[0].partition('@')[2]}"
            say(f"{image.reference}: {wanted[image.variable]}")
    return wanted


def ask_engine(reference: str) -> list[str] | None:
    """Raises PlatformError without an engine to ask."""
    command = ["docker", "image", "inspect", "--format", "{{json .RepoDigests}}", reference]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError as error:
        raise PlatformError("there is no docker here", "run this where the containers run") from error
    if done.returncode == 0:
        return list(json.loads(done.stdout) or [])
    if "no such image" in done.stderr.lower():
        return None
    raise PlatformError(
        f"docker does not answer: {done.stderr.strip()[-300:]}", "start the engine, or join its group"
    )


def digests(
    file: Annotated[Path, Parameter(name="--file", help="the settings of docker compose")] = Path(".env"),
) -> int:
    """Write the digests of the images that are here into .env: then `docker compose up` runs these and no others.

    Exit code 1 when there is none to write.
    """
    console = Console()
    env = file.read_text() if file.exists() else ""
    found = images((ROOT / "docker-compose.yml").read_text(), {**settings_of(env), **os.environ})
    wanted = pinned(found, ask_engine, lambda said: console.print(said, soft_wrap=True, highlight=False))
    if not wanted:
        return 1
    made = file.with_name(f"{file.name}.new")
    made.write_text(with_settings(env, wanted))
    if file.exists():
        made.chmod(file.stat().st_mode & 0o777)
    made.replace(file)
    return 0
