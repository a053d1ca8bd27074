"""Files that an operator may attach, good ones and bad ones, made here byte by byte."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, ImageDraw

MIB = 1024 * 1024
OBJECT_STREAMS = pikepdf.ObjectStreamMode.generate
PLACE = "Lat -3.79, Lon 102.26"
"""Where a photo was taken, as its metadata would tell."""


def picture(width: int = 320, height: int = 200) -> Image.Image:
    """The page of a paper, more or less."""
    made = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(made).text((10, 10), "KARTU KELUARGA SINTETIS", fill="black")
    return made


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def png(**how: Any) -> bytes:
    return saved(picture(), "PNG", **how)


def jpeg(**how: Any) -> bytes:
    return saved(picture(), "JPEG", **how)


def photo(orientation: int = 6) -> bytes:
    """A JPEG as a phone makes it: place, device, a comment, and which side is up."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Kamera Sintetis", orientation
    exif.get_ifd(0x8825)[2] = (3.0, 47.0, 24.0)
    exif.get_ifd(0x8769)[0x927C] = PLACE.encode()
    return jpeg(exif=exif, comment=PLACE.encode())


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of(width: int, height: int, packed: bytes, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@cache
def zeros(size: int) -> bytes:
    """So many zero bytes, deflated; they are never all in memory."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("isi.txt", "rahasia sintetis")
    return out.getvalue()


def written(pdf: Pdf, **how: Any) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **{"compress_streams": False, **how})
    return out.getvalue()


def blank() -> Pdf:
    made = Pdf.new()
    made.add_blank_page()
    return made


def pdf(**how: Any) -> bytes:
    """One page with a few words, as a scanner's software writes it."""
    made = blank()
    made.pages[0].Contents = made.make_stream(b"BT /F1 12 Tf 72 720 Td (KARTU KELUARGA) Tj ET")
    scan = made.make_stream(jpeg(), Type=Name.XObject, Subtype=Name.Image, Width=320, Height=200)
    scan.Filter = Name.DCTDecode
    made.pages[0].Resources = Dictionary(XObject=Dictionary(Scan=scan))
    return written(made, **{"compress_streams": True, **how})


def pdf_with_stream(content: bytes, filters: Any, **more: Any) -> bytes:
    """A page whose content is stored as it is told."""
    made = blank()
    stream = Stream(made, content)
    stream.Filter = filters
    for name, value in more.items():
        stream[f"/{name}"] = value
    made.pages[0].Contents = made.make_indirect(stream)
    return written(made)


def pdf_with_root(**entries: Any) -> bytes:
    made = blank()
    for name, value in entries.items():
        made.Root[f"/{name}"] = value
    return written(made)


def pdf_with_attachment() -> bytes:
    made = blank()
    made.attachments["lain.exe"] = pikepdf.AttachedFileSpec(made, b"MZ sintetis")
    return written(made)


def object_stream_bomb() -> bytes:
    """Its objects are in a stream of their own that inflates to 400 MB; written by hand, as no library would."""
    packed = zeros(400 * MIB)
    parts = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        4: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
    }
    made, at = b"%PDF-1.5\n", {}
    for number, part in parts.items():
        at[number] = len(made)
        made += b"%d 0 obj%s\nendobj\n" % (number, part)
    rows = [struct.pack(">BIH", 0, 0, 0), *(struct.pack(">BIH", 1, at[n], 0) for n in parts)]
    rows += [struct.pack(">BIH", 2, 4, 0), struct.pack(">BIH", 1, len(made), 0)]
    table = b"".join(rows)
    head = b"<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>" % len(table)
    start = len(made)
    return made + b"6 0 obj%sstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (head, table, start)


def phone_picture() -> bytes:
    """A JPEG with a second, smaller picture behind it (MPO), as phones take them."""
    return saved(picture(), "MPO", save_all=True, append_images=[picture().resize((80, 60))])


def odd_pdfs() -> Iterator[tuple[str, bytes]]:
    """Good PDFs as scanners, mail programs and phones write them: a name, and the file."""
    yield "a byte order mark before it", b"\xef\xbb\xbf" + pdf()
    yield "line breaks before it", b"\r\n\r\n" + pdf()
    yield "no line break at its end", pdf().rstrip()
    yield "2,000 zeros after it", pdf() + bytes(2000)
    yield "1,100 spaces after it", pdf() + b" " * 1100
    yield "blank lines after it", pdf() + b"\r\n" * 700
    yield "an empty tree of attachments", pdf_with_root(Names=Dictionary(EmbeddedFiles=Dictionary(Names=Array([]))))
    yield "an empty tree of scripts", pdf_with_root(Names=Dictionary(JavaScript=Dictionary()))
    two = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 200, "Height": 100}
    yield "a phone's double picture in it", pdf_with_stream(phone_picture(), Name.DCTDecode, **two)


@cache
def bad_files() -> tuple[tuple[str, str, bytes], ...]:
    """A name, the flaw that it must be refused for, and the file."""
    return (*_bad_in_general(), *_bad_pictures(), *_bad_pdfs())


def _bad_in_general() -> Iterator[tuple[str, str, bytes]]:
    yield "nothing", "empty", b""
    yield "text", "unknown", b"Kartu Keluarga"
    yield "a page with a script", "unknown", b"<html><script>alert(1)</script></html>"
    yield "a drawing with a script", "unknown", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"
    yield "an archive", "unknown", archive()
    yield "a GIF", "unknown", saved(picture(), "GIF")
    yield "a PDF behind a printer's words", "before_pdf", b"@PJL ENTER LANGUAGE=PDF\n" + pdf()
    yield "a PDF behind a page", "before_pdf", b"<script>alert(1)</script>" + pdf()
    yield "a PDF that begins far behind", "unknown", b" " * 1100 + pdf()


def _bad_pictures() -> Iterator[tuple[str, str, bytes]]:
    yield "half a JPEG", "truncated", jpeg()[:-900]
    yield "half a PNG", "truncated", png()[:-60]
    yield "a PNG with half its picture", "truncated", png_of(4000, 4000, zeros(MIB))
    yield "the beginning of a JPEG", "damaged", b"\xff\xd8\xff\xe0"
    yield "a JPEG of noise", "damaged", b"\xff\xd8\xff\xe0\x00\x02" + bytes(range(256))
    yield "a PNG with a changed bit", "damaged", png().replace(b"IDATx", b"IDATy")
    yield "a tiny PNG of 2.5 gigapixels", "pixels", png_of(50_000, 50_000, zeros(MIB))
    yield "a JPEG that says it is huge", "pixels", _resized(jpeg(), 65_000, 65_000)
    yield "a picture and an archive", "two_files", jpeg() + archive()
    yield "a PNG and an archive", "two_files", png() + archive()
    yield "a picture and a PDF", "two_files", jpeg(comment=pdf()[:60_000])


def _resized(content: bytes, width: int, height: int) -> bytes:
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


def _bad_pdfs() -> Iterator[tuple[str, str, bytes]]:
    flate = Name.FlateDecode
    yield "half a PDF", "truncated", pdf()[:-40]
    yield "a PDF whose table points nowhere", "damaged", pdf().replace(b"startxref\n", b"startxref\n9")
    yield "a PDF without pages", "damaged", written(Pdf.new())
    yield "a PDF and an archive", "two_files", pdf() + archive()
    yield "a PDF and a page", "after_pdf", pdf() + b"<script>alert(1)</script>"
    yield "a PDF that inflates to 400 MB", "inflates", pdf_with_stream(zeros(400 * MIB), flate)
    twice = pdf_with_stream(zlib.compress(zeros(400 * MIB)), Array([flate] * 2))
    yield "a PDF that inflates twice", "inflates", twice
    yield "a PDF of many streams", "inflates", _many_streams()
    yield "a PDF with a table of 400 MB", "inflates", object_stream_bomb()
    yield "a PDF with filters upon filters", "inflates", pdf_with_stream(b"x", Array([Name.ASCIIHexDecode] * 9))
    huge = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 65_000, "Height": 65_000}
    yield "a PDF with a huge picture", "pixels", pdf_with_stream(jpeg(), Name.DCTDecode, **huge)
    big = _resized(jpeg(), 65_000, 65_000)
    yield "a PDF whose picture is larger than it says", "pixels", pdf_with_stream(big, Name.DCTDecode)
    yield "a locked PDF", "encrypted", pdf(encryption=pikepdf.Encryption(owner="a", user="b"))
    yield "a PDF without rights", "restricted", pdf(encryption=pikepdf.Encryption(owner="a", user=""))
    script = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    yield "a PDF with a script", "active", pdf_with_root(OpenAction=script)
    yield (
        "a PDF with a named script",
        "active",
        pdf_with_root(Names=Dictionary(JavaScript=Dictionary(Names=Array(["a", script])))),
    )
    yield "a PDF that starts a program", "active", pdf_with_root(OpenAction=Dictionary(S=Name.Launch, F="cmd.exe"))
    yield "a PDF that sends a form", "active", pdf_with_root(AA=Dictionary(WC=Dictionary(S=Name.SubmitForm)))
    yield "a PDF with a file in it", "active", pdf_with_attachment()
    yield "a PDF with a form of XML", "active", pdf_with_root(AcroForm=Dictionary(XFA=Array([])))


def _many_streams() -> bytes:
    made, packed = blank(), zeros(60 * MIB)
    for _ in range(6):
        stream = Stream(made, packed)
        stream.Filter = Name.FlateDecode
        made.Root[f"/X{_}"] = made.make_indirect(stream)
    return written(made)
