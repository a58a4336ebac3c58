"""The evidence: the reader opened at a citation, or the passage where its document is gone.

It stands beside the page from 1024 pixels up, and over it on narrower windows (`style.py`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from docmind.answering.citations import Citation
from docmind.errors import DocumentNotFoundError
from docmind.ui.app_state import AppState
from docmind.ui.kept import keep_toggle
from docmind.ui.reader import show_reader
from docmind.ui.scrolling import to_the_mark
from docmind.ui.text import plain_html

_AMONG, _REPLY = "evidence_among", "evidence_reply"
NEXT_BEST = "Next best passage"  # what the answer offers beside its sources, and has no number therefore
_SHORT_NAME = 40  # characters that two lines hold in any case


def beside_evidence(
    opened: AppState, citation: Citation | None, show: Callable[[Citation | None], None]
) -> DeltaGenerator:
    """Draw the evidence, where a citation is open, and return what the rest of the page is to be drawn in.

    Args:
        opened: The app, as it is open.
        citation: What is open; None where nothing is.
        show: Opens another citation in its place; None closes the evidence.
    """
    # The same two columns in any case, the second hidden while nothing is open (`style.py`): what stands in the first
    # would be drawn anew otherwise, and what the user has unfolded there would be folded again.
    rest, side = st.columns([35, 65], gap="medium")
    with side:
        if citation is None:
            st.html('<span class="dm-closed"></span>')
        else:
            _show_evidence(opened, citation, show)
    return rest


def opened_among(citations: Sequence[Citation], reply: str = "") -> None:
    """Remember what else the answer cites of which a citation was just opened; the reader steps through it.

    Args:
        citations: All of the answer.
        reply: The key of that answer in the conversation; '' where it stands elsewhere.
    """
    st.session_state[_AMONG], st.session_state[_REPLY] = tuple(citations), reply


def keep_mark_in_view(citation: Citation | None) -> None:
    """Bring the mark of an opened citation into view; called below the conversation.

    The evidence makes the conversation narrower, and so moves away what was clicked.
    """
    reply, opening = st.session_state.get(_REPLY), st.session_state.get("evidence_page")
    if citation and reply and citation in st.session_state.get(_AMONG, ()):
        to_the_mark(reply, citation.n, f"{reply}-{citation.n}-{opening}")


def _show_evidence(opened: AppState, citation: Citation, show: Callable[[Citation | None], None]) -> None:
    among: tuple[Citation, ...] = st.session_state.get(_AMONG, ())
    # Pages forget this whenever a citation is opened, the one that is open already too.
    opening = st.session_state.setdefault("evidence_page", time.monotonic_ns())
    with st.container(border=True, key="evidence"):
        row = st.container(horizontal=True, vertical_alignment="center", key="evidence-head")
        row.html(_name(citation.document), width="stretch")
        try:
            document = opened.workspace.catalog.document(citation.document_id)
        except DocumentNotFoundError:
            document = None
        if document:
            with row:
                keep_toggle(document.id)
        row.button(
            "Close", icon=":material/close:", key="evidence-close", type="tertiary", on_click=partial(show, None)
        )
        if document is None:
            st.warning(
                "This document has been removed or replaced since. This is what it said.", icon=":material/history:"
            )
            _show_passage(citation)
            return
        cited = citation in among
        show_reader(
            opened,
            document,
            among if cited else (citation,),
            citation,
            opening=str(opening),
            show=show,
            called="" if cited else NEXT_BEST,
        )


def _name(name: str) -> str:
    """A document's name, cut after two lines; whoever points at a long one, or focuses it, reads all of it."""
    reached = ' tabindex="0"' if len(name) > _SHORT_NAME else ""
    return f'<p class="dm-name" dir="auto" title="{plain_html(name)}"{reached}>{plain_html(name)}</p>'


def _show_passage(citation: Citation) -> None:
    # A quotation has spaces where its passage may have line breaks.
    quoted = re.search(r"\s+".join(map(re.escape, citation.quote.split())), citation.passage)
    start, end = quoted.span() if quoted else (0, 0)
    before, found, after = citation.passage[:start], citation.passage[start:end], citation.passage[end:]
    marked = f"<mark>{plain_html(found)}</mark>" if found else ""
    st.html(f'<div class="dm-passage">{plain_html(before)}{marked}{plain_html(after)}</div>')
