"""What is chosen elsewhere than on the Settings page: the model, where things lie, and what leaves this machine."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from docmind.settings import Settings
from docmind.ui.app_state import AppState
from docmind.ui.navigation import MODELS
from docmind.ui.remote_notice import notices
from docmind.ui.text import count, file_size, plain_html, plain_label


def show_model(opened: AppState) -> None:
    """Which model answers, and the way to another."""
    engine = opened.workspace.current_engine.if_open
    if engine:
        value = engine.model_name if engine.model_name != "none" else "No model: the documents are quoted"
    elif opened.loading:
        value = "Being opened"
    else:
        value = next(iter(opened.missing.values()), opened.problem) or "Opened with the next question"
    _fact(
        "Model that answers",
        value,
        "A larger one answers better, and needs more memory and time. Default: the best that this machine has and "
        "holds.",
    )
    st.page_link(MODELS, label="Choose a model", icon=":material/memory:")


def show_library(opened: AppState) -> None:
    """Where the library lives and what it holds."""
    settings = opened.workspace.settings
    number, size = opened.workspace.catalog.ready_size()
    holds = f"{count(number, 'document')} ({file_size(size)})"
    passages = "" if settings.qdrant_url else "their passages, "
    _fact(
        "Where the library lives",
        str(settings.data_dir),
        f"It holds {holds}, {passages}your chats and kept answers. To move it, close DocMind, move the folder and set "
        f"DOCMIND_DATA_DIR. {_default('data_dir', settings)}",
    )
    _fact(
        "Where models live",
        str(settings.models_path),
        "They take gigabytes, and several libraries share them. DOCMIND_MODELS_DIR names another folder. "
        f"{_default('models_path', settings)}",
    )


def show_privacy(opened: AppState) -> None:
    """What leaves this machine."""
    leaves = notices(opened.workspace)
    _fact(
        "What leaves this machine",
        " ".join(leaves) or "Nothing of your documents, questions and answers",
        "A server elsewhere can hold larger models, or the passages of large libraries, and reads what is sent to it: "
        "only where DOCMIND_SERVER_URL or DOCMIND_QDRANT_URL names one and DOCMIND_ALLOW_REMOTE_SERVER allows it. "
        "Default: nothing leaves it.",
    )


def _fact(title: str, value: str, costs: str) -> None:
    with st.container(gap="xsmall"):
        st.html(f'<p class="dm-label">{plain_html(title)}</p><p class="dm-fact">{plain_html(value)}</p>')
        st.caption(plain_label(costs))


def _default(name: str, settings: Settings) -> str:
    """Where it is by itself; the app is told the folder in any case, so this is no matter of what is set."""
    default: Path = getattr(Settings.model_construct(), name)
    return "This is the default." if getattr(settings, name) == default else f"Default: {default}."
