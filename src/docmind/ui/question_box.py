"""What stands at the foot of the chat: whether to think first, where text goes, and the box for the question."""

from __future__ import annotations

import streamlit as st

from docmind.answering.question import ThinkFirst
from docmind.settings import Settings
from docmind.ui.app_state import AppState
from docmind.ui.remote_notice import show_notices
from docmind.workspace import Workspace

_WISHES: dict[ThinkFirst, str] = {"auto": "When needed", "always": "Always", "never": "Never"}


def question_box(opened: AppState, *, disabled: bool) -> tuple[str | None, ThinkFirst | None]:
    """Draw it; returns the question, once one is asked, and whether to think first, where that can be chosen."""
    thinking: ThinkFirst | None = None
    with st.bottom:
        if can_think(opened.workspace):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key="think-first"):
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
        question = st.chat_input("Ask a question about your documents", disabled=disabled or bool(opened.missing))
        show_notices(opened.workspace, short=True)
    return question, thinking


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
