"""Folders of this clone that tools read and write."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DEFAULT_DATA = ROOT / ".platform"
"""Data of local systems; `make clean` removes it."""
BUILD = ROOT / "build"
"""Reports and measurements."""
