"""Runs a command line to its end: errors become a problem and its remedy, signals end it in order.

The exit code is what the command returned, 1 after an error that was expected, 130 after Ctrl-C or SIGTERM.
"""

import signal
import sys
from typing import NoReturn

from cyclopts import App
from rich.console import Console

from ops.paths import DEFAULT_DATA
from ops.platform import PlatformError


def run(app: App, *expected: type[Exception]) -> NoReturn:
    """Run the command that the arguments name and end the process.

    `expected` are exceptions, besides PlatformError and a failed connection, that are reported without a traceback.
    """
    # A supervisor's stop is a Ctrl-C: every `with` block ends in order. In a shell's background a Ctrl-C is
    # inherited as ignored, and Python leaves it so.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    errors = Console(stderr=True)
    try:
        code = app() or 0
    except PlatformError as error:
        _report(errors, error.problem, error.remedy)
        code = 1
    except KeyboardInterrupt:
        errors.print("[dim]dihentikan[/]")
        code = 130
    except Exception as error:
        if not isinstance(error, (_transport_error(), *expected)):
            raise
        _report(
            errors, f"a service did not do what it was asked: {error!r}", f"see the logs below {DEFAULT_DATA.name}/"
        )
        code = 1
    sys.exit(code)


def _transport_error() -> type[Exception]:
    # Imported late: most commands do not need it, and start twice as fast.
    import httpx

    return httpx.TransportError


def _report(console: Console, problem: str, remedy: str) -> None:
    console.print(f"[bold red]{problem}[/]\n  → {remedy}", highlight=False, markup=True)
