"""Options that commands share, and the runner of a command line: errors become a problem and its remedy.

The exit code is what the command returned, 1 after an expected error, 130 after Ctrl-C or SIGTERM.
What commands print is Indonesian; `--help` is English.
"""

import signal
import sys
from typing import Annotated, NoReturn

from cyclopts import App, Parameter
from rich.console import Console

from ops.paths import DEFAULT_DATA
from ops.platform import PlatformError

Flag = Annotated[bool, Parameter(negative="")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="for programs")]
Everything = Annotated[bool, Parameter(name="--all", negative="")]
Who = Annotated[str, Parameter(name="--as", help="in whose name; else this machine's user")]
Since = Annotated[str, Parameter(help='since: "2h", "3d", "2026-04-06", "2026-04-06T08:00+07:00"')]


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
            errors,
            f"sebuah layanan menolak atau tidak menjawab: {error!r}",
            f"lihat log di bawah {DEFAULT_DATA.name}/",
        )
        code = 1
    sys.exit(code)


def _transport_error() -> type[Exception]:
    # Imported late: most commands do not need it, and start twice as fast.
    import httpx

    return httpx.TransportError


def _report(console: Console, problem: str, remedy: str) -> None:
    console.print(f"[bold red]{problem}[/]\n  → {remedy}", highlight=False, markup=True)
