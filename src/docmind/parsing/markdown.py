"""Markdown: CommonMark with tables, through the HTML that markdown-it makes of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from docmind.parsing import html
from docmind.parsing.formats import Source
from docmind.parsing.text import decode
from docmind.records import Block, ParsedDocument

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)


def parse(source: Source) -> ParsedDocument:
    """Read Markdown: headings with their level, paragraphs, lists, tables and code.

    Raises:
        DamagedDocumentError: it is no text.
        DocumentTooLargeError: HTML in it is nested deeper than any real page.
    """
    text = decode(source.path.read_bytes(), source.name)
    blocks: list[Block] = []
    title = None
    front = _FRONT_MATTER.match(text)
    if front:
        text = text[front.end() :]
        blocks.append(Block(front.group(1), "code"))
        named = _FRONT_TITLE.search(front.group(1))
        title = named.group(1).strip("\"'") if named else None
    markdown = MarkdownIt("commonmark").enable("table")
    markdown.add_render_rule("image", _described)
    markdown.add_render_rule("html_inline", lambda *_: "")  # text may look like a tag, as in List<Object>
    # HTML of its own is read apart, so that what it leaves open ends with it.
    for _, part in groupby(markdown.parse(text), lambda token: token.type == "html_block" and not token.level):
        blocks.extend(html.blocks_of(markdown.renderer.render(list(part), markdown.options, {}), source.name))
    if not title:
        title = next((block.text for block in blocks if block.kind == "heading" and block.level == 1), None)
    return ParsedDocument("md", tuple(blocks), title=title)


def _described(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
    """A picture by its description."""
    return escapeHtml(tokens[index].content)
