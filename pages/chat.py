"""Chat: ask, watch the answer arrive, open its sources next to it."""

from functools import partial

import streamlit as st

from docmind.answering.citations import Citation
from docmind.storage.chats import Chat
from docmind.ui.app_state import AppState
from docmind.ui.chats import ask_again, ask_in_chat, forget_chat, turns
from docmind.ui.confirm import confirm_delete
from docmind.ui.evidence_view import beside_evidence
from docmind.ui.fetch_view import show_fetches
from docmind.ui.kept import forget_kept, kept_documents
from docmind.ui.loading import show_loading
from docmind.ui.navigation import CHAT, enter
from docmind.ui.question_box import question_box
from docmind.ui.remote_notice import show_notices
from docmind.ui.streaming_view import show_streaming
from docmind.ui.text import plain_label
from docmind.ui.turn_view import show_question, show_reply
from docmind.ui.welcome import welcome

state = st.session_state


def open_chat(chat_id: str | None) -> None:
    """Show another chat; its evidence panel starts closed."""
    state["chat"] = chat_id
    forget_kept()
    open_evidence(None)


def delete_chat(opened: AppState, chat: Chat) -> None:
    """Delete a chat; when it is the one shown, show an empty one."""
    forget_chat(opened, chat.id)
    if chat.id == state.get("chat"):
        open_chat(None)


def open_evidence(citation: Citation | None) -> None:
    """Open the panel on a citation, or close it."""
    state["evidence"] = citation
    state.pop("evidence_page", None)


def sidebar(opened: AppState, chats: list[Chat], scope_options: dict[str, str]) -> list[str]:
    """Earlier chats and the scope; returns the ids of the documents to ask."""
    with st.sidebar:
        st.button("New chat", icon=":material/add:", on_click=open_chat, args=(None,), width="stretch")
        scope = st.multiselect(
            "Ask only these documents",
            options=list(scope_options),
            format_func=lambda document_id: scope_options.get(document_id, "removed"),
            placeholder="All documents",
            key="scope",
        )
        show_notices(opened.workspace)
        if opened.loading:
            show_loading(opened, box=False)
        show_fetches(opened)
        if chats:
            st.caption("Earlier chats")
        for chat in chats:
            title, delete = st.columns([6, 1], vertical_alignment="center", gap="small")
            look = "secondary" if chat.id == state.get("chat") else "tertiary"
            key = f"chat-{chat.id}"
            title.button(plain_label(chat.title), key, on_click=open_chat, args=(chat.id,), type=look, width="stretch")
            if delete.button("", icon=":material/delete:", key=f"delete-{chat.id}", help="Delete", type="tertiary"):
                confirm_delete("Delete this chat?", chat.title, partial(delete_chat, opened, chat))
    return scope


def conversation(opened: AppState, chat: Chat) -> None:
    """The turns of a chat, the running answer last."""
    # Read first: an answer that ends meanwhile is then shown twice, not never.
    run = opened.answers.get(chat.id)
    messages = opened.workspace.catalog.chats.messages(chat.id)
    for number, message in turns(messages, running=run is not None):
        avatar = ":material/person:" if message.role == "user" else ":material/menu_book:"
        with st.chat_message(message.role, avatar=avatar):
            if message.role == "user":
                show_question(message)
            elif citation := show_reply(opened, chat, number, message):
                open_evidence(citation)
                st.rerun()
            elif "failure" in message.content and message is messages[-1]:
                st.button("Try again", icon=":material/refresh:", on_click=ask_again, args=(opened, chat.id))
    if run:
        with st.chat_message("assistant", avatar=":material/menu_book:"):
            show_streaming(run)
        st.rerun()


opened = enter(CHAT)
catalog = opened.workspace.catalog
chats = catalog.chats.all()
ready = catalog.documents("ready")
scope = sidebar(opened, chats, {document.id: document.name for document in ready})
chat = next((chat for chat in chats if chat.id == state.get("chat")), None)
question, thinking = question_box(opened, disabled=not ready or bool(chat and chat.id in opened.answers))
if question:
    open_evidence(None)
    state["chat"] = ask_in_chat(opened, chat, question, scope, thinking, pinned=kept_documents()).id
    st.rerun()

with beside_evidence(opened, state.get("evidence"), open_evidence):
    if chat:
        conversation(opened, chat)
    else:
        welcome(opened, len(ready), len(catalog.documents("queued", "reading")))
