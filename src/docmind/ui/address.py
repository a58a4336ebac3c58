"""What is shown, as the page's address says it: the chat and what limits the documents to ask.

So a reload shows the same, the back button leads to the chat before, and a bookmark opens one. The links between the
pages know nothing of it; whoever comes back by one finds what was shown before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date

import streamlit as st

CHAT = "chat"
SCOPE = "scope"  # these three are also the keys of the widgets that choose them
TYPES = "type"
ADDED = "added"
_LIMITS = (SCOPE, TYPES, ADDED)
_FIRST_YEAR, _LAST_YEAR = 1980, 2200  # of days that files may have been added on; far from what clocks cannot hold
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
    ask_only(())


def scope_of(known: Collection[str]) -> list[str]:
    """What the address names of all that can be chosen."""
    return [choice for choice in st.query_params.get_all(SCOPE) if choice in known]


def keep_scope() -> None:
    """Have the address name what the widget has just been set to."""
    _tell(SCOPE, _state[SCOPE])


def ask_only(chosen: Sequence[str]) -> None:
    """Have the address name documents to ask, whatever their type and date; of none, all are asked."""
    for key in _LIMITS:
        _tell(key, chosen if key == SCOPE else ())


def types_of(known: Collection[str]) -> list[str]:
    """What the address names of the types that there are."""
    return [kind for kind in st.query_params.get_all(TYPES) if kind in known]


def keep_types() -> None:
    """Have the address name the types that the widget has just been set to."""
    _tell(TYPES, _state[TYPES])


def added_of() -> tuple[date, ...]:
    """The first and the last day that the address names, or the first alone; none where it names no days."""
    days = []
    for told in st.query_params.get_all(ADDED)[:2]:
        with suppress(ValueError):  # written by hand
            days.append(date.fromisoformat(told))
    return tuple(sorted(day for day in days if _FIRST_YEAR <= day.year <= _LAST_YEAR))


def keep_added() -> None:
    """Have the address name the days that the widget has just been set to."""
    _tell(ADDED, [day.isoformat() for day in _state[ADDED]])


def _tell(key: str, values: Sequence[str]) -> None:
    if values:
        st.query_params[key] = list(values)
    else:
        st.query_params.pop(key, None)


def _told() -> Mapping[str, list[str]]:
    return {key: values for key in (CHAT, *_LIMITS) if (values := st.query_params.get_all(key))}
