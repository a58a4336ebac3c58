"""One document in the list: what it is, what it says first, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import streamlit as st

from docmind.ingestion.removal import delete
from docmind.languages import language_name
from docmind.storage.catalog import Document
from docmind.ui.app_state import AppState
from docmind.ui.document_actions import (
    ask_documents,
    collect,
    delete_documents,
    download,
    rename_document,
)
from docmind.ui.reader import open_document
from docmind.ui.safely import in_words
from docmind.ui.text import button_label, count, file_size, heard_label, kind_of, plain_html, plain_label

_ACTIONS: dict[str, Callable[[AppState, Document], None]] = {
    ":material/edit: Rename": rename_document,
    ":material/folder: Collections": lambda opened, document: collect(opened, [document]),
    ":material/download: Download": download,
    ":material/delete: Delete": lambda opened, document: delete_documents(opened, [document]),
}


def show_document(opened: AppState, document: Document, collections: Sequence[str], selected: set[str]) -> None:
    """Draw one that was read.

    Args:
        opened: The app, as it is open.
        document: The document.
        collections: The names of those that it is in.
        selected: Ids of the documents that are ticked; changed by its box.
    """
    name = plain_label(document.name)
    with st.container(
        horizontal=True, wrap=False, vertical_alignment="top", gap="small", key=f"document-{document.id}"
    ):
        box = f"select-{document.id}"
        st.session_state.setdefault(box, document.id in selected)  # 'Select all' sets it too, so it has no default
        st.checkbox(
            f"Select {heard_label(document.name)}",
            key=box,
            label_visibility="collapsed",
            on_change=lambda: selected.symmetric_difference_update({document.id}),
        )
        with st.container(gap=None, width="stretch"):
            if st.button(f"**{name}**", f"open-{document.id}", type="tertiary", wrap=True):
                open_document(opened, document)
            st.html(_described(document, collections))
        ask = button_label("Ask", document.name)
        if st.button(ask, f"ask-{document.id}", icon=":material/forum:", type="tertiary"):
            ask_documents(opened, [document])
        chosen = st.menu_button(
            # Seen is the icon alone. The menu that opens is called so too, and reads no Markdown.
            f"More: {heard_label(document.name)}",
            list(_ACTIONS),
            key=f"menu-{document.id}",
            icon=":material/more_horiz:",
            type="tertiary",
        )
        if chosen:
            _ACTIONS[chosen](opened, document)


def details(document: Document) -> str:
    """Kind, length, size, language and when it was added, in a line."""
    added = time.strftime("%d %b %Y", time.localtime(document.added)).lstrip("0")
    parts = [
        kind_of(document.format),
        count(document.pages, "page") if document.pages else "",
        count(document.chunks, "passage"),
        file_size(document.size),
        language_name(document.language),
        f"added {added}",
    ]
    return " · ".join(filter(None, parts))


def _described(document: Document, collections: Sequence[str]) -> str:
    tags = "".join(f"<span>{plain_html(name)}</span>" for name in collections)
    tags = f'<p class="dm-tags">{tags}</p>' if tags else ""
    warnings = "".join(f'<p class="dm-warning">{plain_html(warning)}</p>' for warning in document.warnings)
    return (
        f'<div class="dm-document"><p>{plain_html(details(document))}</p>'
        f'<p class="dm-first-words" dir="auto">{plain_html(document.description)}</p>{warnings}{tags}</div>'
    )


def show_failed(opened: AppState, document: Document) -> None:
    """Draw one that could not be read: why, and what can be done."""
    name = plain_label(document.name)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"document-{document.id}"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{name}** :red-badge[:material/error: not read]")
            st.html(f'<div class="dm-document"><p>{plain_html(document.error or "")}</p></div>')
        again, dismiss = (button_label(does, document.name) for does in ("Try again", "Dismiss"))
        if document.may_retry and st.button(again, f"retry-{document.id}", icon=":material/refresh:", help=name):
            with in_words():
                opened.workspace.catalog.retry(document.id)
                opened.ingestion.wake()
            st.rerun()
        if st.button(dismiss, f"dismiss-{document.id}", help=f"Take {name} off this list"):
            with in_words():
                delete(opened.workspace, document)
            st.rerun()
