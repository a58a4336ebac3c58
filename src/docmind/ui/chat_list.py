"""The chats in the sidebar: opened, found again, pinned, renamed, and deleted with a way back."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from docmind.storage.chats import Chat, DeletedChat
from docmind.ui.address import show_chat, shown_chat
from docmind.ui.app_state import AppState
from docmind.ui.chats import forget_chat
from docmind.ui.naming import ask_name
from docmind.ui.text import heard_label, plain_label

_SHOWN = 12  # chats drawn at once; each click draws them all
_MANY = 8  # chats from which on one wants to search
_MAY_RETURN = 120  # seconds for which a deleted chat can be brought back
_TITLE_CHARACTERS = 200
_DELETED, _MORE = "deleted-chat", "more-chats"
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
    most = _state.get(_MORE, _SHOWN)
    with st.container(key="chats", gap=None):
        for chat in chats[:most]:
            _show_row(opened, chat)
    if len(chats) > most:
        st.button(f"Show {min(_SHOWN, len(chats) - most)} more", key="show-more", type="tertiary", on_click=_show_more)


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
    shown = chat.id == shown_chat()
    with st.container(horizontal=True, wrap=False, gap=None, vertical_alignment="center", key=f"row-{chat.id}"):
        st.button(
            _shown(chat.title),
            key=f"chat-{chat.id}",
            icon=":material/keep:" if chat.pinned else None,
            type="secondary" if shown else "tertiary",
            width="stretch",
            on_click=show_chat,
            args=(chat.id,),
        )
        wish = st.menu_button(
            # Seen is the icon alone; whoever hears the page is told which chat it belongs to.
            f"More: {heard_label(chat.title) or 'Untitled'}",
            ["Rename", "Unpin" if chat.pinned else "Pin", "Delete"],
            key=f"more-{chat.id}",
            icon=":material/more_horiz:",
            type="tertiary",
            on_click=_do,
            args=(opened, chat),
        )
    if wish == "Rename":
        _rename(opened, chat)


def _shown(title: str) -> str:
    """A title, or another where there is nothing in it to be seen."""
    seen = any(character.isprintable() and not character.isspace() for character in title)
    return plain_label(title) if seen else "Untitled"


def _do(opened: AppState, chat: Chat) -> None:
    """Do what was chosen, before the page is drawn; a new title is asked for while it is."""
    match _state[f"more-{chat.id}"]:
        case "Pin" | "Unpin":
            opened.workspace.catalog.chats.pin(chat.id, pinned=not chat.pinned)
        case "Delete":
            was_shown = chat.id == shown_chat()
            _state[_DELETED] = (forget_chat(opened, chat.id), was_shown, time.monotonic())
            if was_shown:
                show_chat(None)


def _rename(opened: AppState, chat: Chat) -> None:
    def keep(title: str) -> None:
        opened.workspace.catalog.chats.rename(chat.id, " ".join(title.split()))

    ask_name("Rename chat", "Title", chat.title, _TITLE_CHARACTERS, keep)


def _show_deleted(opened: AppState) -> None:
    """For a while, the way back of the chat that was deleted last."""
    deleted: DeletedChat | None
    deleted, was_shown, when = _state.get(_DELETED, (None, False, 0.0))
    if deleted is None or time.monotonic() - when > _MAY_RETURN:
        _state.pop(_DELETED, None)
        return
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.caption(f"Deleted: {_shown(deleted.chat.title)}", width="stretch")
        st.button("Undo", key="undo", on_click=_restore, args=(opened, deleted, was_shown))


def _restore(opened: AppState, deleted: DeletedChat, was_shown: bool) -> None:
    _state.pop(_DELETED, None)
    opened.workspace.catalog.chats.restore(deleted)
    if was_shown:
        show_chat(deleted.chat.id)


def _show_more() -> None:
    _state[_MORE] = _state.get(_MORE, _SHOWN) + _SHOWN
