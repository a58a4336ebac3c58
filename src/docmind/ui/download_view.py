"""Downloading an answer, or a whole chat, as a file that `docmind verify` can check."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
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
from docmind.workspace import Workspace

_NAME_CHARACTERS = 60


def show_download(opened: AppState, chat: Chat, answer: Answer, key: str) -> None:
    """A button that opens the choice of what to export, and in which form."""
    if st.button("Export", icon=":material/download:", key=f"{key}-download", type="tertiary"):
        _choose(opened, chat, answer)


@st.dialog("Export")
def _choose(opened: AppState, chat: Chat, answer: Answer) -> None:
    workspace = opened.workspace
    answers = answers_of(workspace.catalog.chats.messages(chat.id))
    if len(answers) > 1:
        _buttons(workspace, "This answer", [answer], "answer", answer.question)
        _buttons(workspace, "The whole chat", answers, "chat", chat.title)
    else:
        _buttons(workspace, "", [answer], "answer", answer.question)
    st.caption(
        "Each file but the PDF holds what `docmind verify` needs to say later whether the quotations still stand."
    )


def _buttons(workspace: Workspace, heading: str, answers: Sequence[Answer], kind: Kind, title: str) -> None:
    if heading:
        st.markdown(f"**{heading}**")
    with st.container(horizontal=True, gap="small"):
        for suffix, form in FORMS.items():
            st.download_button(
                form.title,
                # Made when it is asked for: the quotations are looked for in the documents, which takes a moment.
                partial(exported, workspace, answers, kind, title, form),
                file_name=file_name(title) + suffix,
                mime=form.media_type,
                key=f"download-{kind}{suffix}",
                on_click="ignore",
            )
        if st.button(
            "PDF", key=f"print-{kind}", help="Opens the browser's print dialogue: choose 'Save as PDF' there."
        ):
            wish = str(time.monotonic_ns())
            print_page(to_page(export_record(workspace, answers, kind=kind, title=title)), wish)


def exported(workspace: Workspace, answers: Sequence[Answer], kind: Kind, title: str, form: Form) -> bytes:
    """The bytes of the file."""
    return form.write(export_record(workspace, answers, kind=kind, title=title))


def file_name(title: str) -> str:
    """A file's name, without its suffix, that every system takes."""
    words = re.sub(r"[^\w-]+", "-", title[:_NAME_CHARACTERS]).strip("-")
    return words or "docmind"
