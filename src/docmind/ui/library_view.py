"""The library: all documents that were read or could not be, searched, sorted, chosen, a page at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from docmind.ingestion.removal import delete
from docmind.storage.catalog import Document
from docmind.ui.app_state import AppState
from docmind.ui.document_actions import analyse_documents, ask_collection, ask_documents, collect, delete_documents
from docmind.ui.document_row import show_document, show_failed
from docmind.ui.reader import open_document
from docmind.ui.safely import safely
from docmind.ui.text import count

_PER_PAGE = 12  # each click draws them all, at some hundredths of a second each
_FAILED = 2  # that are shown before the rest is folded: on a phone each takes a third of the window
_ORDERS: dict[str, tuple[Callable[[Document], Any], bool]] = {
    "Newest first": (lambda document: document.added, True),
    "Oldest first": (lambda document: document.added, False),
    "By name": (lambda document: document.name.casefold(), False),
    "Largest first": (lambda document: document.size, True),
    "Most pages": (lambda document: (document.pages or 0, document.chunks), True),
}


def show_library(opened: AppState) -> bool:
    """Draw it; returns whether there is anything in it."""
    catalog = opened.workspace.catalog
    failed, ready = catalog.documents("failed"), catalog.documents("ready")
    _show_failures(opened, failed)
    if not ready:
        return bool(failed)
    collections = catalog.collections.by_document()
    matching, within = _chosen(ready, collections)
    selected = _selected(ready)
    _head(opened, ready, matching, selected, within)
    pages = max(1, math.ceil(len(matching) / _PER_PAGE))
    page = st.pagination(pages) if pages > 1 else 1
    for document in matching[(page - 1) * _PER_PAGE : page * _PER_PAGE]:
        show_document(opened, document, collections.get(document.id, ()), selected)
    _open_by_address(opened, ready)
    return True


def _show_failures(opened: AppState, failed: Sequence[Document]) -> None:
    for document in failed[:_FAILED]:
        show_failed(opened, document)
    if more := failed[_FAILED:]:
        with st.expander(f"{count(len(more), 'more file')} not read", icon=":material/error:"):
            for document in more:
                show_failed(opened, document)
        st.button(
            f"Dismiss all {len(failed):,}",
            key="dismiss-all",
            icon=":material/close:",
            type="tertiary",
            help="Takes the files that could not be read off this list. Add one anew to have it read again.",
            on_click=safely(_dismiss),
            args=(opened, failed),
        )


def _dismiss(opened: AppState, shown: Sequence[Document]) -> None:
    """Take those off the list that were shown; one that another window has had read meanwhile is no failure."""
    ids = {document.id for document in shown}
    for document in opened.workspace.catalog.documents("failed"):
        if document.id in ids:
            delete(opened.workspace, document)


def _chosen(ready: Sequence[Document], collections: Mapping[str, Sequence[str]]) -> tuple[list[Document], str]:
    """Those that the tools above the list leave, in the order that they set; and the collection, '' for all."""
    names = sorted({name for held in collections.values() for name in held}, key=str.casefold)
    with st.container(horizontal=True, vertical_alignment="bottom", key="library-tools"):
        words = st.text_input(
            "Find", placeholder="Name, words or collection", key="library-find", persist_state="session"
        )
        wanted = (
            st.selectbox("Collection", ["", *names], format_func=lambda name: name or "All", key="library-in")
            if names
            else ""
        )
        order = st.selectbox("Sort", list(_ORDERS), key="library-sort", persist_state="session")
    key, backwards = _ORDERS[order]
    found = [
        document
        for document in ready
        if matches(document, collections.get(document.id, ()), words)
        and (not wanted or wanted in collections.get(document.id, ()))
    ]
    return sorted(found, key=key, reverse=backwards), wanted


def matches(document: Document, collections: Sequence[str], words: str) -> bool:
    """Whether each of the words is in its name, title, first words or collections."""
    text = " ".join([document.name, document.title or "", document.description, *collections]).casefold()
    return all(word in text for word in words.casefold().split())


def _selected(ready: Sequence[Document]) -> set[str]:
    """The ids of the documents that are ticked, those that are gone left out."""
    selected: set[str] = st.session_state.setdefault("library-selected", set())
    selected &= {document.id for document in ready}
    return selected


def _head(
    opened: AppState, ready: Sequence[Document], matching: Sequence[Document], selected: set[str], within: str
) -> None:
    """How many there are, and of a collection the way to ask it; or, once some are ticked, what to do with them."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="library-head"):
        if not selected:
            passages = sum(document.chunks for document in ready)
            words = f"{count(len(ready), 'document')} ready, {count(passages, 'passage')}"
            if len(matching) < len(ready):
                words += f"; {len(matching):,} shown"
            st.caption(words, width="stretch")
            if within and st.button("Ask this collection", icon=":material/forum:", type="tertiary"):
                ask_collection(within)
            if matching:
                st.button("Select all", type="tertiary", on_click=_tick, args=(selected, matching, True))
            return
        chosen = [document for document in ready if document.id in selected]
        st.markdown(f"**{count(len(chosen), 'document')} selected**", width="stretch")
        if st.button("Ask them", icon=":material/forum:", type="tertiary"):
            ask_documents(opened, chosen)
        if st.button("Analyse", icon=":material/summarize:", type="tertiary", key="analyse-selected"):
            analyse_documents(chosen)
        if st.button("Collections", icon=":material/folder:", type="tertiary", key="collect-selected"):
            collect(opened, chosen)
        if st.button("Delete", icon=":material/delete:", type="tertiary", key="delete-selected"):
            delete_documents(opened, chosen)
        st.button("Clear", type="tertiary", icon=":material/close:", on_click=_tick, args=(selected, ready, False))


def _tick(selected: set[str], documents: Sequence[Document], ticked: bool) -> None:
    for document in documents:
        if ticked:
            selected.add(document.id)
        else:
            selected.discard(document.id)
        if (key := f"select-{document.id}") in st.session_state:
            st.session_state[key] = ticked


def _open_by_address(opened: AppState, ready: Sequence[Document]) -> None:
    """Open the document that the page's address names, once: closing it does not change the address."""
    wanted = st.query_params.get("document")
    if wanted and wanted != st.session_state.get("library-opened"):
        st.session_state["library-opened"] = wanted
        if document := next((each for each in ready if wanted in (each.id, each.name)), None):
            open_document(opened, document)
