"""Web pages, and the HTML that the DOCX and Markdown parsers produce or meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser, LexborNode

from docmind.errors import DocumentTooLargeError
from docmind.parsing.formats import Source
from docmind.parsing.limits import MAX_HTML_DEPTH
from docmind.parsing.text import decode
from docmind.records import Block, ParsedDocument

_SKIP = frozenset((
    "script", "style", "noscript", "nav", "template", "svg", "math", "canvas", "iframe", "object",
    "head", "button", "select", "option", "textarea", "-comment", "audio", "video",
))  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PARTING = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr",
    "html", "legend", "li", "main", "ol", "p", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul",
))  # fmt: skip
# Elements that HTML closes by itself; unclosed they stand side by side and do not nest.
_SELF_CLOSING = frozenset((
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "option",
    "optgroup", "rt", "rp", "html", "head", "body", "area", "base", "br", "col", "embed", "hr",
    "img", "input", "link", "meta", "param", "source", "track", "wbr",
))  # fmt: skip
_TOKEN = re.compile(r"<!--|-->|<(/?)([a-zA-Z][a-zA-Z0-9:-]*)([^<>]*)")
_SPACE = re.compile(r"\s+")


def parse(source: Source) -> ParsedDocument:
    """Read a web page: headings, paragraphs, lists, tables; scripts, styles and navigation left out.

    Raises:
        DamagedDocumentError: it is no text.
        DocumentTooLargeError: it is nested deeper than any real page.
    """
    text = decode(source.path.read_bytes(), source.name)
    check_depth(text, source.name)
    tree = LexborHTMLParser(text)
    title = tree.css_first("title")
    named = _squeeze(title.text()) if title is not None else ""
    return ParsedDocument("html", tuple(_blocks(tree)), title=named or None)


def blocks_of(markup: str, name: str) -> list[Block]:
    """The blocks of a piece of HTML.

    Raises:
        DocumentTooLargeError: it is nested deeper than any real page.
    """
    check_depth(markup, name)
    return list(_blocks(LexborHTMLParser(markup)))


def check_depth(markup: str, name: str) -> None:
    """Refuse deep nesting before the parser sees it, which would hang on it.

    Raises:
        DocumentTooLargeError: deeper than MAX_HTML_DEPTH.
    """
    depth = drawing = 0
    until: str | None = None  # inside a comment or script, what ends it
    for token in _TOKEN.finditer(markup):
        closing, tag = token.group(1), (token.group(2) or "").lower()
        if until is not None:
            if token.group() == until or (closing and tag == until):
                until = None
            continue
        if token.group() == "<!--":
            until = "-->"
        elif not closing and tag in ("script", "style"):
            until = tag
        elif tag and tag not in _SELF_CLOSING and not (drawing > 0 and token.group(3).endswith("/")):
            drawing += (-1 if closing else 1) * (tag in ("svg", "math"))  # only there does "/>" close an element
            depth = max(0, depth + (-1 if closing else 1))
            if depth > MAX_HTML_DEPTH:
                raise DocumentTooLargeError(
                    f"'{name}' is nested more than {MAX_HTML_DEPTH:,} levels deep, which no real page is. "
                    "Open it in a browser, save it as PDF and add that."
                )


def _blocks(tree: LexborHTMLParser) -> Iterator[Block]:
    """Walk the page without recursion, since its depth is not ours to choose."""
    words: list[str] = []

    def paragraph() -> Iterator[Block]:
        text = _squeeze("".join(words))
        words.clear()
        if text:
            yield Block(text)

    stack: list[LexborNode | None] = [tree.body]  # None parts paragraphs where an element ends
    while stack:
        node = stack.pop()
        if node is None:
            yield from paragraph()
            continue
        tag = node.tag or ""
        if tag in _SKIP:
            continue
        if node.is_text_node:
            words.append(node.text_content or "")
            continue
        if special := _special(node, tag):
            yield from paragraph()
            if special.text:
                yield special
            continue
        if tag == "br":
            words.append(" ")
        if tag in _PARTING:
            yield from paragraph()
            stack.append(None)
        stack.extend(reversed(list(node.iter(include_text=True))))
    yield from paragraph()


def _special(node: LexborNode, tag: str) -> Block | None:
    """The block of an element that is one block as a whole."""
    if tag in _HEADINGS:
        return Block(_text(node), "heading", _HEADINGS[tag])
    if tag == "pre":
        return Block((node.text() or "").strip("\n"), "code")
    if tag in ("ul", "ol"):
        return Block("\n".join(_items(node)), "list")
    if tag == "table" and node.css_first("table table, h1, h2, h3, h4, h5, h6") is None:
        rows = [[_text(cell) for cell in row.iter() if cell.tag in ("td", "th")] for row in node.css("tr")]
        rows = [row for row in rows if any(row)]
        if max((len(row) for row in rows), default=0) > 1:  # a table of one column only places text
            caption = node.css_first("caption")
            lines = [_text(caption)] if caption is not None else []
            return Block("\n".join([*lines, *(" | ".join(row) for row in rows)]), "table")
    return None


def _items(top: LexborNode) -> Iterator[str]:
    """The lines of a list; a list within a list is indented by two spaces a level."""
    stack: list[tuple[LexborNode, int, str]] = [(top, 0, "")]
    while stack:
        node, level, marker = stack.pop()
        if node.tag in ("ul", "ol"):
            items = list(node.iter())
            start = (node.attributes.get("start") or "")[:9]
            before = int(start) - 1 if start.isdecimal() else 0
            numbers = accumulate(int(item.tag == "li") for item in items)
            signs = [f"{before + number}." if node.tag == "ol" else "-" for number in numbers]
            stack.extend((item, level, sign) for item, sign in zip(items[::-1], signs[::-1], strict=True))
            continue
        lists: list[LexborNode] = []
        if own := _text(node, lists):
            yield f"{'  ' * level}{marker} {own}"
        stack.extend((child, level + 1, "") for child in reversed(lists))


def _text(node: LexborNode, lists: list[LexborNode] | None = None) -> str:
    """Text of an element on one line. With `lists`, inner lists are put there instead."""
    words: list[str] = []
    stack = [node]
    while stack:
        current = stack.pop()
        tag = current.tag or ""
        if tag in _SKIP:
            continue
        if current.is_text_node:
            words.append(current.text_content or "")
            continue
        if lists is not None and tag in ("ul", "ol") and current is not node:
            lists.append(current)
            continue
        if tag == "br" or tag in _PARTING:
            words.append(" ")
        stack.extend(reversed(list(current.iter(include_text=True))))
    return _squeeze("".join(words))


def _squeeze(text: str | None) -> str:
    return _SPACE.sub(" ", text or "").strip()
