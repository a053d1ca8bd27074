"""Files of strangers are parsed in a process of its own, one at a time: nothing they do reaches the service."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog

from services.requests.domain.files import FileRejected, FileType, Flaw, begins_as

log = structlog.get_logger()

SECONDS = 60.0
"""By the wall clock, which on a busy machine runs far ahead of the processor's; a page takes less than one."""
ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-P", "-s", "-m", "services.requests.attachments.examining")


@dataclass(frozen=True, slots=True)
class ExaminedFile:
    """A file that is what it says, as it is to be kept."""

    type: FileType
    content: bytes


class Examiner:
    """Examines files, one after the other: two at once would need twice the memory."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()

    async def examine(self, content: bytes) -> ExaminedFile:
        """Raises FileRejected for what is not taken, with Flaw.HEAVY for what took too much to find out."""
        if not content:
            raise FileRejected(Flaw.EMPTY)
        if begins_as(content) is None:  # no process is started for what nobody takes for a paper
            raise FileRejected(Flaw.UNKNOWN)
        async with self._one:
            told = await _told(content)
        line, _, clean = told.partition(b"\n")
        match line.decode().split():
            case ["taken", kind]:
                return ExaminedFile(FileType(kind), clean)
            case ["refused", flaw]:
                raise FileRejected(Flaw(flaw))
            case _:  # killed by its limits, or by the file
                raise FileRejected(Flaw.HEAVY)


async def _told(content: bytes) -> bytes:
    """What the process says; nothing when it was killed. It is told where this code is, and nothing else."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": str(ROOT)},
        cwd="/",
    )
    try:
        async with asyncio.timeout(SECONDS):
            told, _ = await process.communicate(content)
    except TimeoutError:
        told = b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        log.warning("an attachment was too much to examine", code=process.returncode)
        return b""
    return told
