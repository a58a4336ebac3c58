"""What an empty chat says: ask, wait, or add something first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import streamlit as st

from docmind.storage.catalog import Document
from docmind.suggesting.suggest import kept_suggestions
from docmind.ui.address import ask_only, show_chat
from docmind.ui.app_state import AppState, add_samples
from docmind.ui.chats import ask_in_chat
from docmind.ui.remote_notice import notices
from docmind.ui.safely import in_words
from docmind.ui.scope import Scope
from docmind.ui.text import count, plain_label

_RECENT = 4  # documents
_SUGGESTED = 4  # questions
_LOOKED_AT = 6  # documents of which questions are made; the others come when they are chosen


def welcome(opened: AppState, ready: Sequence[Document], waiting: int, scope: Scope | None) -> None:
    """Draw it.

    Args:
        opened: The app, as it is open.
        ready: The documents that are searchable.
        waiting: How many others wait.
        scope: The documents to ask; None where none is left.
    """
    st.title("Ask your documents")
    if ready:
        newest = sorted(ready, key=lambda document: -document.added)
        if scope is None:
            st.write("Nothing is left to ask. Choose other documents, types or days in the sidebar.")
        else:
            chosen = set(scope.documents)
            asked = [document for document in newest if not chosen or document.id in chosen]
            st.write(f"{_asked(asked, len(ready))} Every sentence of an answer is tied to its source.")
            _suggested(opened, asked, scope)
            _recent(asked)
    elif waiting:
        st.write("Your documents are being read. You can ask as soon as the first one is ready.")
        st.page_link("pages/documents.py", label="See how far they are", icon=":material/folder_open:")
    else:
        stays = "" if notices(opened.workspace) else " Nothing you add leaves this machine."
        st.write(f"Your library is empty. Drop files into the box below.{stays}")
        with st.container(horizontal=True, gap="small"):
            if st.button("Add documents", icon=":material/upload_file:", type="primary"):
                st.switch_page("pages/documents.py")
            if st.button("Try it with sample documents", icon=":material/science:"):
                add_samples(opened)
                st.switch_page("pages/documents.py")


def _asked(asked: Sequence[Document], ready: int) -> str:
    """Which documents are asked, in a sentence."""
    if len(asked) == ready:
        return f"{count(ready, 'document')} to ask."
    if len(asked) == 1:
        return f"Only {plain_label(asked[0].name)} is asked."
    return f"{len(asked):,} of {count(ready, 'document')} are asked."


def _suggested(opened: AppState, documents: Sequence[Document], scope: Scope) -> None:
    """Questions to click that these documents answer; made while one looks where there are none yet."""
    looked_at = documents[:_LOOKED_AT]
    if not (opened.loading or opened.missing):
        opened.suggesting.wake(looked_at)
    making = opened.suggesting.working

    @st.fragment(run_every=1.0 if making else None)
    def draw() -> None:
        if making and not opened.suggesting.working:
            st.rerun()
        kept = [kept_suggestions(opened.workspace, document) or [] for document in looked_at]
        # The first of each document, then the second of each.
        turns = [question for several in zip_longest(*kept) for question in several if question]
        if turns:
            st.header("Try asking", anchor=False)
        elif making:
            st.html('<p class="dm-waiting">Looking for questions that your documents answer …</p>')
        with st.container(key="suggested", gap="xsmall"):
            for number, suggestion in enumerate(turns[:_SUGGESTED]):
                label, key = plain_label(suggestion.question), f"suggested-{number}"
                if st.button(
                    label, key=key, icon=":material/arrow_forward:", type="tertiary", disabled=bool(opened.missing)
                ):
                    with in_words():
                        show_chat(ask_in_chat(opened, None, suggestion.question, scope).id)
                    st.rerun()

    draw()


def _recent(newest: Sequence[Document]) -> None:
    """The documents that were added last; a click asks only that one."""
    st.header("Recent documents", anchor=False)
    with st.container(key="recent", gap="xsmall"):
        for document in newest[:_RECENT]:
            st.button(
                plain_label(document.name),
                key=f"recent-{document.id}",
                icon=":material/description:",
                type="tertiary",
                help=f"Ask only this document. {plain_label(document.description)}",
                on_click=ask_only,
                args=([document.id],),
            )
