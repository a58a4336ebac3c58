"""Makes the real files that the tests of parsing read."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

Draw = Callable[[Canvas], None]


def make_pdf(path: Path, *pages: Draw, title: str = "", encrypt: StandardEncryption | None = None) -> Path:
    """Draw a PDF: one function a page."""
    canvas = Canvas(str(path), pagesize=A4, encrypt=encrypt)
    canvas.setTitle(title)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return path


def lines(*texts: str, x: float = 72, y: float = 760, size: float = 11) -> Draw:
    """Lines of text, one under the other."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        for number, text in enumerate(texts):
            canvas.drawString(x, y - number * size * 1.25, text)

    return draw


def both(*draws: Draw) -> Draw:
    """Several drawings on one page."""

    def draw(canvas: Canvas) -> None:
        for one in draws:
            one(canvas)

    return draw


def turn(path: Path, degrees: int) -> Path:
    """Let a PDF's pages be displayed turned clockwise."""
    with pdfium.PdfDocument(path.read_bytes()) as document:
        for page in document:
            page.set_rotation(degrees)
        document.save(path)
    return path


def picture(canvas: Canvas) -> None:
    """A page that is a picture, as a scanner makes it."""
    buffer = io.BytesIO()
    Image.new("RGB", (200, 280), "grey").save(buffer, "PNG")
    buffer.seek(0)
    canvas.drawImage(ImageReader(buffer), 0, 0, width=595, height=842)


def raw_pdf(path: Path, *objects: bytes) -> Path:
    """A PDF of hand-written objects, numbered from 1; the first is the catalogue."""
    content = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    content += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    path.write_bytes(content)
    return path


def flate_bomb(path: Path, mebibytes: int) -> Path:
    """A small PDF whose page content unpacks to `mebibytes`."""
    packer = zlib.compressobj(9)
    block = b" " * 2**20
    packed = b"".join(packer.compress(block) for _ in range(mebibytes)) + packer.flush()
    return raw_pdf(
        path,
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
    )
