"""A photo is kept as its picture alone: position, time, device, thumbnails and what follows the picture are left out.

What draws the picture stays as it was, byte for byte: nothing is compressed a second time, and small print stays
legible. Then what is left is decoded once, so that a picture that was kept is one.
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterator

from PIL import Image, ImageOps, JpegImagePlugin, TiffImagePlugin

from services.requests.domain.files import BEGINNINGS, FileRejected, FileType, Flaw

MOST_PIXELS = 40_000_000
"""More than a page at 600 dpi; a progressive JPEG of so many takes 240 MB to decode."""
Image.MAX_IMAGE_PIXELS = None  # ours is the lower limit, and no warning
Image.preinit()  # loads the formats now, and what reads an EXIF block: later no file can be opened
_ALSO = (ImageOps, TiffImagePlugin)

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_APP0, _APP14, _SOS, _DRI = 0xE0, 0xEE, 0xDA, 0xDD
_DRAWS = {*range(0xC0, 0xD0), 0xDB, 0xDC, _DRI, 0xDE, 0xDF, _SOS}
"""Frames, tables and scans (ITU T.81, table B.1); APPn and COM only describe."""
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_ORIENTATION = 0x0112
_PNG_DRAWS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def clean_picture(kind: FileType, content: bytes) -> bytes:
    """The picture alone. Raises FileRejected for what is no whole picture, or one that hides another file."""
    if BEGINNINGS[FileType.PDF] in content or zipfile.is_zipfile(io.BytesIO(content)):
        raise FileRejected(Flaw.TWO_FILES)
    try:
        clean = b"".join(_jpeg(content) if kind is FileType.JPEG else _png(content))
    except (struct.error, IndexError):
        raise FileRejected(Flaw.TRUNCATED) from None
    _must_decode(kind, clean)
    return clean


def _must_decode(kind: FileType, clean: bytes) -> None:
    with _opened(kind, clean) as picture:
        # At an eighth of the size where the format can (JPEG): all of it is read, little of it is held.
        picture.draft(None, (1, 1))
        try:
            picture.load()
        except OSError as error:
            raise FileRejected(Flaw.TRUNCATED if "truncated" in str(error) else Flaw.DAMAGED) from error


def _opened(kind: FileType, content: bytes) -> Image.Image:
    picture: Image.Image
    if kind is FileType.JPEG:
        # Not Image.open: to that a phone's picture with a second one behind it is another format (MPO).
        picture = JpegImagePlugin.JpegImageFile(io.BytesIO(content))
    else:
        picture = Image.open(io.BytesIO(content), formats=[kind.name])
    if picture.width * picture.height > MOST_PIXELS:
        raise FileRejected(Flaw.PIXELS)
    return picture


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Its segments that draw, in their order, up to the end of the first image."""
    yield _SOI
    yield from _turned(content)
    at = len(_SOI)
    while True:
        if content[at] != 0xFF:
            raise FileRejected(Flaw.DAMAGED)
        while content[at] == 0xFF:  # a marker may be led by any number of them
            at += 1
        marker = content[at]
        if marker == _EOI[1]:
            yield _EOI
            return
        (length,) = struct.unpack_from(">H", content, at + 1)
        segment = content[at + 1 : at + 1 + length]
        at += 1 + length
        yield from _segment(marker, segment)
        if marker == _SOS:
            end = _AFTER_SCAN.search(content, at)
            if end is None:
                raise FileRejected(Flaw.TRUNCATED)
            yield content[at : end.start()]
            at = end.start()


def _segment(marker: int, segment: bytes) -> Iterator[bytes]:
    if marker in _DRAWS:
        yield bytes((0xFF, marker)) + segment
    elif marker == _APP0 and segment[2:7] == b"JFIF\x00":
        yield _JFIF  # says how colours are meant; without its thumbnail
    elif marker == _APP14 and segment[2:7] == b"Adobe":
        yield b"\xff\xee\x00\x0e" + segment[2:14]  # the same, of others


def _turned(content: bytes) -> Iterator[bytes]:
    """Which side is up, as the only tag of an EXIF block: a phone tells that nowhere else."""
    with _opened(FileType.JPEG, content) as picture:
        try:
            turn = picture.getexif().get(_ORIENTATION, 1)
        except Exception:
            turn = 1
    if turn in range(2, 9):
        tag = struct.pack(">HHIHH", _ORIENTATION, 3, 1, turn, 0)
        block = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01" + tag + b"\x00\x00\x00\x00"
        yield struct.pack(">HH", 0xFFE1, len(block) + 2) + block


def _png(content: bytes) -> Iterator[bytes]:
    """Its chunks that draw, up to its end."""
    yield BEGINNINGS[FileType.PNG]
    at, name = len(BEGINNINGS[FileType.PNG]), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + length]
        if len(chunk) < 12 + length:
            raise FileRejected(Flaw.TRUNCATED)
        at += len(chunk)
        if name in _PNG_DRAWS:
            yield chunk
