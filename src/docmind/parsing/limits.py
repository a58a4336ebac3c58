"""The limits of reading, in one place. A document over one of them is refused, never cut."""

from __future__ import annotations

import re

from docmind.errors import DocumentTooLargeError

MAX_PAGES = 5_000
MAX_TEXT_CHARACTERS = 50_000_000  # about 12,000 dense pages
MAX_TEXT_FILE_BYTES = 200 * 2**20  # text, Markdown and HTML files: four bytes a character at most
MAX_HTML_DEPTH = 2_000  # the HTML parser needs time in the square of the depth; real pages stay under 200

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff\u00ad]")


def clean_text(text: str) -> str:
    """Take out what no reader, index or JSON can use: control characters, lone surrogates, soft hyphens."""
    return _UNPRINTABLE.sub("", text)


def show_name(name: str) -> str:
    """A file name fit for a message: no folders, no control or direction-changing characters."""
    last = re.split(r"[\\/]", name)[-1] or name
    printable = "".join(character if character.isprintable() else "�" for character in last)
    return printable if len(printable) <= 120 else f"{printable[:80]}…{printable[-30:]}"


def check_text_size(characters: int, name: str) -> None:
    """Refuse a document with more characters of text than MAX_TEXT_CHARACTERS.

    Raises:
        DocumentTooLargeError: it has more.
    """
    if characters > MAX_TEXT_CHARACTERS:
        raise DocumentTooLargeError(
            f"'{name}' holds more than {MAX_TEXT_CHARACTERS:,} characters of text. "
            "Split it into smaller files and add those."
        )


def list_pages(numbers: list[int]) -> str:
    """Page numbers for a sentence: 'page 3', 'pages 1 to 4, 9 and 3 more'."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    shown = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs[:8]]
    more = f" and {len(runs) - 8} more places" if len(runs) > 8 else ""
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(shown)}{more}"
