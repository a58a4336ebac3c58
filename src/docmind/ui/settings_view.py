"""What people may change: each setting with its default and what it costs, kept in the settings file."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from docmind.errors import SettingsError
from docmind.keeping_settings import keep_setting, set_in
from docmind.settings import Settings, load_settings
from docmind.ui.text import plain_label
from docmind.workspace import Workspace

_ENVIRONMENT = "the environment"


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting as people choose it.

    Attributes:
        field: Its name in `Settings`.
        title: What it is called on the page.
        options: What may be chosen: the value as it stands in the settings file, and its words; '' is the default of
            a setting that depends on the machine.
        costs: What it does, and what that takes.
    """

    field: str
    title: str
    options: dict[str, str]
    costs: str


CHOICES = (
    Choice(
        "thinking",
        "Think before answering",
        {"auto": "When a question needs it", "always": "Always", "never": "Never"},
        "Only models that can think do so. It helps where an answer has to be worked out, and the answer waits for it.",
    ),
    Choice(
        "answer_style",
        "Wording of answers",
        {"auto": "Small models quote, larger ones write", "quote": "Quote the documents", "write": "Write freely"},
        "Small models invent when they write. Every sentence is checked against the documents either way.",
    ),
    Choice(
        "answer_tokens",
        "Length of answers",
        {"": "One to three sentences", "128": "Short: one sentence", "1024": "Detailed: with conditions and figures"},
        "The time an answer takes grows with its length. What is quoted is as long as it stands there.",
    ),
    Choice(
        "first_word_seconds",
        "How long the model may read before it answers",
        {"2.0": "2 seconds", "5.0": "5 seconds", "15.0": "15 seconds", "30.0": "30 seconds"},
        "The longer it reads, the more passages it knows of, and the later its answer begins.",
    ),
    Choice(
        "retrieve_chunks",
        "Depth of the search",
        {"": "10 passages, or all that the model reads", "20": "20 passages", "50": "50 passages"},
        "A deeper search finds what is said in other words, and takes a little longer with each passage.",
    ),
    Choice(
        "cache",
        "Keep answers",
        {"true": "Keep them, and give them again", "false": "Answer anew each time"},
        "What was asked before of the same documents is answered at once. Kept answers lie in the library's folder.",
    ),
)


def show_choices(workspace: Workspace) -> None:
    """Draw all of them. What is chosen holds from the next question; what was set elsewhere, from the next start.

    Args:
        workspace: The open library, whose settings hold now.

    Raises:
        SettingsError: the settings cannot be read.
    """
    wanted = load_settings()
    running = workspace.settings
    later = [item.title for item in CHOICES if getattr(wanted, item.field) != getattr(running, item.field)]
    if later:
        st.info(plain_label(f"From the next start of DocMind: {', '.join(later)}."), icon=":material/restart_alt:")
    for choice in CHOICES:
        with st.container(gap="xsmall"):
            _show(choice, wanted, workspace)


def _show(choice: Choice, wanted: Settings, workspace: Workspace) -> None:
    value, default = (_written(getattr(item, choice.field)) for item in (wanted, Settings.model_construct()))
    options = choice.options if value in choice.options else {**choice.options, value: f"{value} (set by hand)"}
    fixed = set_in(choice.field) == _ENVIRONMENT
    key = f"setting-{choice.field}"
    st.selectbox(
        choice.title,
        list(options),
        index=list(options).index(value),
        format_func=options.__getitem__,
        key=key,
        disabled=fixed,
        on_change=_keep,
        args=(workspace, choice, key, default),
    )
    if fixed:
        st.caption(
            plain_label(f"DOCMIND_{choice.field.upper()} in the environment decides this; remove it to choose here.")
        )
    st.caption(plain_label(f"{choice.costs} Default: {choice.options[default]}."))


def _keep(workspace: Workspace, choice: Choice, key: str, default: str) -> None:
    value = str(st.session_state[key])
    try:
        keep_setting(choice.field, None if value == default else value)
        workspace.change(**{choice.field: getattr(load_settings(), choice.field)})
    except SettingsError as error:
        st.error(plain_label(str(error)), icon=":material/error:")


def _written(value: object) -> str:
    """A value as it stands in a settings file."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
