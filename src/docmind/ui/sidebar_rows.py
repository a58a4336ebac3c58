"""Rows of the sidebar, of chats and analyses alike: a title that opens it, and a menu of what else can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from docmind.ui.naming import ask_name
from docmind.ui.safely import safely
from docmind.ui.text import heard_label, plain_label

_SHOWN = 12  # rows drawn at once; each click draws them all
_TITLE_CHARACTERS = 200
_Item = TypeVar("_Item")


def show_sidebar_rows(name: str, items: Sequence[_Item], show_row: Callable[[_Item], None]) -> None:
    """Draw the first of them, and a button that shows more.

    Args:
        name: What they are, for the keys.
        items: In their order.
        show_row: Draws one, with `show_sidebar_row`.
    """
    more = f"more-{name}"
    most = st.session_state.get(more, _SHOWN)

    def show_more() -> None:
        st.session_state[more] = most + _SHOWN

    with st.container(key=f"listed-{name}", gap=None):  # the styles know it by the beginning of its key
        for item in items[:most]:
            show_row(item)
    if len(items) > most:
        words = f"Show {min(_SHOWN, len(items) - most)} more"
        st.button(words, key=f"show-more-{name}", type="tertiary", on_click=show_more)


def show_sidebar_row(
    key: str,
    title: str,
    *,
    is_shown: bool,
    is_pinned: bool = False,
    show: Callable[[], None],
    wishes: Sequence[str],
    grant: Callable[[str], None] = lambda _: None,
) -> str | None:
    """Draw one.

    Args:
        key: Tells it from the other rows of the page.
        title: What it is called; it may come from a document.
        is_shown: Whether it is what the page shows.
        is_pinned: Whether it stands above the others.
        show: Shows it, before the page is drawn.
        wishes: What the menu offers.
        grant: Does what was chosen, before the page is drawn.

    Returns:
        What was chosen from the menu, for that which opens a dialogue and so has to be done while the page is drawn.
    """
    menu = f"more-{key}"

    def granted() -> None:
        grant(st.session_state[menu])

    with st.container(horizontal=True, wrap=False, gap=None, vertical_alignment="center", key=f"row-{key}"):
        st.button(
            plain_label(title_or_untitled(title)),
            key=key,
            icon=":material/keep:" if is_pinned else None,
            type="secondary" if is_shown else "tertiary",
            width="stretch",
            on_click=safely(show),
        )
        wish: str | None = st.menu_button(
            # Seen is the icon alone; whoever hears the page is told which one it belongs to.
            f"More: {heard_label(title) or 'Untitled'}",
            wishes,
            key=menu,
            icon=":material/more_horiz:",
            type="tertiary",
            on_click=safely(granted),
        )
    return wish


def ask_title(what: str, title: str, keep: Callable[[str], None]) -> None:
    """Open a dialogue that asks for another title of a chat or an analysis."""
    ask_name(f"Rename {what}", "Title", title, _TITLE_CHARACTERS, lambda wanted: keep(" ".join(wanted.split())))


def title_or_untitled(title: str) -> str:
    """A title, or another where there is nothing in it to be seen."""
    seen = any(character.isprintable() and not character.isspace() for character in title)
    return title if seen else "Untitled"
