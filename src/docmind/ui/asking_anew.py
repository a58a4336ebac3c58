"""Notes under an answer, with a button that puts its question again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from docmind.storage.chats import Chat
from docmind.ui.app_state import AppState
from docmind.ui.chats import ask_as
from docmind.ui.safely import safely
from docmind.ui.text import plain_label


@contextmanager
def note(icon: str, words: str) -> Iterator[None]:
    """A calm line under an answer; what is drawn in the block stands beside it.

    Args:
        icon: Name of a Material symbol.
        words: What is told; its Markdown is shown as it is typed.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/{icon}: {plain_label(words)}", width="content")
        yield


def ask_anew_button(
    opened: AppState,
    chat: Chat,
    number: int,
    question: str,
    *,
    label: str,
    key: str,
    fresh: bool = False,
    evenly: bool = False,
    each: bool = False,
    tip: str | None = None,
) -> None:
    """Draw it; it waits while the chat is being answered.

    Args:
        opened: The app, as it is open.
        chat: The chat that is shown.
        number: Which of its messages the answer is.
        question: What was asked, so that it stands alone.
        label: What stands on it.
        key: The widget's.
        fresh: Whether it is answered anew although an answer is kept.
        evenly: Whether documents that it names are searched like all others.
        each: Whether each document is asked by itself.
        tip: What is told where one points at it.
    """
    st.button(
        label,
        key,
        icon=":material/refresh:",
        type="tertiary",
        help=tip,
        disabled=chat.id in opened.answers,
        on_click=safely(ask_as),
        args=(opened, chat, number, question),
        kwargs={"fresh": fresh, "evenly": evenly, "each": each},
    )
