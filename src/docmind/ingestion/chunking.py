"""Chunks: pieces small enough for the embedder, each knowing where it came from.

Every chunk carries the document's title and its section path, because a bare paragraph ("The rate is 3%.")
matches no question that names what the rate is of. A chunk stands in one place (a page, say), and so does a citation.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from llama_index.core.schema import MetadataMode, NodeRelationship, RelatedNodeInfo, TextNode

from docmind.embeddings import Embedder
from docmind.ingestion.captions import page_captions
from docmind.ingestion.short_names import short_names
from docmind.records import CAPTION, NOWHERE, SECTION_SEPARATOR, SHORT_NAMES, TABLE, Block, Locator, ParsedDocument
from docmind.sentences import CELL, goes_on, split_sentences
from docmind.tables import caption_of, header_rows

# Part of what a library remembers of its vectors (`docmind.fingerprint`). Whoever changes what a chunk holds, or where
# it ends, counts it up: libraries that were cut otherwise are then offered to be read anew.
CHUNKING_VERSION = "3"

_LONGEST_HEADING = 1_000  # characters; what is longer is a mistake of the file's, and is measured again for each chunk
# Shown to the embedder and BM25 in front of the text; the model and the user see document and locator instead.
_EMBEDDED_METADATA = ("title", "heading", TABLE)
_SPECIAL_TOKENS = 2  # [CLS] and [SEP], or <s> and </s>
_CONTEXT_SHARE = 4  # title and section path may take at most a quarter of a chunk
_TABLE_SHARE = 5  # caption and header of a table that goes on in the next chunk: at most a fifth
# Tokenizers take a word of letters without end, or of a script that they do not know, for one unknown token. A writer
# reads every letter of it, so a token counts for no more than these.
_CHARACTERS_OF_A_TOKEN = 32
_SMALLEST_SHARE = 3  # a new section starts a new chunk once the open one is a third full


@dataclass(slots=True)
class _OpenChunk:
    """The chunk being filled; `room` is what its text may take, in tokens.

    A chunk that begins inside a table carries caption and header of that table, because its rows say nothing without.
    """

    locator: Locator = NOWHERE
    heading: str = ""
    room: int = 0
    text: str = ""
    tokens: int = 0
    headings_only: bool = True
    table: str = ""


def chunk_document(
    parsed: ParsedDocument, name: str, title: str, document_id: str, embedder: Embedder
) -> list[TextNode]:
    """Cut a parsed document into LlamaIndex nodes that fit the embedder.

    Args:
        parsed: The document, as its parser found it.
        name: The document's name in the library; what citations show.
        title: What search is shown (`titles.py`).
        document_id: Owner of the chunks; ids are derived from it, so a repeated run overwrites its own chunks.
        embedder: Its tokenizer measures, its `chunk_tokens` bounds.

    Returns:
        Nodes in reading order. Title, section path, the head of a table that goes on, and the text together never
        exceed `embedder.chunk_tokens`.
    """
    about = {"document": name}
    if called := short_names(parsed, title):
        about[SHORT_NAMES] = " ".join(called)
    title = _fit(title, embedder, embedder.chunk_tokens // (2 * _CONTEXT_SHARE))
    chunks = _pack(parsed, embedder, title)
    captions = dict(page_captions(parsed.blocks))
    nodes = []
    for ordinal, chunk in enumerate(chunks):
        # A page without a caption goes on with the section in which it begins.
        page = chunk.locator.page
        caption = captions.setdefault(page, chunk.heading.split(SECTION_SEPARATOR)[-1]) if page is not None else ""
        nodes.append(_node(chunk, title, about, document_id, ordinal, caption))
    return nodes


def _pack(parsed: ParsedDocument, embedder: Embedder, title: str) -> Iterator[_OpenChunk]:
    heading_budget = embedder.chunk_tokens // (2 * _CONTEXT_SHARE)
    # Two tokens stand for the line breaks between title, section path and text in tokenizers that count them.
    room_without_heading = embedder.chunk_tokens - _SPECIAL_TOKENS - embedder.count_tokens([title])[0] - 2
    path: list[tuple[int, str]] = []
    heading, room = "", room_without_heading
    chunk = _OpenChunk()
    for block, head in _with_heads(_rejoined(parsed.blocks), embedder):
        starts_chunk = False
        if block.kind == "heading":
            path = [(level, text) for level, text in path if level < block.level]
            path.append((block.level, " ".join(block.text[:_LONGEST_HEADING].split())))
            heading = _fit(SECTION_SEPARATOR.join(text for _, text in path), embedder, heading_budget)
            room = room_without_heading - embedder.count_tokens([heading])[0]
            starts_chunk = chunk.tokens * _SMALLEST_SHARE >= chunk.room
        if chunk.text and (starts_chunk or block.locator != chunk.locator):
            yield chunk
            chunk = _OpenChunk()
        if chunk.headings_only and chunk.tokens <= room:
            # The section whose text comes first is the chunk's; headings above it stand in its path.
            chunk.locator, chunk.heading, chunk.room = block.locator, heading, room
            if head.rows == 0 and not chunk.text:
                chunk.table, chunk.room = head.text, room - head.tokens
        for number, (gap, text, tokens) in enumerate(_pieces(block, embedder, min(room - head.tokens, chunk.room))):
            if chunk.text and chunk.tokens + tokens > chunk.room:
                yield chunk
                chunk = _OpenChunk(block.locator, heading, room)
                if number >= head.rows:
                    chunk.table, chunk.room = head.text, room - head.tokens
            chunk.text += gap + text if chunk.text else text
            chunk.tokens += tokens
            chunk.headings_only = chunk.headings_only and block.kind == "heading"
    if chunk.text:
        yield chunk


def _rejoined(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, with a sentence that runs over the end of a page whole on the page where it begins."""
    held: Block | None = None
    for block in blocks:
        if held and held.locator != block.locator and "paragraph" == held.kind == block.kind:
            rest, _, following = _first_sentence(block.text)
            if goes_on(held.text, rest):
                yield replace(held, text=f"{held.text} {rest}")
                held = replace(block, text=following) if following else None
                continue
        if held:
            yield held
        held = block
    if held:
        yield held


@dataclass(frozen=True, slots=True)
class _Head:
    """What a chunk that begins inside a table carries of it.

    Attributes:
        text: Caption and header, a line each; '' where there is nothing to carry.
        tokens: What it takes, the line break behind it included.
        rows: Lines of the block that the header itself takes; 0 where the table began on the page before.
        columns: Cells of the header's last row.
    """

    text: str = ""
    tokens: int = 0
    rows: int = 0
    columns: int = 0


def _with_heads(blocks: Iterable[Block], embedder: Embedder) -> Iterator[tuple[Block, _Head]]:
    """The blocks, each table with its head: its own, or that of the table which it continues on the next page."""
    before: Block | None = None
    above: list[str] = []  # the lines right above
    head = _Head()
    for block in blocks:
        rows = [line for line in block.text.splitlines() if line.strip()] if block.kind == "table" else []
        header = header_rows(rows)
        goes_on_here = before is not None and before.kind == "table" and before.locator != block.locator
        if header:
            head = _head_of(caption_of(above), header, embedder)
        elif rows and goes_on_here and rows[0].count(CELL) + 1 == head.columns:
            head = replace(head, rows=0)
        else:
            head = _Head()
        yield block, head
        before = block
        above = [*above, *(line for line in block.text.splitlines() if line.strip())][-2:]


def _head_of(caption: str, header: list[str], embedder: Embedder) -> _Head:
    """The head of a table, without its caption where both are too long to be carried, and nothing where one is."""
    for lines in ([caption, *header] if caption else header, header):
        text = "\n".join(lines)
        tokens = _measured([text], embedder)[0] + 1
        if tokens <= embedder.chunk_tokens // _TABLE_SHARE:
            return _Head(text, tokens, len(header), header[-1].count(CELL) + 1)
    return _Head()


def _first_sentence(text: str) -> tuple[str, str, str]:
    """The first sentence of a paragraph, the space behind it, and what follows."""
    first, *_ = split_sentences(text) or [""]
    return text[: len(first)], text[len(first) : len(first) + 1], text[len(first) :].lstrip()


def _pieces(block: Block, embedder: Embedder, room: int) -> Iterator[tuple[str, str, int]]:
    """The block's sentences, rows or items, none longer than the room in a chunk: gap before it, text, tokens."""
    by_line = block.kind in ("table", "list", "code")
    texts = [line for line in block.text.splitlines() if line.strip()] if by_line else split_sentences(block.text)
    gap = "\n\n"
    for text, tokens in zip(texts, _measured(texts, embedder), strict=True):
        for part, part_tokens in _split_long(text, tokens, embedder, room):
            yield gap, part, part_tokens
            gap = "\n" if by_line else " "


def _split_long(text: str, tokens: int, embedder: Embedder, room: int) -> Iterator[tuple[str, int]]:
    """Halve a text at word boundaries until every part fits; a word that still does not fit is halved as it is."""
    if tokens <= room or len(text) == 1:
        yield text, tokens
        return
    words = text.split(" ")
    middle = len(words) // 2
    halves = (
        (" ".join(words[:middle]), " ".join(words[middle:]))
        if middle
        else (text[: len(text) // 2], text[len(text) // 2 :])
    )
    for half, half_tokens in zip(halves, _measured(halves, embedder), strict=True):
        if half.strip():
            yield from _split_long(half, half_tokens, embedder, room)


def _fit(text: str, embedder: Embedder, budget: int) -> str:
    """Shorten a title or section path to its budget, from the front: the last words are the most specific."""
    words = text.split(" ")
    while len(words) > 1 and _measured([" ".join(words)], embedder)[0] > budget:
        words = words[max(1, len(words) // 8) :]
    text = " ".join(words)
    while _measured([text], embedder)[0] > budget:
        text = text[: len(text) // 2]
    return text


def _measured(texts: Sequence[str], embedder: Embedder) -> list[int]:
    """The tokens that each text takes of a chunk's room."""
    counts = embedder.count_tokens(texts) if texts else ()
    return [max(tokens, len(text) // _CHARACTERS_OF_A_TOKEN) for text, tokens in zip(texts, counts, strict=True)]


def _node(
    chunk: _OpenChunk, title: str, about: Mapping[str, str], document_id: str, ordinal: int, caption: str
) -> TextNode:
    metadata = {
        "title": title,
        "heading": chunk.heading,
        **({TABLE: chunk.table} if chunk.table else {}),
        **({CAPTION: caption} if caption else {}),
        **about,
        "page": None,  # a library's payloads always name it
        **chunk.locator.values(),
        "ordinal": ordinal,
    }
    return TextNode(
        id_=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{document_id}/{ordinal}")),
        text=chunk.text,
        metadata=metadata,
        excluded_embed_metadata_keys=[key for key in metadata if key not in _EMBEDDED_METADATA],
        excluded_llm_metadata_keys=list(metadata),
        metadata_template="{value}",
        metadata_separator="\n",
        text_template="{metadata_str}\n{content}",
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document_id)},
    )


def embedded_text(node: TextNode) -> str:
    """The text that stands for a node in search: title, section path, then the chunk itself."""
    return node.get_content(MetadataMode.EMBED)
