"""Saying what is being loaded, until it is."""

from __future__ import annotations

import streamlit as st

from docmind.ui.app_state import AppState
from docmind.ui.text import plain_label


@st.fragment(run_every=0.5)  # looking takes a few milliseconds of what it waits for
def show_loading(opened: AppState, *, box: bool) -> None:
    """In a box or, short of space, in a line; redraws the whole page once it is loaded."""
    if not opened.loading:
        st.rerun()
    words = plain_label(opened.loading)
    if box:
        st.info(words, icon=":material/hourglass_top:")
    else:
        st.caption(words)
