"""Asking once before something is gone."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from docmind.errors import DocMindError
from docmind.ui.text import plain_label


def confirm_delete(title: str, text: str, action: Callable[[], None]) -> None:
    """Open a dialogue that says what will be gone, and delete it when the user agrees."""
    confirm(title, text, "Delete", ":material/delete:", action)


def confirm(title: str, text: str, label: str, icon: str, action: Callable[[], None]) -> None:
    """Open a dialogue that says what will happen, and do it when the user presses the button of that label."""

    @st.dialog(title)
    def ask() -> None:
        st.write(plain_label(text))
        if st.button(label, type="primary", icon=icon, key="confirm"):
            try:
                action()
            except DocMindError as error:
                st.error(plain_label(str(error)), icon=":material/error:")
                return
            st.rerun()

    ask()
