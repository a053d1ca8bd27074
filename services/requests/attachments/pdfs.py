"""A PDF is looked through and kept as it is: a letter that was signed electronically stays signed.

Every object that a reader can reach is looked at, whether a page uses it or not: what a reader would be made to do,
and how much memory it would be made to fill.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

import pikepdf
from pikepdf import Dictionary, Object, Pdf, Stream
from pikepdf.settings import set_qpdf_limits
from PIL import Image, Jpeg2KImagePlugin, JpegImagePlugin

from services.requests.domain.files import BEGINNINGS, FileRejected, FileType, Flaw

MIB = 1024 * 1024
MOST_OF_A_STREAM = 64 * MIB
"""Bytes that one stream inflates to: a colour page at 300 dpi is 26 MB."""
MOST_INFLATED = 256 * MIB
"""Bytes that all streams inflate to, together."""
MOST_PIXELS = 100_000_000
"""Of a picture on a page: A3 at 600 dpi, black and white, is 70 million."""
MOST_OBJECTS = 50_000
MOST_FILTERS = 4

Image.MAX_IMAGE_PIXELS = None  # ours counts
Image.preinit()  # loads the formats now: later no file can be opened

_BLANK = b"\x00\t\n\x0c\r "
"""What PDF calls white space: devices fill up with it."""
READ_BACK = 1000
"""Bytes at the end in which a reader looks for %%EOF (ISO 32000-1, annex H, note 18: 1,024)."""
_MARK = b"\xef\xbb\xbf"
_LOCKED = re.compile(rb"/Encrypt[\s<]")
_PICTURES = {"/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode"}
_FLATE = {"/FlateDecode", "/Fl"}
_KEYS = {"/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent"}
_ACTIONS = {
    *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR"),
    *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute", "/GoTo3DView"),
}
_SUBTYPES = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/EmbeddedFile"}


def plain_pdf(content: bytes) -> bytes:
    """The same, from its own beginning to its own end.

    Raises FileRejected for what is damaged, locked, does something, stands beside something else, or inflates too
    far.
    """
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise FileRejected(Flaw.TWO_FILES)
    before, begins, _ = content.partition(BEGINNINGS[FileType.PDF])
    if before.removeprefix(_MARK).strip(_BLANK):
        raise FileRejected(Flaw.BEFORE_PDF)
    content = content[len(before) :]
    end = len(content.rstrip(_BLANK))
    if len(content) - end > READ_BACK:  # readers look for the end no further back
        content = content[:end]
    if not begins or not content[:end].endswith(b"%%EOF"):
        raise FileRejected(Flaw.AFTER_PDF if b"%%EOF" in content[-65_557:] else Flaw.TRUNCATED)
    _set_limits()
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            _look_through(pdf)
    except (FileRejected, MemoryError):
        raise
    except Exception as error:
        raise FileRejected(_flaw_of(error, content)) from error
    return content


def _flaw_of(error: Exception, content: bytes) -> Flaw:
    if isinstance(error, pikepdf.PasswordError):
        return Flaw.ENCRYPTED
    if _LOCKED.search(content):  # the empty password opens it: that needs more than this process may do
        return Flaw.RESTRICTED
    return Flaw.INFLATES if "limit" in str(error) else Flaw.DAMAGED


def _set_limits() -> None:
    """qpdf's own, which are of the whole process: this process examines one file."""
    set_qpdf_limits(
        flate_max_memory=MOST_OF_A_STREAM,
        png_max_memory=MOST_OF_A_STREAM,
        tiff_max_memory=MOST_OF_A_STREAM,
        run_length_max_memory=MOST_OF_A_STREAM,
        dct_max_memory=MOST_OF_A_STREAM,
        max_stream_filters=MOST_FILTERS,
        parser_max_nesting=100,
        parser_max_container_size=100_000,
        doc_max_warnings=100,
    )


def _look_through(pdf: Pdf) -> None:
    if pdf.is_encrypted:
        raise FileRejected(Flaw.RESTRICTED)
    if len(pdf.objects) > MOST_OBJECTS:
        raise FileRejected(Flaw.INFLATES)
    if not len(pdf.pages):
        raise FileRejected(Flaw.DAMAGED)
    inflated = 0
    for each in pdf.objects:
        if any(_does_something(found) for found in _dictionaries(each)):
            raise FileRejected(Flaw.ACTIVE)
        if isinstance(each, Stream):
            inflated += _inflated(each)
        if inflated > MOST_INFLATED:
            raise FileRejected(Flaw.INFLATES)


def _dictionaries(top: Object) -> Iterator[Object]:
    """The dictionaries within one object; those that it refers to are objects of their own."""
    waiting = [top]
    while waiting:
        each = waiting.pop()
        if isinstance(each, (Dictionary, Stream)):
            yield each
            inner = [value for _, value in each.items()]
        elif isinstance(each, pikepdf.Array):
            inner = list(each)
        else:
            continue
        waiting += (value for value in inner if isinstance(value, Object) and not value.is_indirect)


def _does_something(found: Object) -> bool:
    return (
        any(not _is_empty_tree(found[key]) for key in _KEYS.intersection(found.keys()))
        or str(found.get("/S")) in _ACTIONS
        or str(found.get("/Subtype")) in _SUBTYPES
        or str(found.get("/Type")) == "/EmbeddedFile"
    )


def _is_empty_tree(tree: Object) -> bool:
    """Whether a name tree has no names: some programs write one for attachments and scripts that are not there."""
    return isinstance(tree, Dictionary) and set(tree.keys()) <= {"/Names"} and not len(tree.get("/Names", []))


def _inflated(stream: Stream) -> int:
    """How many bytes a reader makes of it. Raises FileRejected, or what qpdf raises past its limits."""
    filters = _filters(stream)
    if not _PICTURES.isdisjoint(filters):
        _must_be_small(stream, filters)
        return 0
    if len(filters) > MOST_FILTERS:
        raise FileRejected(Flaw.INFLATES)
    return len(stream.read_bytes())


def _filters(stream: Stream) -> list[str]:
    told = stream.get("/Filter")
    if told is None:
        return []
    return [str(each) for each in told] if isinstance(told, pikepdf.Array) else [str(told)]


def _must_be_small(picture: Stream, filters: list[str]) -> None:
    """What decodes a picture is not run here: what it says of its size is believed by every reader."""
    raw = picture.read_raw_bytes()
    match filters:
        case [_]:
            pass
        case [first, _] if first in _FLATE:
            raw = _unpacked(raw)
        case _:  # one upon another, as no scanner does
            raise FileRejected(Flaw.INFLATES)
    sizes = [(int(picture.get("/Width", 0)), int(picture.get("/Height", 0)))]
    if filters[-1] in ("/DCTDecode", "/DCT", "/JPXDecode"):
        # Not Image.open: a phone's picture with a second one inside (MPO) is of another class there.
        decoder = Jpeg2KImagePlugin.Jpeg2KImageFile if filters[-1] == "/JPXDecode" else JpegImagePlugin.JpegImageFile
        with decoder(io.BytesIO(raw)) as inner:
            sizes.append(inner.size)
    if any(width * height > MOST_PIXELS for width, height in sizes):
        raise FileRejected(Flaw.PIXELS)


def _unpacked(raw: bytes) -> bytes:
    unpacked = zlib.decompressobj().decompress(raw, MOST_OF_A_STREAM + 1)
    if len(unpacked) > MOST_OF_A_STREAM:
        raise FileRejected(Flaw.INFLATES)
    return unpacked
