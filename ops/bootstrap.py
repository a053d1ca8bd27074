"""Creates .venv from the locks: `python3 ops/bootstrap.py ops|dev`. Standard library only.

A second run with nothing to do returns at once. An interrupted run leaves no stamp, so the next one goes on
where it stopped.
"""

import os
import sys

# Run as a script, this file's folder comes first on the path, and ops/platform would hide the standard
# library's `platform` from every module imported below.
HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  (pathlib may import `platform`)
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != HERE]  # noqa: PTH100

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.exit(
        "Python {}.{} is too old: Jemput Bola needs 3.11 or newer.\n"
        "  -> install one and name it: make PYTHON=python3.12 demo".format(*sys.version_info[:2])
    )

import ast  # noqa: E402
import hashlib  # noqa: E402
import importlib.util  # noqa: E402
import json  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
from pathlib import Path  # noqa: E402

ROOT = Path(HERE).parent
LEVELS = {"ops": ["ops"], "dev": ["dev", "ops"]}  # a level's lock holds all of those named after it
NEEDED_BYTES = 1_500_000_000
# Leftovers of other projects' environments that would lead pip or uv astray.
MISLEADING = [
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_USER",
]
# What pip is told for this user's network, in uv's words.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
NETWORK_SIGNS = (
    "(from versions: none)",  # what pip says of an index that it cannot reach
    "temporary failure in name resolution",
    "name or service not known",
    "nodename nor servname",
    "dns error",
    "failed to lookup address",
    "network is unreachable",
    "connection refused",
    "connection reset",
    "cannot connect to proxy",
    "error sending request",
    "tcp connect error",
    "timed out",
)


class BootstrapError(Exception):
    """Says what is wrong and what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\n  -> {remedy}")


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Bring .venv to the wanted level; the exit code."""
    if len(arguments) != 1 or arguments[0] not in LEVELS:
        print(f"usage: python3 ops/bootstrap.py {'|'.join(LEVELS)}", file=sys.stderr)
        return 2
    try:
        bring_to(arguments[0], root)
    except BootstrapError as error:
        print(f"bootstrap: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"bootstrap: {error}\n  -> see to that, then run the same command again", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbootstrap: interrupted; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


def bring_to(level: str, root: Path) -> None:
    """Install the lock of `level` unless the stamp says that it is there; nothing is ever uninstalled."""
    venv = root / ".venv"
    wanted = stamp_of(root)
    stamp_path = venv / ".bootstrap.json"
    stamp = read_stamp(stamp_path)
    if stamp.get(level) == wanted[level] and venv_python(venv).exists():
        return
    check_disk(root)
    if not usable(venv):
        create_venv(venv)
        stamp = {}
    environment = clean_environment()
    python = str(venv_python(venv))
    uv = venv / "bin" / "uv"
    if stamp.get("uv") != wanted["uv"] or not uv.exists():
        print("bootstrap: installing uv", file=sys.stderr)
        lock = str(root / "requirements" / "uv.txt")
        run([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock], environment)
    print(f"bootstrap: installing requirements/{level}.txt", file=sys.stderr)
    lock = str(root / "requirements" / f"{level}.txt")
    settings = {**pip_settings(python, environment), **environment}
    run([str(uv), "pip", "install", "--python", python, "--require-hashes", "-r", lock], settings)
    stamp["uv"] = wanted["uv"]
    stamp.update({name: wanted[name] for name in LEVELS[level]})
    write_stamp(stamp_path, stamp)


def stamp_of(root: Path) -> dict[str, str]:
    """What a finished installation is recognised by: each lock's sha256 and this Python's version."""
    version = ".".join(map(str, sys.version_info[:3]))
    stamps = {}
    for name in ["uv", *LEVELS]:
        lock = root / "requirements" / f"{name}.txt"
        try:
            digest = hashlib.sha256(lock.read_bytes()).hexdigest()
        except FileNotFoundError:
            raise BootstrapError(f"{lock} is missing", "run this from a complete clone") from None
        stamps[name] = f"{digest} {version}"
    return stamps


def read_stamp(path: Path) -> dict[str, str]:
    """The stamp, empty if there is none that can be read."""
    try:
        stamp = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(path: Path, stamp: dict[str, str]) -> None:
    """Replace the stamp in one step."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(stamp, indent=1))
    new.replace(path)


def check_disk(root: Path) -> None:
    """Refuse to fill the disk."""
    free = shutil.disk_usage(root).free
    if free < NEEDED_BYTES:
        raise BootstrapError(
            f"only {free / 1e9:.1f} GB are free at {root}, and {NEEDED_BYTES / 1e9:.1f} GB are needed",
            "free some disk, then run the same command again",
        )


def usable(venv: Path) -> bool:
    """Whether it is a finished venv of this very Python version, with pip."""
    ask = "import sys, pip; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        done = subprocess.run(
            [venv_python(venv), "-c", ask],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == ".".join(map(str, sys.version_info[:3]))


def create_venv(venv: Path) -> None:
    """A new venv in place of whatever was there."""
    if os.name == "nt":
        raise BootstrapError("Windows itself is not supported", "use the Windows Subsystem for Linux (WSL)")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        major, minor = sys.version_info[:2]
        raise BootstrapError(
            "this Python comes without venv or ensurepip",
            f"apt install python3-venv (or python{major}.{minor}-venv), then run the same command again",
        )
    print(f"bootstrap: creating {venv}", file=sys.stderr)
    run([sys.executable, "-m", "venv", "--clear", str(venv)], clean_environment())


def venv_python(venv: Path) -> Path:
    """The venv's interpreter."""
    return venv / "bin" / "python"


def clean_environment() -> dict[str, str]:
    """The caller's environment without what would lead pip or uv astray."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def pip_settings(python: str, environment: dict[str, str]) -> dict[str, str]:
    """This user's index, certificates and wheels, taken from pip's configuration, as variables for uv."""
    command = [python, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    settings = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        variable = PIP_TO_UV.get(name.rpartition(".")[2])
        if variable:
            words = str(ast.literal_eval(value)).split()
            settings[variable] = (" " if variable == "UV_INDEX" else ",").join(words)
    return settings


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run to success, showing its output as it comes."""
    seen: list[str] = []
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                seen.append(line)
                print("  " + line, end="", file=sys.stderr, flush=True)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        program = Path(command[0]).name
        raise BootstrapError(f"{program} failed with code {process.returncode}", remedy_for("".join(seen)))


def remedy_for(output: str) -> str:
    """What to do about a failed installation, told from what it printed."""
    text = output.lower()
    if any(sign in text for sign in NETWORK_SIGNS):
        return "the package index cannot be reached: see to the network or proxy, then run this again"
    if "no space left" in text:
        return "the disk is full: free some, then run the same command again"
    if "hash" in text and "mismatch" in text:
        return "a download differs from the lock: something on the way changes it; try another network"
    if "platform" in text and ("no wheel" in text or "no compatible" in text or "compatible tag" in text):
        return "a package has no build for this system: use Linux (glibc) or macOS, on x86-64 or arm64"
    return "read the lines above; the same command goes on from here"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
