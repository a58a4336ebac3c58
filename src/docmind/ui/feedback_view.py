"""Thumbs at an answer, a sentence on why and what the right answer is, and all of that as an evaluation set."""

from __future__ import annotations

from functools import partial

import streamlit as st

from docmind.answering.feedback import evaluation_lines, evaluation_text, opinions
from docmind.storage.feedback import FeedbackTable
from docmind.ui.app_state import AppState
from docmind.ui.safely import safely
from docmind.ui.text import count, plain_label


def show_feedback(opened: AppState, message_id: int, key: str) -> None:
    """Draw the thumbs of an answer as they were set, and what belongs to them."""
    table = opened.workspace.catalog.chats.feedback
    given = table.of(message_id)
    thumbs = f"{key}-thumbs"
    st.feedback(
        "thumbs",
        key=thumbs,
        default=int(given.helpful) if given else None,
        on_change=safely(partial(_set, table, message_id, thumbs)),
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
        st.form_submit_button("Keep", on_click=safely(partial(_say, table, message_id, key, helpful=given.helpful)))


def show_feedback_export(opened: AppState) -> None:
    """How much was said of answers, and a button that downloads it as an evaluation set."""
    catalog = opened.workspace.catalog
    given = opinions(catalog.chats.feedback, {document.id for document in catalog.documents("ready")})
    if not given:
        st.caption("Nothing yet: the thumbs stand under each answer. They stay on this machine.")
        return
    lines = evaluation_lines(given)
    st.caption(
        plain_label(
            f"{count(len(given), 'answer')} with a thumb. {len(lines):,} of them tell a right answer whose document is "
            "here; the others are left out. The file holds their questions, answers and passages, and leaves this "
            "machine only where you send it."
        )
    )
    st.download_button(
        "Download as an evaluation set",
        evaluation_text(lines),
        file_name="questions.jsonl",
        mime="application/jsonl",
        icon=":material/download:",
        on_click="ignore",
        disabled=not lines,
        help="`docmind bench answers` measures how often such questions are answered right; "
        "`docmind feedback export --documents` copies the documents too.",
    )


def _set(table: FeedbackTable, message_id: int, thumbs: str) -> None:
    chosen = st.session_state[thumbs]
    if chosen is None:
        table.withdraw(message_id)
    else:
        table.give(message_id, helpful=bool(chosen))


def _say(table: FeedbackTable, message_id: int, key: str, *, helpful: bool) -> None:
    why, right = st.session_state[f"{key}-why"].strip(), st.session_state[f"{key}-right"].strip()
    table.give(message_id, helpful=helpful, why=why, right_answer=right)
