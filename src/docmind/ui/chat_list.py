"""The chats in the sidebar: opened, found again, pinned, renamed, and deleted with a way back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import streamlit as st

from docmind.storage.chats import Chat, DeletedChat
from docmind.ui.address import ask_within, show_chat, show_new_chat, shown_chat
from docmind.ui.app_state import AppState
from docmind.ui.chats import asked_last, forget_chat
from docmind.ui.download_view import export_chat
from docmind.ui.safely import safely
from docmind.ui.scope import Told
from docmind.ui.sidebar_rows import ask_title, show_sidebar_row, show_sidebar_rows, title_or_untitled
from docmind.ui.text import plain_label

_MANY = 8  # chats from which on one wants to search
_MAY_RETURN = 120  # seconds for which a deleted chat can be brought back
_DELETED = "deleted-chat"
_state = st.session_state


def show_chats(opened: AppState, chats: Sequence[Chat]) -> None:
    """Draw them, in that order."""
    _show_deleted(opened)
    if not chats:
        return
    st.caption("Chats")
    if len(chats) > _MANY and (wanted := _search_box()):
        found = opened.workspace.catalog.chats.about(wanted)
        chats = [chat for chat in chats if chat.id in found]
        if not chats:
            st.caption(f"No chat is about “{plain_label(wanted)}”.")
    show_sidebar_rows("chats", chats, lambda chat: _show_row(opened, chat))


def _search_box() -> str:
    box = st.text_input(
        "Find a chat",
        key="find-chat",
        placeholder="Find a chat",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    return box.strip()


def _show_row(opened: AppState, chat: Chat) -> None:
    wish = show_sidebar_row(
        f"chat-{chat.id}",
        chat.title,
        is_shown=chat.id == shown_chat(),
        is_pinned=chat.pinned,
        show=partial(_open, opened, chat.id),
        wishes=["Rename", "Unpin" if chat.pinned else "Pin", "Export", "Delete"],
        grant=partial(_grant, opened, chat),
    )
    if wish == "Rename":
        ask_title("chat", chat.title, partial(opened.workspace.catalog.chats.rename, chat.id))
    elif wish == "Export":
        export_chat(opened, chat)


def _open(opened: AppState, chat_id: str) -> None:
    """Show a chat; its next question is put to the documents that its last one was put to."""
    if chat_id == shown_chat():
        return  # what is chosen to be asked next stays chosen
    show_chat(chat_id)
    told: Told = {}  # all are asked where what was asked is gone
    try:
        told = asked_last(opened, chat_id)
    finally:
        ask_within(told)


def _grant(opened: AppState, chat: Chat, wish: str) -> None:
    match wish:
        case "Pin" | "Unpin":
            opened.workspace.catalog.chats.pin(chat.id, pinned=not chat.pinned)
        case "Delete":
            was_shown = chat.id == shown_chat()
            _state[_DELETED] = (forget_chat(opened, chat.id), was_shown, time.monotonic())
            if was_shown:
                show_new_chat()


def _show_deleted(opened: AppState) -> None:
    """For a while, the way back of the chat that was deleted last."""
    deleted: DeletedChat | None
    deleted, was_shown, when = _state.get(_DELETED, (None, False, 0.0))
    if deleted is None or time.monotonic() - when > _MAY_RETURN:
        _state.pop(_DELETED, None)
        return
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.caption(f"Deleted: {plain_label(title_or_untitled(deleted.chat.title))}", width="stretch")
        st.button("Undo", key="undo", on_click=safely(_restore), args=(opened, deleted, was_shown))


def _restore(opened: AppState, deleted: DeletedChat, was_shown: bool) -> None:
    opened.workspace.catalog.chats.restore(deleted)
    _state.pop(_DELETED, None)
    if was_shown:
        _open(opened, deleted.chat.id)
