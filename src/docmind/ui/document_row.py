"""One document in the list: what it is, whether it was read, and deleting it."""

from __future__ import annotations

import streamlit as st

from docmind.ingestion.removal import delete
from docmind.storage.catalog import Document
from docmind.ui.app_state import AppState
from docmind.ui.confirm import confirm_delete
from docmind.ui.text import count, file_size, plain_html, plain_label


def show_document(opened: AppState, document: Document) -> None:
    """Draw one document."""
    with st.container(border=True):
        name, status, action = st.columns([6, 1, 1], vertical_alignment="center")
        if document.state == "ready":
            pages = [count(document.pages, "page")] if document.pages else []
            details = " · ".join([*pages, count(document.chunks, "passage"), file_size(document.size)])
        else:
            details = document.error or ""
        name.html(f'<p class="dm-document"><b>{plain_html(document.name)}</b><span>{plain_html(details)}</span></p>')
        if document.state == "failed":
            status.badge("not read", color="red", icon=":material/error:")
            if action.button("Dismiss", key=f"dismiss-{document.id}", width="stretch"):
                opened.workspace.catalog.forget(document.id)
                st.rerun()
            return
        for warning in document.warnings:
            name.caption(f":orange[:material/warning:] {plain_label(warning)}")
        status.badge("ready", color="green", icon=":material/check:")
        if action.button("Delete", key=f"delete-{document.id}", width="stretch"):
            confirm_delete(
                "Delete this document?",
                f"{document.name} and its {count(document.chunks, 'passage')} are removed from this library. The file "
                "that you added it from is not touched.",
                lambda: _delete(opened, document),
            )


def _delete(opened: AppState, document: Document) -> None:
    removed = delete(opened.workspace, document)
    st.session_state["notes"] = [f"{document.name} was deleted: {count(removed, 'passage')} removed, 0 left."]
