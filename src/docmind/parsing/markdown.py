"""Markdown: CommonMark with tables."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
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
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    blocks.extend(_blocks(tokens, source.name))
    if not title:
        title = next((block.text for block in blocks if block.kind == "heading" and block.level == 1), None)
    return ParsedDocument("md", tuple(blocks), title=title)


def _blocks(tokens: list[Token], name: str) -> list[Block]:
    blocks: list[Block] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type in ("bullet_list_open", "ordered_list_open", "table_open"):
            end = _closing(tokens, index)
            inner = tokens[index : end + 1]
            blocks.append(_table(inner) if token.type == "table_open" else _list(inner))
            index = end
        elif token.type == "heading_open":
            blocks.append(Block(_inline(tokens[index + 1]), "heading", int(token.tag[1:])))
            index += 2
        elif token.type == "inline":
            blocks.append(Block(_inline(token)))
        elif token.type in ("fence", "code_block"):
            blocks.append(Block(token.content.rstrip("\n"), "code"))
        elif token.type == "html_block":
            blocks.extend(html.blocks_of(token.content, name))
        index += 1
    return [block for block in blocks if block.text.strip()]


def _closing(tokens: list[Token], start: int) -> int:
    level = tokens[start].level
    wanted = tokens[start].type.replace("_open", "_close")
    return next(i for i in range(start + 1, len(tokens)) if tokens[i].level == level and tokens[i].type == wanted)


def _list(tokens: list[Token]) -> Block:
    lines: list[str] = []
    depth = -1
    marker = ""
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "list_item_open":
            marker = f"{token.info}{token.markup} " if token.info else "- "
        elif token.type in ("inline", "fence", "code_block"):
            text = _inline(token) if token.type == "inline" else token.content.rstrip("\n")
            lines.append("  " * depth + marker + text)
            marker = "  "  # what follows within the item stands under it
    return Block("\n".join(lines), "list")


def _table(tokens: list[Token]) -> Block:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token))
    return Block("\n".join(" | ".join(row) for row in rows), "table")


def _inline(token: Token) -> str:
    """Readable text: markers gone, links by their words, pictures by their description."""
    words: list[str] = []
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif child.type != "html_inline":
            words.append(child.content)
    return " ".join("".join(words).split())
