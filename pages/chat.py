"""Chat: ask, watch the answer arrive, open its sources next to it."""

import streamlit as st

from docmind.answering.citations import Citation
from docmind.answering.runs import AnswerRun
from docmind.storage.catalog import Document
from docmind.storage.chats import Chat
from docmind.ui.adding import add_in_chat, show_added
from docmind.ui.address import OF_CHAT, come_back, note_shown, show_chat, show_new_chat, shown_chat
from docmind.ui.app_state import AppState
from docmind.ui.chat_list import show_chats
from docmind.ui.chats import ask_again, ask_in_chat, turns
from docmind.ui.evidence_view import beside_evidence, keep_mark_in_view
from docmind.ui.fetch_view import show_fetches
from docmind.ui.kept import forget_kept, kept_documents
from docmind.ui.language_notice import language_notices, show_language_notice
from docmind.ui.loading import show_loading
from docmind.ui.navigation import CHAT, enter
from docmind.ui.question_box import question_box
from docmind.ui.remote_notice import show_notices
from docmind.ui.safely import in_words, safely
from docmind.ui.scope import Scope
from docmind.ui.scope_box import asked_documents
from docmind.ui.scrolling import to_the_end
from docmind.ui.sidebar_rows import title_or_untitled
from docmind.ui.streaming_view import show_streaming
from docmind.ui.text import plain_html
from docmind.ui.turn_view import earlier_folded, fold_earlier, show_question, show_reply
from docmind.ui.welcome import welcome

state = st.session_state


def open_evidence(citation: Citation | None) -> None:
    """Open the panel on a citation, or close it."""
    state["evidence"] = citation
    state.pop("evidence_page", None)


def sidebar(opened: AppState, chats: list[Chat], ready: list[Document]) -> Scope | None:
    """Earlier chats and the scope; returns the documents to ask, as `asked_documents` does."""
    with st.sidebar:
        st.button("New chat", icon=":material/add:", key="new-chat", on_click=show_new_chat, width="stretch")
        asked = asked_documents(opened.workspace.catalog, ready)
        show_notices(opened.workspace)
        if opened.loading:
            show_loading(opened, box=False)
        show_fetches(opened)
        show_chats(opened, chats)
    return asked


def conversation(opened: AppState, chat: Chat, run: AnswerRun | None) -> None:
    """The turns of a chat, the running answer last."""
    messages = opened.workspace.catalog.chats.messages(chat.id)
    notices = language_notices(opened.workspace, messages)
    shown = turns(messages, running=bool(run) or chat.id in opened.answers)  # another window may have asked since
    # One container for all turns, so that a finished answer takes the very place of the one that was being written.
    with (talk := st.container()):
        st.html(f'<h1 class="dm-heard">{plain_html(title_or_untitled(chat.title))}</h1>')
        for number, message in earlier_folded(shown):
            avatar = ":material/person:" if message.role == "user" else ":material/menu_book:"
            with st.chat_message(message.role, avatar=avatar):
                if message.role == "user":
                    show_question(message)
                    if number in notices:
                        show_language_notice(notices[number])
                elif citation := show_reply(opened, chat, number, message):
                    open_evidence(citation)
                    st.rerun()
                elif "failure" in message.content and message is shown[-1][1]:
                    st.button(
                        "Try again", icon=":material/refresh:", on_click=safely(ask_again), args=(opened, chat.id)
                    )
    to_the_end(f"{chat.id}-{sum(message.role == 'user' for message in messages)}")
    keep_mark_in_view(state.get("evidence"))
    if run:
        # Not where it has ended since it was looked for: it stands above.
        if messages[-1].role == "user" or "failure" in messages[-1].content:
            with talk, st.chat_message("assistant", avatar=":material/menu_book:"):
                show_streaming(run)
        st.rerun()


opened = enter(CHAT)
catalog = opened.workspace.catalog
come_back(OF_CHAT)
chats = catalog.chats.all()
ready = catalog.documents("ready")
scope = sidebar(opened, chats, ready)
chat = next((chat for chat in chats if chat.id == shown_chat()), None)
if note_shown(OF_CHAT, chat.id if chat else None):
    forget_kept()
    fold_earlier()
    open_evidence(None)
# Looked for before the messages are read: an answer that ends meanwhile is among them.
run = opened.answers.get(chat.id) if chat else None
show_added(opened)
entered = question_box(opened, run, follows=bool(chat), disabled=bool(run or opened.missing) or scope is None)
if entered:
    if entered.files:
        add_in_chat(opened, entered.files)
    if entered.question and scope is not None:
        open_evidence(None)
        with in_words():
            chat = ask_in_chat(opened, chat, entered.question, scope, entered.thinking, pinned=kept_documents())
            note_shown(OF_CHAT, chat.id)
            show_chat(chat.id)
    st.rerun()

with beside_evidence(opened, state.get("evidence"), open_evidence):
    if chat:
        conversation(opened, chat, run)
    else:
        if shown_chat():
            st.info("This chat is not here any more. Ask anew, or open another one.", icon=":material/info:")
        welcome(opened, ready, len(catalog.documents("queued", "reading")), scope)
