"""Text from documents, models and file names, made safe to show: never markup, never a picture from elsewhere."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from docmind.parsing.formats import FORMATS
from docmind.plain_text import readable

_NAMED = 3  # of several names
_KINDS = {form.name: form.title.removeprefix("a ") for form in FORMATS}

# Everything that Markdown, its emoji and colour directives and LaTeX give a meaning to.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:@^&=/\"'])")
_HEARD = re.compile(r"[\\`*\[\]<>~$:!]+")  # what is left cannot become more than an emphasis
# Backticks set commands in our own messages apart, and a backslash between them would be seen. What is left as it is
# has nothing in it that could be more than a command wherever it is put, since a file may be called so as well.
_COMMAND = re.compile(r"(?<!`)(`[\w ./='~-]+`)(?!`)")


def plain_label(text: str) -> str:
    """Text for a place where Streamlit reads Markdown (labels, captions, errors), every mark escaped."""
    pieces = _COMMAND.split(" ".join(readable(text).split()))
    return "".join(piece if number % 2 else _MARKUP.sub(r"\\\1", piece) for number, piece in enumerate(pieces))


def button_label(does: str, name: str) -> str:
    """The label of one of many buttons that do the same: seen is what it does, heard is also what it does it to.

    The styles hide what a button says in italics from those who see it.
    """
    return f"{does} *{plain_label(name)}*"


def heard_label(text: str) -> str:
    """Text for a label that screen readers take as it is written, and that the page reads as Markdown, unseen.

    A backslash would be read out, so whatever could make a picture, a link, an icon or a command of it is left out.
    """
    return " ".join(_HEARD.sub(" ", readable(text)).split())


def plain_html(text: str) -> str:
    """Text for a place that takes HTML."""
    return html.escape(readable(text))


def file_size(size: int) -> str:
    """Bytes in words: '1.2 MB'."""
    value = float(size)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def kind_of(format_name: str | None) -> str:
    """The name of a format in words that begin a line: 'Plain text'."""
    kind = _KINDS.get(format_name or "", format_name or "")
    return kind[:1].upper() + kind[1:]


def count(number: int, noun: str) -> str:
    """'1 page', '2 pages'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def named(names: Sequence[str]) -> str:
    """The first three of some names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
