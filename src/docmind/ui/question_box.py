"""What stands at the foot of the chat: whether to think first, Stop, where text goes, and the box for the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.typing import ChatInputValue, UploadedFile

from docmind.answering.question import ThinkFirst
from docmind.answering.runs import AnswerRun
from docmind.settings import Settings
from docmind.ui.app_state import AppState
from docmind.ui.remote_notice import show_notices
from docmind.workspace import Workspace

_BOX = "question"
_SENT = "question-sent"
_WISHES: dict[ThinkFirst, str] = {"auto": "When needed", "always": "Always", "never": "Never"}


@dataclass(frozen=True, slots=True)
class Entered:
    """What the user has just sent.

    Attributes:
        question: '' where only files were dropped.
        files: To be queued.
        thinking: Whether to think first; None where that cannot be chosen.
    """

    question: str
    files: Sequence[UploadedFile]
    thinking: ThinkFirst | None


def question_box(opened: AppState, run: AnswerRun | None, *, follows: bool, disabled: bool) -> Entered | None:
    """Draw it.

    Args:
        opened: The app, as it is open.
        run: The answer that is being written in this chat; what stops it is here, where it is always in view.
        follows: Whether the page stays at its end as it grows, as that of a conversation does.
        disabled: Whether nothing can be asked now.

    Returns:
        What was sent; None as long as nothing is.
    """
    thinking: ThinkFirst | None = None
    with st.bottom:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="above-question"):
            if can_think(opened.workspace):
                st.caption("Think first", width="content")
                thinking = st.segmented_control(
                    "Think first",
                    list(_WISHES),
                    format_func=_WISHES.__getitem__,
                    default=opened.workspace.settings.thinking,
                    required=True,
                    key="thinking",
                    persist_state="session",
                    label_visibility="collapsed",
                    help="Thinking takes longer and helps where an answer has to be worked out.",
                )
            if run:
                _stop_button(run)
        if not follows:
            sent = _box(disabled=disabled)
    if follows:
        # Outside any container Streamlit puts it to the same place, and keeps the end of the page in view.
        sent = _box(disabled=disabled)
    with st.bottom:
        show_notices(opened.workspace, short=True)
    # The box itself tells of it where the app was started anew beneath the page, and knows nothing yet to be called.
    sent = st.session_state.pop(_SENT, None) or sent
    return Entered(sent.text.strip(), sent.files, thinking) if sent else None


def _box(*, disabled: bool) -> ChatInputValue | None:
    # Of whatever kind: the browser would drop other files without a word, and the reader names each with its reason.
    return st.chat_input(
        "Ask about your documents",
        key=_BOX,
        disabled=disabled,
        accept_file="multiple",
        on_submit=_keep_sent,
    )


def _keep_sent() -> None:
    # What the box returns is lost where the run that it came with draws another part of the page only, because the
    # reader asked for a page in the same moment, or is cut short by the next click. Kept, it waits for a whole run.
    st.session_state[_SENT] = st.session_state[_BOX]
    st.rerun()


def _stop_button(run: AnswerRun) -> None:
    st.button(
        "Stopping …" if run.stopping else "Stop",
        icon=":material/stop_circle:",
        key="stop",
        on_click=run.stop,
        disabled=run.stopping,
    )


def can_think(workspace: Workspace) -> bool:
    """Whether the model that is open, or another one here, thinks before it answers where it is asked to."""
    engine = workspace.current_engine.if_open
    if engine is not None and "thinking" in engine.modes:
        return True
    return _thinker(workspace, workspace.current_engine.settings) is not None


@st.cache_data(ttl=60, show_spinner=False, hash_funcs={Settings: Settings.model_dump_json})
def _thinker(_workspace: Workspace, settings: Settings) -> str | None:  # noqa: ARG001 - another choice asks again
    """A model that thinks; looked for once a minute, because that goes through the folder of models."""
    return _workspace.current_engine.model_for("thinking")
