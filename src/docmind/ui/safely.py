"""What a click could not do, in words: the page is drawn all the same, wherever on it one is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from docmind.errors import DocMindError
from docmind.ui.text import plain_label

_Given = ParamSpec("_Given")
_WRONG = "went-wrong"


@contextmanager
def in_words() -> Iterator[None]:
    """Keep the words of a DocMindError for `show_what_went_wrong`, and go on behind the block."""
    try:
        yield
    except DocMindError as error:
        st.session_state[_WRONG] = str(error)


def safely(does: Callable[_Given, None]) -> Callable[_Given, None]:
    """A callback that does the same, `in_words`; Streamlit would draw nothing of the page after one that fails."""

    @wraps(does)
    def run(*args: _Given.args, **given: _Given.kwargs) -> None:
        with in_words():
            does(*args, **given)

    return run


def went_wrong() -> bool:
    """Whether there is anything to say; a part of the page that draws itself alone has the page drawn then."""
    return _WRONG in st.session_state


def show_what_went_wrong() -> None:
    """Say what a click could not do, until it is put away: in view wherever one is, and moving nothing."""
    if wrong := st.session_state.pop(_WRONG, None):
        st.toast(plain_label(wrong), icon=":material/error:", duration="infinite")
