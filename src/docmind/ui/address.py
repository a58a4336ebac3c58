"""What is shown, as the page's address says it: the chat and the documents to ask.

So a reload shows the same, the back button leads to the chat before, and a bookmark opens one. The links between the
pages know nothing of it; whoever comes back by one finds what was shown before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import streamlit as st

CHAT = "chat"
SCOPE = "scope"  # also the key of the widget that chooses it
_BEFORE = "address-before"
_state = st.session_state


def come_back() -> None:
    """Where one comes back from another page by a link, put into the address what it was before."""
    entered = SCOPE not in _state  # Streamlit forgets the widgets of a page that is not shown
    if entered and not _told() and (before := _state.get(_BEFORE)):
        st.query_params.update(before)
    _state[_BEFORE] = _told()


def shown_chat() -> str | None:
    """The id of the chat that the address names; it may be gone."""
    return st.query_params.get(CHAT)


def show_chat(chat_id: str | None) -> None:
    """Have the address name another chat, or none."""
    if chat_id is None:
        st.query_params.pop(CHAT, None)
    else:
        st.query_params[CHAT] = chat_id


def show_new_chat() -> None:
    """Have the address name neither a chat nor documents: a new chat asks all of them."""
    show_chat(None)
    choose_scope(())


def scope_of(known: Collection[str]) -> list[str]:
    """What the address names of all that can be chosen."""
    return [choice for choice in st.query_params.get_all(SCOPE) if choice in known]


def keep_scope() -> None:
    """Have the address name what the widget has just been set to."""
    choose_scope(_state[SCOPE])


def choose_scope(chosen: Sequence[str]) -> None:
    """Have the address name other documents to ask; of none, all are asked."""
    if chosen:
        st.query_params[SCOPE] = list(chosen)
    else:
        st.query_params.pop(SCOPE, None)


def _told() -> Mapping[str, list[str]]:
    return {key: values for key in (CHAT, SCOPE) if (values := st.query_params.get_all(key))}
