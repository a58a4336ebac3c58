"""Thumbs at an answer, and a sentence on why and what the right answer is, for whoever wants to say it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from docmind.storage.feedback import FeedbackTable
from docmind.ui.app_state import AppState


def show_feedback(opened: AppState, message_id: int, key: str) -> None:
    """Draw the thumbs of an answer as they were set, and what belongs to them."""
    table = opened.workspace.catalog.chats.feedback
    given = table.of(message_id)
    thumbs = f"{key}-thumbs"
    st.feedback(
        "thumbs",
        key=thumbs,
        default=int(given.helpful) if given else None,
        on_change=partial(_set, table, message_id, thumbs),
    )
    if not given:
        return
    with (
        st.popover("Say more" if not given.why and not given.right_answer else "You said", type="tertiary"),
        st.form(f"{key}-feedback", border=False),
    ):
        st.text_area("Why?", given.why, key=f"{key}-why")
        st.text_area("What is the right answer?", given.right_answer, key=f"{key}-right")
        st.caption("It stays on this machine, and goes when you delete the chat.")
        st.form_submit_button("Keep", on_click=partial(_say, table, message_id, key, helpful=given.helpful))


def _set(table: FeedbackTable, message_id: int, thumbs: str) -> None:
    chosen = st.session_state[thumbs]
    if chosen is None:
        table.withdraw(message_id)
    else:
        table.give(message_id, helpful=bool(chosen))


def _say(table: FeedbackTable, message_id: int, key: str, *, helpful: bool) -> None:
    why, right = st.session_state[f"{key}-why"].strip(), st.session_state[f"{key}-right"].strip()
    table.give(message_id, helpful=helpful, why=why, right_answer=right)
