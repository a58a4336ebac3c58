"""Plain text, and the decoding that Markdown and HTML share."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from docmind.errors import DamagedDocumentError
from docmind.parsing.formats import Source
from docmind.records import Block, ParsedDocument

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What files are really in. Offered all of its eighty, the detector takes short Western text for Thai.
_ENCODINGS = [
    "cp1252", "cp1250", "cp1251", "cp1253", "koi8_r", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip
_SAMPLE_BYTES = 64 * 2**10
_BULLET = re.compile(r"\s*(?:[-*•‣▪\u2013]|\(?\d{1,3}[.)])\s+\S")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(content: bytes, name: str) -> str:
    """Decode text of unknown encoding; line ends come out as ``\\n``.

    Raises:
        DamagedDocumentError: it is no text.
    """
    text = _decode(content)
    sample = text[:_SAMPLE_BYTES]
    if len(_CONTROL.findall(sample)) > len(sample) * 0.01:
        raise DamagedDocumentError(
            f"'{name}' does not hold text but binary data. Open it in the program that made it, save it as "
            "text or PDF and add that."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    wide = _unmarked_utf16(content)
    if wide:
        return content.decode(wide, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    best = from_bytes(content[:_SAMPLE_BYTES], cp_isolation=_ENCODINGS).best()
    encoding = best.encoding if best is not None else "cp1252"
    if encoding == "cp1250" and best is not None and "cp1252" in best.could_be_from_charset:
        encoding = "cp1252"  # the same letters either way in the sample, and the commoner of the two
    return content.decode(encoding, "replace")


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 without a mark: Western text has a zero in every other byte, always on the same side."""
    sample = content[:4096]
    if len(content) % 2 or len(sample) < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    return None


def parse(source: Source) -> ParsedDocument:
    """Read plain text: paragraphs are parted by blank lines; runs of bullets and tabbed lines are kept.

    Raises:
        DamagedDocumentError: it is no text.
    """
    text = decode(source.path.read_bytes(), source.name)
    return ParsedDocument("txt", tuple(_block(part) for part in re.split(r"\n[ \t\f\v]*\n|\f", text) if part.strip()))


def _block(part: str) -> Block:
    lines = [line.rstrip() for line in part.split("\n") if line.strip()]
    if len(lines) > 1 and all("\t" in line.strip() for line in lines):
        return Block("\n".join(" | ".join(cell.strip() for cell in line.split("\t")) for line in lines), "table")
    if len(lines) > 1 and _BULLET.match(lines[0]):
        items: list[str] = []
        for line in lines:
            if _BULLET.match(line):
                items.append(line.strip())
            else:
                items[-1] += " " + line.strip()
        return Block("\n".join(items), "list")
    return Block(" ".join(line.strip() for line in lines))
