"""The queue on the screen: how far reading is, on every page; pausing and cancelling it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from docmind.ingestion.removal import cancel
from docmind.ingestion.standing import Standing
from docmind.storage.catalog import Document
from docmind.ui.app_state import AppState
from docmind.ui.frame import announce
from docmind.ui.safely import safely, went_wrong
from docmind.ui.text import button_label, count, named, plain_label

_SHOWN = 20  # documents of the queue that are listed
_SAID = "cancelled"
_WHAT_STAYS = "Nothing of the documents that wait is kept; those that are read already stay."
_ASKS = "asks-whether-to-cancel"  # the place on the page where it is asked


def show_queue(opened: AppState, *, listed: bool, entered: bool) -> None:
    """How far reading is, in the sidebar of whatever page is shown, and once what was cancelled.

    Args:
        opened: The app, as it is open.
        listed: Whether the page lists the documents that wait; any other says so in a line where the sidebar is folded.
        entered: Whether the page was just come to; what another page asked is asked no more.
    """
    if entered:
        st.session_state.pop(_ASKS, None)
    if said := st.session_state.pop(_SAID, None):
        st.toast(plain_label(said), icon=":material/close:", duration="long")
    if opened.workspace.catalog.has("reading", "queued"):
        with st.sidebar:
            _in_the_sidebar(opened)
        if not listed:
            with st.container(key="queue-line"):  # the styles show it on narrow windows alone
                _in_a_line(opened)
    else:
        st.session_state.pop(_ASKS, None)
        if opened.workspace.catalog.folders.has_any():
            with st.container(key="unseen-work"):
                _await_work(opened)


@st.fragment(run_every=2)
def _await_work(opened: AppState) -> None:
    """Draws the whole page once something waits: folders kept in step add documents without a click."""
    if opened.workspace.catalog.has("reading", "queued"):
        st.rerun()


@st.fragment(run_every=2)
def _in_a_line(opened: AppState) -> None:
    if standing := opened.ingestion.standing():
        st.caption(f":material/menu_book: {plain_label(' · '.join(standing_words(standing)))}")


@st.fragment(run_every=1)
def _in_the_sidebar(opened: AppState) -> None:
    """Redraws itself, and the whole page once nothing waits any more."""
    standing = opened.ingestion.standing()
    if standing is None or _SAID in st.session_state or went_wrong():
        st.rerun()
    with st.container(key="queue", gap="xsmall"):
        reading, *how_long = map(plain_label, standing_words(standing))
        st.progress(standing.share, text=" · ".join([f"**{reading}**", *how_long]))
        with st.container(key="queue-name"):  # a long one is cut; what else is said never is
            st.caption(plain_label(standing.name))
        if opened.ingestion.problem:
            st.caption(f":orange[:material/warning: {plain_label(opened.ingestion.problem)}]")
        with st.container(horizontal=True, gap="small"):
            _buttons(opened, "sidebar")


def _buttons(opened: AppState, place: str) -> None:
    """Pause or go on, try again where reading has stopped, cancel all."""
    if st.session_state.get(_ASKS) == place:
        _ask_whether(opened, place)
        return
    jobs = opened.ingestion
    if jobs.problem:
        st.button("Try again", f"{place}-again", icon=":material/refresh:", type="tertiary", on_click=jobs.wake)
    elif jobs.paused:
        st.button("Resume", f"{place}-resume", icon=":material/play_arrow:", type="tertiary", on_click=jobs.resume)
    else:
        st.button("Pause", f"{place}-pause", icon=":material/pause:", type="tertiary", on_click=jobs.pause)
    st.button(
        "Cancel all",
        f"{place}-cancel",
        icon=":material/close:",
        type="tertiary",
        help=_WHAT_STAYS,
        on_click=safely(_cancel_all),
        args=(opened, place),
    )


def _cancel_all(opened: AppState, place: str) -> None:
    """Cancel the only one that waits; of several, ask first, in the place of the buttons."""
    waiting = opened.workspace.catalog.documents("reading", "queued")
    if len(waiting) > 1 and st.session_state.get(_ASKS) != place:
        st.session_state[_ASKS] = place
        announce(f"Cancel all {len(waiting):,} documents? Press Cancel once more, or Go on reading.")
        return
    st.session_state.pop(_ASKS, None)
    _cancel(opened, waiting)


def _ask_whether(opened: AppState, place: str) -> None:
    """Whether all that wait are to be cancelled."""
    waiting = len(opened.workspace.catalog.documents("reading", "queued"))
    st.button(
        f"Cancel {count(waiting, 'document')}",
        f"{place}-cancel-sure",
        icon=":material/close:",
        type="primary",
        help=_WHAT_STAYS,
        on_click=safely(_cancel_all),
        args=(opened, place),
    )
    st.button(
        "Go on reading", f"{place}-cancel-not", type="tertiary", on_click=st.session_state.pop, args=(_ASKS, None)
    )


def standing_words(standing: Standing) -> list[str]:
    """Which document of how many is read, and how much longer all take where that can be estimated."""
    words = [f"Reading {standing.number:,} of {standing.total:,}"]
    if standing.paused:
        return [*words, "paused"]
    return words if standing.seconds_left is None else [*words, left(standing.seconds_left)]


def left(seconds: float) -> str:
    """Time left, in words."""
    if seconds < 60:
        return "less than a minute left"
    if seconds < 3600:
        return f"about {seconds / 60:.0f} min left"
    return f"about {seconds / 3600:.1f} h left"


@st.fragment(run_every=0.5)
def show_waiting(opened: AppState) -> None:
    """The documents that wait, one by one; redraws itself, and the whole page once a document is through."""
    state = st.session_state
    waiting = opened.workspace.catalog.documents("reading", "queued")
    if len(waiting) != state.get("waiting_shown", len(waiting)) or not waiting or _SAID in state or went_wrong():
        state["waiting_shown"] = len(waiting)
        st.rerun()
    state["waiting_shown"] = len(waiting)
    if opened.ingestion.problem:
        st.error(plain_label(opened.ingestion.problem), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{count(len(waiting), 'document')} to read**", width="stretch")
        with st.container(horizontal=True, gap="small", width="content"):  # on a phone they stay beside one another
            _buttons(opened, "page")
    for document in _reading_first(waiting)[:_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            share = document.chunks_done / document.chunks if document.chunks else 0.0
            st.progress(share, text=f"{plain_label(document.name)}: {_how_far(document)}")
            st.button(
                button_label("Cancel", document.name),
                f"cancel-{document.id}",
                icon=":material/close:",
                type="tertiary",
                on_click=safely(_cancel),
                args=(opened, [document]),
            )
    if len(waiting) > _SHOWN:
        st.caption(f"and {count(len(waiting) - _SHOWN, 'document')} more")


def _reading_first(waiting: Sequence[Document]) -> list[Document]:
    """In the order in which they are read."""
    return sorted(waiting, key=lambda document: (document.state != "reading", document.attempts, document.size))


def _how_far(document: Document) -> str:
    if document.state == "queued":
        return "waiting"
    if document.chunks:
        return f"{document.chunks_done:,} of {count(document.chunks, 'passage')}"
    return "reading the file"


def _cancel(opened: AppState, documents: Sequence[Document]) -> None:
    """Cancel them; the page says so when it is drawn next."""
    cancelled: list[str] = []
    try:
        cancelled.extend(document.name for document in documents if cancel(opened.workspace, document))
    finally:
        if cancelled:
            st.session_state[_SAID] = cancelled_words(cancelled)
            # Else the list of those that wait would draw the page again at once, and what is said would not be seen.
            st.session_state["waiting_shown"] = len(opened.workspace.catalog.documents("reading", "queued"))


def cancelled_words(names: Sequence[str]) -> str:
    """What was cancelled, and that nothing is left of it."""
    if len(names) == 1:
        return f"{names[0]} was cancelled. Nothing of it is kept."
    return f"{count(len(names), 'document')} were cancelled: {named(names)}. Nothing of them is kept."
