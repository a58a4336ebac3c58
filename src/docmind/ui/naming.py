"""Asking for a name: of a document, of a chat."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from docmind.errors import DocMindError
from docmind.ui.text import plain_label

_NAME = "new-name"
PROBLEM = "naming-problem"  # why what was typed could not be kept, while the dialogue is open
_state = st.session_state


def ask_name(title: str, label: str, name: str, longest: int, keep: Callable[[str], None], *, note: str = "") -> None:
    """Open a dialogue that asks for another name, from the one it has now.

    Args:
        title: What is renamed.
        label: What the name is called.
        name: The name as it is.
        longest: How many characters it may have.
        keep: Keeps the new one; where it raises a DocMindError, the dialogue says so and stays.
        note: What else is to be known.
    """
    _state[_NAME] = name  # what was typed and left by Escape would stand there else
    _state[PROBLEM] = None

    @st.dialog(title)
    def ask() -> None:
        with st.form("naming", border=False):
            st.text_input(label, key=_NAME)
            if note:
                st.caption(note)
            # The Enter key presses the first button, so that is the one that saves; the styles put it last.
            with st.container(horizontal=True, key="naming-buttons"):
                saved = st.form_submit_button("Save", type="primary", on_click=_save, args=(longest, keep))
                cancelled = st.form_submit_button("Cancel")
        if not show_problem() and (saved or cancelled):
            st.rerun()

    ask()


def refusal(name: str, longest: int) -> str | None:
    """Why something cannot be called so; None where it can. A field with a limit of its own drops what is longer."""
    if not name.strip():
        return "The name is empty. Type one."
    if len(name.strip()) > longest:
        return f"The name has {len(name.strip()):,} characters, and {longest} at most are kept. Shorten it."
    return None


def show_problem() -> bool:
    """Say what keeps the dialogue open, where anything does; returns whether it does."""
    if problem := _state[PROBLEM]:
        st.error(plain_label(problem), icon=":material/error:")
    return bool(problem)


def _save(longest: int, keep: Callable[[str], None]) -> None:
    name = _state[_NAME]
    _state[PROBLEM] = refusal(name, longest)
    if _state[PROBLEM] is None:
        try:
            keep(name)
        except DocMindError as error:
            _state[PROBLEM] = str(error)
