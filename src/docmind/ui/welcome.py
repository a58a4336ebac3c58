"""What an empty chat says: ask, wait, or add something first."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from docmind.storage.catalog import Document
from docmind.ui.address import choose_scope
from docmind.ui.app_state import AppState, add_samples
from docmind.ui.remote_notice import notices
from docmind.ui.text import count, plain_label

_RECENT = 4  # documents


def welcome(opened: AppState, ready: Sequence[Document], waiting: int) -> None:
    """Draw it for the documents that are ready, and so many that wait."""
    st.title("Ask your documents")
    if ready:
        st.write(f"{count(len(ready), 'document')} to ask. Every sentence of an answer is tied to its source.")
        _recent(ready)
    elif waiting:
        st.write("Your documents are being read. You can ask as soon as the first one is ready.")
        st.page_link("pages/documents.py", label="See how far they are", icon=":material/folder_open:")
    else:
        stays = "" if notices(opened.workspace) else " Nothing you add leaves this machine."
        st.write(f"Your library is empty. Drop files into the box below.{stays}")
        add, samples = st.columns(2)
        if add.button("Add documents", icon=":material/upload_file:", type="primary", width="stretch"):
            st.switch_page("pages/documents.py")
        if samples.button("Try it with sample documents", icon=":material/science:", width="stretch"):
            add_samples(opened)
            st.switch_page("pages/documents.py")


def _recent(ready: Sequence[Document]) -> None:
    """The documents that were added last; a click asks only that one."""
    st.subheader("Recent documents", anchor=False)
    with st.container(key="recent", gap="xsmall"):
        for document in sorted(ready, key=lambda document: -document.added)[:_RECENT]:
            st.button(
                plain_label(document.name),
                key=f"recent-{document.id}",
                icon=":material/description:",
                type="tertiary",
                help=f"Ask only this document. {plain_label(document.description)}",
                on_click=choose_scope,
                args=([document.id],),
            )
