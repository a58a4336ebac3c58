"""What is shown, as the page's address says it: the chat and what limits the documents to ask, or the analysis.

So a reload shows the same, the back button leads to the one before, and a bookmark opens one. The links between the
pages know nothing of it; whoever comes back by one finds what was shown before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date

import streamlit as st

from docmind.ui.scope import SCOPE, Told

CHAT = "chat"
TYPES = "type"  # these two, like SCOPE, are also the keys of the widgets that choose them
ADDED = "added"
_LIMITS = (SCOPE, TYPES, ADDED)
OF_CHAT = (CHAT, *_LIMITS)  # what the addresses of the two pages may name
_ANALYSIS = "analysis"
OF_ANALYSIS = (_ANALYSIS,)
_FIRST_YEAR, _LAST_YEAR = 1980, 2200  # of days that files may have been added on; far from what clocks cannot hold
_BEFORE, _PAGE, _ENTERED = "address-before", "address-page", "address-entered"
_state = st.session_state


def enter_page(page: str) -> bool:
    """Note which page is drawn, so that `come_back` knows one that was just come to; returns whether it is one."""
    entered = bool(_state.get(_PAGE) != page)
    if entered:
        _state[_PAGE], _state[_ENTERED] = page, True
    return entered


def come_back(names: Sequence[str]) -> None:
    """Where one comes back from another page by a link, put into the address what it was before.

    Args:
        names: What the address of this page may name.
    """
    before = f"{_BEFORE}-{names[0]}"
    if _state.pop(_ENTERED, False) and not _told(names) and (told := _state.get(before)):
        st.query_params.update(told)
    _state[before] = _told(names)


def note_shown(names: Sequence[str], shown: str | None) -> bool:
    """Note which chat or analysis a page shows.

    Args:
        names: What the address of this page may name, first that.
        shown: Its id; None where the page shows none.

    Returns:
        Whether it is another one than was noted before, were it by the back button.
    """
    before = _state.setdefault(names[0], shown)
    _state[names[0]] = shown
    return bool(before != shown)


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
    ask_within({SCOPE: chosen})


def ask_within(told: Told) -> None:
    """Have the address say of the documents to ask what `told_scope` gave, and nothing else."""
    for key in _LIMITS:
        _tell(key, told.get(key, ()))


def told_scope() -> Told:
    """What the address says of the documents to ask; nothing where all are asked."""
    return _told(_LIMITS)


def show_new_analysis() -> None:
    """Have the page of analyses, once it is come to, show none."""
    _state.pop(f"{_BEFORE}-{_ANALYSIS}", None)


def shown_analysis() -> str | None:
    """The id of the analysis that the address names; it may be gone."""
    return st.query_params.get(_ANALYSIS)


def show_analysis_of(analysis_id: str | None) -> None:
    """Have the address name another analysis, or none."""
    _tell(_ANALYSIS, [analysis_id] if analysis_id else [])


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


def _told(names: Sequence[str]) -> dict[str, list[str]]:
    return {name: values for name in names if (values := st.query_params.get_all(name))}
