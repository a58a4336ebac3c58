"""Asking once before something is gone."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from docmind.errors import DocMindError
from docmind.ui.text import plain_label


def confirm_delete(title: str, text: str, action: Callable[[], None]) -> None:
    """Open a dialogue that says what will be gone, and delete it when the user agrees."""
    confirm(title, text, "Delete", ":material/delete:", action, key="confirm-delete")


def confirm(title: str, text: str, label: str, icon: str, action: Callable[[], None], *, key: str = "confirm") -> None:
    """Open a dialogue that says what will happen, and do it when the user presses the button of that label.

    Args:
        title: The question.
        text: What it is about.
        label: What the button says that does it; the other says 'Cancel'.
        icon: Its icon.
        action: Does it; where it raises a DocMindError, the dialogue says so and stays.
        key: The button's key, by which a style can tell one that deletes.
    """

    @st.dialog(title)
    def ask() -> None:
        st.write(plain_label(text))
        with st.container(horizontal=True, horizontal_alignment="right"):
            cancelled = st.button("Cancel", key="cancel")
            agreed = st.button(label, type="primary", icon=icon, key=key)
        if agreed:
            try:
                action()
            except DocMindError as error:
                st.error(plain_label(str(error)), icon=":material/error:")
                return
        if agreed or cancelled:
            st.rerun()

    ask()
