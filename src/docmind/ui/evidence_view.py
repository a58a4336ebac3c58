"""The evidence: the cited page with the sentence marked, or the passage where a format has no pages.

It stands beside the page from 1024 pixels up, and over it on narrower windows (`style.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from docmind.answering.citations import Citation
from docmind.errors import DocMindError, DocumentNotFoundError
from docmind.records import PageImage
from docmind.ui.app_state import AppState
from docmind.ui.kept import keep_toggle
from docmind.ui.text import plain_html, plain_label
from docmind.workspace import Workspace

# Brings the marked sentence into view, on the page's picture or in the passage; the only thing put into it is a number
# of our own.
_SCROLL = """
<script>
(() => {
  const share = %.4f;
  let tries = 100;
  const scroll = () => {
    const panel = document.querySelector(".st-key-evidence");
    const target = panel?.querySelector(share < 0 ? "mark" : "img");
    if (!target || (share >= 0 && (!target.complete || target.clientHeight < 50))) {
      if (tries-- > 0) setTimeout(scroll, 50);
      return;
    }
    const top = target.getBoundingClientRect().top - panel.getBoundingClientRect().top + panel.scrollTop;
    const mark = top + (share < 0 ? 0 : target.clientHeight * share);
    if (mark > 0.7 * panel.clientHeight) panel.scrollTo({ top: mark - 0.4 * panel.clientHeight });
  };
  scroll();
})();
</script>
"""
_PAGE_WIDTH = 1200  # pixels; sharp on a laptop's screen at the panel's width


def beside_evidence(
    opened: AppState, citation: Citation | None, show: Callable[[Citation | None], None]
) -> DeltaGenerator:
    """Draw the evidence, where a citation is open, and return what the rest of the page is to be drawn in.

    Args:
        opened: The app, as it is open.
        citation: What is open; None where nothing is.
        show: Opens another citation in its place; None closes the evidence.
    """
    if citation is None:
        return st.container()
    rest, side = st.columns([35, 65], gap="medium")
    with side:
        _show_evidence(opened, citation, partial(show, None))
    return rest


def _show_evidence(opened: AppState, citation: Citation, close: Callable[[], None]) -> None:
    with st.container(border=True, key="evidence"):
        row = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
        row.markdown(f"**{citation.n} · {plain_label(citation.document)}**", width="stretch")
        row.button("Close", icon=":material/close:", key="evidence-close", type="tertiary", on_click=close)
        page = citation.locator.page
        # A page is told by its picture; other places in words.
        if caption := " · ".join(filter(None, ("" if page else citation.locator.words(), citation.heading))):
            st.caption(plain_label(caption))
        try:
            document = opened.workspace.catalog.document(citation.document_id)
        except DocumentNotFoundError:
            st.warning(
                "This document has been removed or replaced since. This is what it said.", icon=":material/history:"
            )
            _show_passage(citation)
            return
        keep_toggle(document.id)
        if document.format == "pdf" and page:
            _show_page(opened, citation, page, document.pages or page)
        else:
            _show_passage(citation)


def _show_page(opened: AppState, citation: Citation, cited: int, pages: int) -> None:
    shown: int = st.session_state.setdefault("evidence_page", cited)
    row = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    if row.button("Previous", icon=":material/chevron_left:", key="page-back", type="tertiary", disabled=shown <= 1):
        shown -= 1
    label = row.empty()
    if row.button(
        "Next",
        icon=":material/chevron_right:",
        icon_position="right",
        key="page-forward",
        type="tertiary",
        disabled=shown >= pages,
    ):
        shown += 1
    st.session_state["evidence_page"] = shown
    label.markdown(f"Page {shown} of {pages}{' (cited)' if shown == cited else ''}", width="content")
    try:
        quote = citation.quote if shown == cited else ""
        with st.spinner("Drawing the page …"):
            image = _draw(opened.workspace, citation.document_id, shown, quote)
    except DocMindError as error:
        st.error(plain_label(str(error)), icon=":material/error:")
        _show_passage(citation)
        return
    st.image(image.png, alt=f"Page {shown}", width="stretch")
    if image.quote_top is not None:
        st.html(_SCROLL % image.quote_top, unsafe_allow_javascript=True)
    elif quote:
        st.info("The sentence could not be located on the page; this is the passage.", icon=":material/search_off:")
        _show_passage(citation)


@st.cache_data(max_entries=64, show_spinner=False)
def _draw(_workspace: Workspace, document_id: str, page: int, quote: str) -> PageImage:
    document = _workspace.catalog.document(document_id)
    path = _workspace.originals / document.sha256
    return _workspace.reader.render_page(path, page, quote, _PAGE_WIDTH, name=document.name)


def _show_passage(citation: Citation) -> None:
    # A quotation has spaces where its passage may have line breaks.
    quoted = re.search(r"\s+".join(map(re.escape, citation.quote.split())), citation.passage)
    start, end = quoted.span() if quoted else (0, 0)
    before, found, after = citation.passage[:start], citation.passage[start:end], citation.passage[end:]
    marked = f"<mark>{plain_html(found)}</mark>" if found else ""
    st.html(f'<div class="dm-passage">{plain_html(before)}{marked}{plain_html(after)}</div>')
    if marked:
        st.html(_SCROLL % -1, unsafe_allow_javascript=True)
