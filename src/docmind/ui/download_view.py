"""Downloading an answer, a whole chat or an analysis as a file that `docmind verify` can check."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from docmind.answering.events import Answer
from docmind.answering.export.files import FORMS, Form
from docmind.answering.export.page import to_page
from docmind.answering.export.record import Kind
from docmind.answering.stored import answers_of
from docmind.exporting import export_record
from docmind.storage.chats import Chat
from docmind.ui.app_state import AppState
from docmind.ui.print_view import print_page
from docmind.ui.safely import in_words, show_what_went_wrong
from docmind.workspace import Workspace

_NAME_CHARACTERS = 60


def show_download(opened: AppState, chat: Chat, answer: Answer, key: str) -> None:
    """A button that opens the choice of what to export, and in which form."""
    if st.button("Export", icon=":material/download:", key=f"{key}-download", type="tertiary"):
        _choose(opened, chat, answer)


def export_chat(opened: AppState, chat: Chat) -> None:
    """Open the choice of a form for a whole chat."""
    _choose(opened, chat, None)


@st.dialog("Export")
def _choose(opened: AppState, chat: Chat, answer: Answer | None) -> None:
    """One answer of a chat, or all of them where several are there; of None, all."""
    workspace = opened.workspace
    answers = answers_of(workspace.catalog.chats.messages(chat.id))
    if answer is not None:
        if len(answers) > 1:
            st.markdown("**This answer**")
        export_buttons(workspace, lambda: [answer], "answer", answer.question, "export-answer")
    if len(answers) > 1 or (answers and answer is None):
        st.markdown("**The whole chat**")
        export_buttons(workspace, lambda: answers, "chat", chat.title, "export-chat")
    if answer is None and not answers:
        st.info("Nothing has been answered in this chat yet. Ask something, then export it.", icon=":material/info:")
        return
    st.caption(
        "Each file but the PDF holds what `docmind verify` needs to say later whether the quotations still stand."
    )


def export_buttons(
    workspace: Workspace, answers: Callable[[], Sequence[Answer]], kind: Kind, title: str, key: str
) -> None:
    """A button for each form of an export.

    Args:
        workspace: The open library.
        answers: What is exported. Made when it is asked for: the quotations are looked for in the documents then, which
            takes a moment.
        kind: What they are together.
        title: What stands above them, and names the file.
        key: Tells the buttons from those of another export on the page.
    """
    with st.container(horizontal=True, gap="small"):
        for suffix, form in FORMS.items():
            st.download_button(
                form.title,
                partial(exported, workspace, answers, kind, title, form),
                file_name=file_name(title) + suffix,
                mime=form.media_type,
                key=f"{key}{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )
        if st.button(
            "Print or PDF",
            key=f"{key}-print",
            icon=":material/print:",
            help="Opens the browser's print dialogue: choose 'Save as PDF' there.",
        ):
            wish = str(time.monotonic_ns())
            with in_words():
                print_page(to_page(export_record(workspace, answers(), kind=kind, title=title)), wish)
            show_what_went_wrong()


def exported(
    workspace: Workspace, answers: Callable[[], Sequence[Answer]], kind: Kind, title: str, form: Form
) -> bytes:
    """The bytes of the file."""
    return form.write(export_record(workspace, answers(), kind=kind, title=title))


def file_name(title: str) -> str:
    """A file's name, without its suffix, that every system takes."""
    words = re.sub(r"[^\w-]+", "-", title[:_NAME_CHARACTERS]).strip("-")
    return words or "docmind"
