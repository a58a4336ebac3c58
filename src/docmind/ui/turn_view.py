"""The turns of a chat: questions, and answers with what they were 'Asked as', which the user may mend and ask again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from docmind.answering.about_library import BY_THE_APP
from docmind.answering.citations import Citation
from docmind.answering.events import Failure
from docmind.answering.stored import from_stored
from docmind.storage.chats import Chat, Message
from docmind.ui.answer_view import show_answer
from docmind.ui.app_state import AppState
from docmind.ui.asking_anew import ask_anew_button
from docmind.ui.cache_view import show_from_cache
from docmind.ui.chats import ask_as
from docmind.ui.copy_button import show_copy
from docmind.ui.download_view import show_download
from docmind.ui.each_view import show_each
from docmind.ui.evidence_view import opened_among
from docmind.ui.feedback_view import show_feedback
from docmind.ui.looked_first_view import show_looked_first
from docmind.ui.outdated_view import show_outdated
from docmind.ui.safely import safely
from docmind.ui.text import count, plain_html, plain_label
from docmind.ui.unread_view import show_unread

# A question longer than this is folded.
_LONG_CHARACTERS, _LONG_LINES = 600, 8
# Of a chat, the last ones when it is opened, and so many while it grows: an answer takes some hundredths of a second to
# draw, and none that was just read is folded away. At a click more of them.
_SHOWN_MESSAGES, _MOST_MESSAGES, _MORE_MESSAGES = 8, 20, 20
_EARLIER, _HELD = "earlier-messages", "held-messages"


def earlier_folded(shown: Sequence[tuple[int, Message]]) -> Sequence[tuple[int, Message]]:
    """The last turns of a chat, under a button that shows more of the earlier ones."""
    most = st.session_state.get(_EARLIER, _SHOWN_MESSAGES)
    held = len(shown) + bool(shown and shown[-1][1].role == "user")  # an answer that is awaited has its place
    grown = held - st.session_state.get(_HELD, held)
    if grown > 0 and most < _MOST_MESSAGES:
        most = min(_MOST_MESSAGES, most + grown)
    st.session_state[_EARLIER], st.session_state[_HELD] = most, held
    first = max(0, held - most)
    if first and shown[first][1].role != "user":
        first -= 1  # an answer without its question tells little
    if first:
        st.button(
            f"Show earlier questions ({(first + 1) // 2:,})",
            icon=":material/expand_less:",
            key="earlier",
            type="tertiary",
            on_click=_show_earlier,
        )
    return shown[first:]


def fold_earlier() -> None:
    """Show the last turns alone, because another chat is shown."""
    for key in (_EARLIER, _HELD):
        st.session_state.pop(key, None)


def _show_earlier() -> None:
    st.session_state[_EARLIER] = st.session_state.get(_EARLIER, _SHOWN_MESSAGES) + _MORE_MESSAGES


def show_question(message: Message) -> None:
    """Draw a question in the user's words, one that is very long folded, and which documents it was put to."""
    text = message.content["text"]
    if len(text) <= _LONG_CHARACTERS and text.count("\n") < _LONG_LINES:
        st.html(f'<p class="dm-answer">{plain_html(text)}</p>')
    else:
        beginning = "\n".join(text[:_LONG_CHARACTERS].split("\n")[:_LONG_LINES]).rstrip()
        st.html(f'<p class="dm-answer">{plain_html(beginning)} …</p>')
        with st.expander(f"The whole question ({count(len(text.split()), 'word')})"):
            st.html(f'<p class="dm-answer">{plain_html(text)}</p>')
    if message.content.get("scope"):
        st.caption("Only in " + plain_label(", ".join(message.content["scope"])))
    if message.content.get("pinned"):
        st.caption("Kept: " + plain_label(", ".join(message.content["pinned"])))


def show_reply(opened: AppState, chat: Chat, number: int, message: Message) -> Citation | None:
    """Draw an answer, and above it how its question was understood, where that is not what the user wrote.

    Args:
        opened: The app, as it is open.
        chat: The chat that is shown.
        number: Which of its messages the answer is.
        message: The answer.

    Returns:
        The citation that the user just opened, if any.
    """
    if asked_as := message.content.get("asked_as"):
        _show_asked_as(opened, chat, number, asked_as)
    key, outcome = f"{chat.id}-{number}", from_stored(message.content)
    if isinstance(outcome, Failure):
        return show_answer(outcome, key)
    question = outcome.asked_as or outcome.question

    def notes() -> None:
        show_each(opened, chat, number, question, outcome)
        show_unread(opened, chat, number, question, outcome.unread)
        show_looked_first(opened, chat, number, question, outcome)
        show_outdated(opened, chat, number, question, (*outcome.citations, *outcome.closest))

    if citation := show_answer(outcome, key, notes):
        opened_among(outcome.citations, key)
    show_from_cache(opened, chat, number, outcome)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-actions"):
        show_copy(outcome, key)
        if outcome.engine == BY_THE_APP:
            return citation  # it would say the same again, proves nothing and is no matter of opinion
        if not outcome.from_cache:  # which has its own way to be asked anew
            ask_anew_button(opened, chat, number, question, label="Ask again", key=f"{key}-again", fresh=True)
        show_download(opened, chat, outcome, key)
        if message.id is not None:
            show_feedback(opened, message.id, key)
    return citation


def _show_asked_as(opened: AppState, chat: Chat, number: int, asked_as: str) -> None:
    key = f"{chat.id}-{number}-asked-as"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        st.caption(f"Asked as: {plain_label(asked_as)}", width="content")
        with (
            st.popover("Edit", icon=":material/edit:", type="tertiary", disabled=chat.id in opened.answers),
            st.form(f"{key}-form", border=False),
        ):
            field = f"{key}-text"
            st.text_area("The question, as it is to be understood", asked_as, key=field)
            st.form_submit_button(
                "Ask this instead", icon=":material/refresh:", on_click=safely(_ask), args=(opened, chat, number, field)
            )


def _ask(opened: AppState, chat: Chat, number: int, field: str) -> None:
    ask_as(opened, chat, number, str(st.session_state[field]))
