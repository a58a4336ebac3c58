"""Documents: add, watch them being read, see what is in the library, delete."""

import streamlit as st

from docmind.parsing.formats import FORMATS
from docmind.ui.adding import add_files
from docmind.ui.app_state import AppState, add_samples
from docmind.ui.cache_view import show_cache
from docmind.ui.library_view import show_library
from docmind.ui.navigation import DOCUMENTS, SETTINGS, enter
from docmind.ui.queue_view import show_waiting
from docmind.ui.remote_notice import promise, show_notices
from docmind.ui.search_model_view import show_filling
from docmind.ui.set_aside_view import show_set_aside
from docmind.ui.text import plain_label

state = st.session_state


def add_uploads(opened: AppState) -> None:
    """Queue what was dropped, then empty the drop zone."""
    state["notes"] = add_files(opened, state[f"uploads-{state['round']}"])
    state["round"] += 1


opened = enter(DOCUMENTS)
catalog = opened.workspace.catalog
state.setdefault("round", 0)
with st.sidebar:
    show_notices(opened.workspace)
st.title("Documents")
# Of whatever kind: the browser would drop the others without a word, and the reader names each with its reason.
st.file_uploader(
    f"Drop contracts, filings, papers, manuals: {promise(opened.workspace)}",
    accept_multiple_files=True,
    key=f"uploads-{state['round']}",
    help=f"{', '.join(form.title for form in FORMATS)}. Of any other kind of file the list says why it is not read.",
    on_change=add_uploads,
    args=(opened,),
)
st.page_link(SETTINGS, label="Keep a folder in step", icon=":material/sync:")
for note in state.pop("notes", []):
    st.info(plain_label(note), icon=":material/info:")
wanted = st.query_params.get("document")
if wanted and not any(wanted in (document.id, document.name) for document in catalog.documents("ready")):
    st.info("This document is not here any more, or not yet read.", icon=":material/info:")
show_set_aside(opened)
show_filling(opened)
waiting = catalog.has("reading", "queued")
if waiting:
    show_waiting(opened)
if show_library(opened):
    show_cache(opened)
elif not waiting:
    with st.container(border=True):
        st.header("No documents yet")
        st.write(f"Contracts, filings, papers, manuals: {promise(opened.workspace)}")
        if st.button("Try it with sample documents", icon=":material/science:"):
            add_samples(opened)
            st.rerun()
