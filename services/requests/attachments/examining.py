"""A process of its own that opens one file and tells what it is. It holds no key, no address and no name.

`python -m services.requests.attachments.examining`: the file on standard input; on standard output a line, `taken
<media type>` or `refused <flaw>`, and after the first the file as it is to be kept. What it may use is limited
before it reads a byte, and before it parses one it can open no more files: whoever breaks a parser here has little
to do it with.
"""

import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from services.requests.domain.files import FileRejected, FileType, Flaw, begins_as

MEMORY = 448 * 1024 * 1024
"""Bytes of address space: the largest picture that is taken, decoded, and the file twice."""
CPU = 10
"""Seconds of a processor."""


Parser = Callable[[bytes], bytes]
"""Makes of a file what is to be kept. Raises FileRejected, or whatever it stumbles over."""


def examine(content: bytes) -> tuple[FileType, bytes]:
    """What the file is, and its content as it is to be kept. Raises FileRejected, or MemoryError."""
    if not content:
        raise FileRejected(Flaw.EMPTY)
    kind = begins_as(content)
    if kind is None:
        raise FileRejected(Flaw.UNKNOWN)
    parse = _parser(kind)
    open_nothing_more()
    try:
        return kind, parse(content)
    except (FileRejected, MemoryError):
        raise
    except Exception as error:
        # Whatever a parser says of a file that it does not understand.
        raise FileRejected(Flaw.DAMAGED) from error


def _parser(kind: FileType) -> Parser:
    """Loaded for its own files alone."""
    if kind is FileType.PDF:
        from services.requests.attachments.pdfs import plain_pdf

        return plain_pdf
    from services.requests.attachments.pictures import clean_picture

    return partial(clean_picture, kind)


def limit_myself() -> None:
    """No more memory, time, files or core than this takes; and when the machine runs out, this process goes first."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def open_nothing_more() -> None:
    """From here on there are the three streams and no other file or connection, for good."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def main() -> None:
    """Examine standard input."""
    limit_myself()
    try:
        kind, clean = examine(sys.stdin.buffer.read())
        told = [f"taken {kind}\n".encode(), clean]
    except FileRejected as refused:
        told = [f"refused {refused.flaw}\n".encode()]
    except MemoryError:
        told = [f"refused {Flaw.HEAVY}\n".encode()]
    sys.stdout.buffer.writelines(told)


if __name__ == "__main__":
    main()
