"""The reader: one viewer for a citation and for a document of the library.

The browser asks for the pages that it shows, and for those that will be turned to next, one after the other
(`reader.js`); each is answered with what `reader_content.py` draws. So turning a page waits for nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from docmind.answering.citations import Citation
from docmind.errors import DocMindError
from docmind.storage.catalog import Document
from docmind.ui.app_state import AppState
from docmind.ui.reader_content import Pages, Text, Wanted, content_of
from docmind.ui.text import plain_label

WIDTHS = (1200, 2000)  # pixels of a page's picture: as it opens, and magnified
_AT_MOST = 4  # pages answered at once
_LONGEST_SEARCH = 200  # characters
_SCRIPTS = ("reader.js", "reader_page.js", "reader_finding.js")

_here = Path(__file__)
_viewer = st.components.v2.component(
    "docmind_reader",
    html=_here.with_name("reader.html").read_text(encoding="utf-8"),
    css=_here.with_name("reader.css").read_text(encoding="utf-8"),
    # One script, because a component's own cannot import another.
    js="\n".join(_here.with_name(name).read_text(encoding="utf-8") for name in _SCRIPTS),
)


def open_document(opened: AppState, document: Document) -> None:
    """Open a document of the library at its beginning, over the page."""

    @st.dialog(plain_label(document.name), width="large")
    def reader() -> None:
        with st.container(key="reader"):
            show_reader(opened, document)

    reader()


def show_reader(
    opened: AppState,
    document: Document,
    citations: Sequence[Citation] = (),
    current: Citation | None = None,
    *,
    opening: str = "",
    show: Callable[[Citation | None], None] | None = None,
    called: str = "",
) -> None:
    """Draw the reader.

    Args:
        opened: The app, as it is open.
        document: What to read.
        citations: All of the answer, of other documents too.
        current: The one to open at; None opens at the beginning.
        opening: Another one than before goes to `current` again.
        show: Opens a citation of another document; None closes the reader.
        called: What `current` is called where it is none of the answer's sources, which are called by their numbers.
    """
    # While an answer is written, the page's own run goes on for long, and a fragment would wait for its end.
    draw = _draw if opened.answers else st.fragment(_draw)
    draw(opened, document, tuple(citations), current, opening, show, called)


def _draw(
    opened: AppState,
    document: Document,
    citations: tuple[Citation, ...],
    current: Citation | None,
    opening: str,
    show: Callable[[Citation | None], None] | None,
    called: str,
) -> None:
    try:
        content = content_of(opened.workspace, document)
        data = _data(content, document, citations, current, opening) | {"closes": show is not None, "called": called}
    except DocMindError as error:
        st.error(plain_label(str(error)), icon=":material/error:")
        return
    result = _viewer(
        data=data, key=_key(document), on_wanted_change=_nothing, on_opened_change=_nothing, on_closed_change=_nothing
    )
    if show and result.closed:
        show(None)
        st.rerun()
    if show and result.opened is not None and 0 <= int(result.opened) < len(citations):
        show(citations[int(result.opened)])
        st.rerun()


def _data(
    content: Pages | Text, document: Document, citations: tuple[Citation, ...], current: Citation | None, opening: str
) -> dict[str, Any]:
    own = [item.document_id == document.id for item in citations]
    at = citations.index(current) if current in citations and own[citations.index(current)] else -1
    page = content.page_of(citations[at]) if at >= 0 else 1
    asked = _asked(document)
    words, width = asked["words"], asked["width"]
    wanted = [item for item in asked["pages"] if item[1] < len(citations) and 1 <= item[0] <= content.count]
    if not wanted:
        wanted = [(page, at)]
    return {
        "document": document.id,
        "name": document.name,
        "kind": content.kind,
        "count": content.count,
        "opening": f"{opening}-{at}",
        "page": page,
        "at": at,
        "citations": [
            {
                "n": item.n,
                "place": item.place,
                "quote": item.quote,
                "page": content.page_of(item) if mine else 0,
            }
            for item, mine in zip(citations, own, strict=True)
        ],
        "widths": WIDTHS,
        "drawn": [
            {"page": item[0], "cited": item[1], "words": words, "width": width}
            | content.draw(item, citations, width, words)
            for item in wanted[:_AT_MOST]
        ],
        "found": asdict(content.find(words)) if words else None,
        "outline": [[item.level, item.title, item.page] for item in content.outline()] if asked["outline"] else None,
    }


def _asked(document: Document) -> dict[str, Any]:
    """What the browser asked for last; nothing that it sends is taken as it is."""
    known = st.session_state.get(_key(document)) or {}
    wanted = known.get("wanted") or {}
    pages: list[Wanted] = [(int(page), int(cited)) for page, cited in wanted.get("pages", [])]
    return {
        "pages": pages,
        "width": WIDTHS[-1] if wanted.get("width") == WIDTHS[-1] else WIDTHS[0],
        "words": " ".join(str(wanted.get("words", "")).split())[:_LONGEST_SEARCH],
        "outline": bool(wanted.get("outline")),
    }


def _key(document: Document) -> str:
    return f"reader-{document.id}"


def _nothing(*_: Any) -> None:
    """The component needs a callback for each of its values; they are read from its result."""
