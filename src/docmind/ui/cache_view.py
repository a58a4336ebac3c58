"""Kept answers on the page: that an answer was kept, asking anew, and what the cache is good for."""

from __future__ import annotations

import streamlit as st

from docmind.answering.cache import CacheStatistics
from docmind.answering.events import Answer
from docmind.answering.remembering import kept_answers
from docmind.errors import LibraryError
from docmind.storage.chats import Chat
from docmind.ui.app_state import AppState
from docmind.ui.asking_anew import ask_anew_button, note
from docmind.ui.text import count, file_size, plain_label


def show_from_cache(opened: AppState, chat: Chat, number: int, answer: Answer) -> None:
    """Say that an answer was kept, what it saved, and offer to ask anew; nothing where it was made for the question.

    Args:
        opened: The app, as it is open.
        chat: The chat that is shown.
        number: Which of its messages the answer is.
        answer: The answer.
    """
    if answer.from_cache is None:
        return
    asked = answer.asked_as or answer.question
    with note("bolt", f"From cache: {answer.from_cache.words}"):
        tip = plain_label(f"It was the answer to: {answer.from_cache.question}")
        key = f"{chat.id}-{number}-anew"
        ask_anew_button(opened, chat, number, asked, label="Ask again without it", key=key, fresh=True, tip=tip)


def show_cache(opened: AppState) -> None:
    """How many answers are kept and what they saved, folded, with a button that deletes them all."""
    answers, settings = kept_answers(opened.workspace), opened.workspace.settings
    statistics = answers.statistics()
    if not settings.cache and not statistics.entries:
        return
    with st.expander(f"Kept answers: {statistics.entries:,}", icon=":material/bolt:"):
        st.caption(cache_words(statistics))
        if not settings.cache:
            st.caption("DOCMIND\\_CACHE is off: none is given again, and none is added.")
        if statistics.problem:
            st.warning(plain_label(statistics.problem), icon=":material/warning:")
        if st.button("Delete kept answers", icon=":material/delete:", disabled=not statistics.entries):
            try:
                answers.clear()
            except LibraryError as error:
                st.error(plain_label(str(error)), icon=":material/error:")
            else:
                st.rerun()


def cache_words(statistics: CacheStatistics) -> str:
    """What the cache has been good for."""
    return plain_label(
        f"An answer is given again where the same is asked of documents that have not changed. "
        f"{count(statistics.hits, 'question')} answered so, {statistics.misses:,} not; "
        f"{statistics.seconds_saved:,.0f} s saved; {file_size(statistics.size_bytes)} on disk."
    )
