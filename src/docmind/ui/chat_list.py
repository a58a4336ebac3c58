"""The chats in the sidebar, to be opened and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import streamlit as st

from docmind.storage.chats import Chat
from docmind.ui.address import show_chat, shown_chat
from docmind.ui.app_state import AppState
from docmind.ui.chats import forget_chat
from docmind.ui.confirm import confirm_delete
from docmind.ui.text import plain_label


def show_chats(opened: AppState, chats: Sequence[Chat]) -> None:
    """Draw them, in that order."""
    if chats:
        st.caption("Earlier chats")
    for chat in chats:
        title, delete = st.columns([6, 1], vertical_alignment="center", gap="small")
        look: Literal["secondary", "tertiary"] = "secondary" if chat.id == shown_chat() else "tertiary"
        key = f"chat-{chat.id}"
        title.button(plain_label(chat.title), key, on_click=show_chat, args=(chat.id,), type=look, width="stretch")
        if delete.button("", icon=":material/delete:", key=f"delete-{chat.id}", help="Delete", type="tertiary"):
            confirm_delete("Delete this chat?", chat.title, partial(_delete, opened, chat))


def _delete(opened: AppState, chat: Chat) -> None:
    """Delete a chat; when it is the one shown, show an empty one."""
    forget_chat(opened, chat.id)
    if chat.id == shown_chat():
        show_chat(None)
