"""What strangers send is examined: a good paper is kept as it looks, and each bad file is refused in words."""

import asyncio
import io
import os
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image

from services.requests.attachments import sandbox
from services.requests.attachments.sandbox import Examiner
from services.requests.domain.files import FileRejected, FileType, Flaw
from tests.support import files

BAD = {name: (flaw, content) for name, flaw, content in files.bad_files()}


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (files.png, FileType.PNG),
        (lambda: files.saved(files.picture().convert("P"), "PNG", transparency=0), FileType.PNG),
        (lambda: files.saved(files.picture().convert("RGBA"), "PNG"), FileType.PNG),
        (files.jpeg, FileType.JPEG),
        (lambda: files.jpeg(progressive=True), FileType.JPEG),
        (lambda: files.saved(files.picture().convert("L"), "JPEG"), FileType.JPEG),
        (lambda: files.saved(files.picture().convert("CMYK"), "JPEG"), FileType.JPEG),
        (lambda: files.saved(files.picture(), "JPEG", restart_marker_blocks=4), FileType.JPEG),
    ],
)
async def test_a_picture_is_kept_as_it_looks(made: Callable[[], bytes], kind: FileType) -> None:
    content = made()
    kept = await Examiner().examine(content)
    assert kept.type is kind
    before, after = (Image.open(io.BytesIO(each)) for each in (content, kept.content))
    assert before.convert("RGBA").tobytes() == after.convert("RGBA").tobytes()


async def test_the_first_of_a_phones_two_pictures_is_kept() -> None:
    content = files.phone_picture()
    assert Image.open(io.BytesIO(content)).format == "MPO"
    kept = await Examiner().examine(content)
    found = Image.open(io.BytesIO(kept.content))
    assert (kept.type, found.format, found.size) == (FileType.JPEG, "JPEG", files.picture().size)


@pytest.mark.parametrize(("content"), [pytest.param(content, id=name) for name, content in files.odd_pdfs()])
async def test_a_pdf_is_taken_however_devices_pad_it(content: bytes) -> None:
    kept = (await Examiner().examine(content)).content
    assert kept in content
    with pikepdf.open(io.BytesIO(kept), attempt_recovery=False) as opened:
        assert len(opened.pages) == 1


async def test_a_signed_pdf_is_kept_to_its_last_byte() -> None:
    content = files.pdf()
    assert content.endswith(b"\n")
    assert (await Examiner().examine(content)).content == content


async def test_a_photo_loses_place_and_time_and_keeps_orientation() -> None:
    content = files.photo(orientation=6)
    trail = b"\x00\x00\x00\x18ftypmp42 a clip that a phone adds"
    kept = (await Examiner().examine(content + trail)).content
    told = Image.open(io.BytesIO(kept)).getexif()
    assert dict(told) == {0x0112: 6}
    assert told.get_ifd(0x8825) == told.get_ifd(0x8769) == {}
    for secret in (files.PLACE, "Kamera Sintetis", "ftypmp42"):
        assert secret.encode() in content + trail
        assert secret.encode() not in kept


async def test_a_scan_loses_what_it_tells_of_its_maker() -> None:
    described = Image.Exif()
    described[0x010F] = "Kamera Sintetis"
    content = files.png(exif=described, icc_profile=b"profil sintetis")
    kept = (await Examiner().examine(content)).content
    assert b"Kamera Sintetis" in content
    assert b"Kamera Sintetis" not in kept
    assert Image.open(io.BytesIO(kept)).info == {}


@pytest.mark.parametrize("how", [{}, {"linearize": True}, {"object_stream_mode": files.OBJECT_STREAMS}])
async def test_a_pdf_is_kept_byte_for_byte(how: dict[str, object]) -> None:
    content = files.pdf(**how)
    kept = await Examiner().examine(content)
    assert (kept.type, kept.content) == (FileType.PDF, content)


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_file_is_refused_in_words(name: str) -> None:
    flaw, content = BAD[name]
    assert len(content) < 2 * files.MIB, "a bomb is small"
    with pytest.raises(FileRejected) as refused:
        await Examiner().examine(content)
    assert refused.value.flaw == flaw
    assert ";" in refused.value.flaw.words or "," in refused.value.flaw.words, "what to do is said too"


@pytest.mark.parametrize(
    ("greed", "code"),
    [
        ("bytearray(600 * 1024 * 1024)", b"MemoryError"),
        ("open('/etc/hostname')", b"Too many open files"),
        ("__import__('socket').socket()", b"Too many open files"),
        ("__import__('os').fork() and __import__('os').wait(); import_failed", b"NameError"),
    ],
)
async def test_the_process_that_examines_may_do_little(greed: str, code: bytes) -> None:
    """What its limits allow, tried inside of it; the last one proves that the program ran at all."""
    program = (
        "import socket, services.requests.attachments.examining as e; e.limit_myself();"
        f" e.open_nothing_more(); {greed}"
    )
    process = await asyncio.create_subprocess_exec(
        *sandbox.COMMAND[:3], "-c", program, stderr=asyncio.subprocess.PIPE, env={"PYTHONPATH": str(sandbox.ROOT)}
    )
    _, told = await process.communicate()
    assert process.returncode == 1
    assert code in told


async def test_it_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://rahasia")
    printed = "import os, sys; sys.stdout.write('taken ' + repr(sorted(os.environ)))"
    monkeypatch.setattr(sandbox, "COMMAND", (*sandbox.COMMAND[:3], "-c", printed))
    told = await sandbox._told(b"x")
    assert b"PYTHONPATH" in told
    assert b"DATABASE_URL" not in told


@pytest.mark.parametrize("fate", ["while True: pass", "import os; os.kill(os.getpid(), 9)", "raise SystemExit(3)"])
async def test_what_never_ends_or_dies_is_too_heavy(fate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "COMMAND", (*sandbox.COMMAND[:3], "-c", fate))
    monkeypatch.setattr(sandbox, "SECONDS", 1.0)
    with pytest.raises(FileRejected) as refused:
        await Examiner().examine(files.png())
    assert refused.value.flaw is Flaw.HEAVY
    assert not _children(), "nothing is left running"


def _children() -> list[str]:
    mine = f"/proc/self/task/{os.getpid()}/children"
    return [each for each in open(mine).read().split() if _command(each).find(b"while True") >= 0]  # noqa: PTH123


def _command(process: str) -> bytes:
    try:
        return open(f"/proc/{process}/cmdline", "rb").read()  # noqa: PTH123
    except FileNotFoundError:
        return b""
