"""What an empty chat says: ask, wait, or add something first."""

from __future__ import annotations

import streamlit as st

from docmind.ui.app_state import AppState, add_samples
from docmind.ui.remote_notice import notices
from docmind.ui.text import count


def welcome(opened: AppState, ready: int, waiting: int) -> None:
    """Draw it for that many documents ready and waiting."""
    st.title("Ask your documents")
    if ready:
        st.write(f"{count(ready, 'document')} to ask. Every sentence of an answer is tied to its source.")
    elif waiting:
        st.write("Your documents are being read. You can ask as soon as the first one is ready.")
        st.page_link("pages/documents.py", label="See how far they are", icon=":material/folder_open:")
    else:
        stays = "" if notices(opened.workspace) else " Nothing you add leaves this machine."
        st.write(f"Your library is empty.{stays}")
        add, samples = st.columns(2)
        if add.button("Add documents", icon=":material/upload_file:", type="primary", width="stretch"):
            st.switch_page("pages/documents.py")
        if samples.button("Try it with sample documents", icon=":material/science:", width="stretch"):
            add_samples(opened)
            st.switch_page("pages/documents.py")
