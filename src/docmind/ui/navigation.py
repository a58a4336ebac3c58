"""Going through the front door: app.py must run around every page, also when a page's address is opened first."""

from __future__ import annotations

import streamlit as st

from docmind.lean_imports import import_llama_index
from docmind.ui.address import enter_page
from docmind.ui.app_state import AppState, app_state
from docmind.ui.frame import draw_frame
from docmind.ui.missing_view import show_missing
from docmind.ui.queue_view import show_queue
from docmind.ui.safely import show_what_went_wrong
from docmind.ui.style import LOGO, apply_style

CHAT = "pages/chat.py"
ANALYSE = "pages/analyse.py"
DOCUMENTS = "pages/documents.py"
MODELS = "pages/models.py"
SETTINGS = "pages/settings.py"


def open_pages() -> None:
    """Run the page that was asked for, inside the app's frame."""
    st.set_page_config(page_title="DocMind", page_icon=LOGO, layout="wide")
    page = st.navigation(
        [
            # It has the bare address; whoever types its name is led there by the last of these.
            st.Page(CHAT, title="Chat", icon=":material/forum:", default=True, url_path="start"),
            st.Page(ANALYSE, title="Analyse", icon=":material/summarize:"),
            st.Page(DOCUMENTS, title="Documents", icon=":material/folder_open:"),
            st.Page(MODELS, title="Models", icon=":material/memory:"),
            st.Page(SETTINGS, title="Settings", icon=":material/tune:"),
            st.Page(_to_chat, title="Chat", url_path="chat", visibility="hidden"),
        ]
    )
    st.session_state["framed"] = True
    if (wanted := st.session_state.pop("wanted", CHAT)) != CHAT:
        st.switch_page(wanted)
    apply_style()
    draw_frame()
    import_llama_index()  # another thread may be at it
    page.run()


def _to_chat() -> None:
    st.switch_page(CHAT, query_params={name: st.query_params.get_all(name) for name in st.query_params})


def enter(page: str) -> AppState:
    """Begin a page: in the app's frame, with the library open and what stands on every page drawn.

    app.py is gone through first where Streamlit runs a page of the folder 'pages' by itself. It does so until app.py
    has run once in its process, so a bookmark of a page would show it without its frame.

    Args:
        page: The page's own file.
    """
    if not st.session_state.get("framed"):
        st.session_state["wanted"] = page
        st.switch_page("app.py")
    entered = enter_page(page)
    opened = app_state()
    show_what_went_wrong()
    show_missing(opened)
    show_queue(opened, listed=page == DOCUMENTS, entered=entered)
    return opened
