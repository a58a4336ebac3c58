"""The one model that is recommended for this machine, and how to have it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from docmind.models import Hardware, Row, recommended
from docmind.models.model import HubRepository
from docmind.settings import Settings
from docmind.ui.app_state import AppState
from docmind.ui.fetch_view import show_fetch
from docmind.ui.models_view import is_in_use, use
from docmind.ui.text import file_size, plain_label


def show_recommendation(opened: AppState, rows: Sequence[Row], hardware: Hardware, *, choosable: bool) -> None:
    """Draw it.

    Args:
        opened: The app, as it is open.
        rows: All models, in the window that is usual.
        hardware: The machine.
        choosable: Whether the settings leave the choice to the app.
    """
    ranked = recommended(rows, hardware)
    if not ranked or ranked[0].model is None:
        return
    row, model = ranked[0], ranked[0].model
    with st.container(border=True, key="recommended"):
        st.markdown(f"**Recommended here: {plain_label(row.name)}**, {plain_label(file_size(model.size_bytes))}")
        st.caption(plain_label(model.description))
        if is_in_use(opened, row):
            st.markdown(":green-badge[:material/check: in use]")
        elif row.path:
            if choosable and st.button("Use it", type="primary", key="recommended-use", disabled=bool(opened.loading)):
                use(opened, row.name)
        elif model.is_fetched:
            _fetch(opened, row, "Fetch it")
        elif isinstance(model.source, HubRepository):
            _copy(opened.workspace.settings, row, model.source)
            other = next((each for each in ranked if each.model and each.model.is_fetched), None)
            if other and other.path is None:
                _fetch(opened, other, f"Or fetch {other.name} with one press")


def _fetch(opened: AppState, row: Row, words: str) -> None:
    if fetch := opened.fetches.get(row.name):
        show_fetch(opened, fetch, key="recommended")
    elif row.model:
        label = plain_label(f"{words} ({file_size(row.model.size_bytes)})")
        st.button(label, "recommended-get", icon=":material/download:", on_click=opened.fetch, args=(row.name,))


def _copy(settings: Settings, row: Row, source: HubRepository) -> None:
    """DocMind fetches nothing from hubs: the user does, with a command or by hand."""
    st.write(plain_label(row.advice))
    folder = settings.models_path / row.name
    st.code(
        f"hf download {source.repository} {source.file} --local-dir '{folder}'".replace("  ", " "),
        language=None,
        wrap_lines=True,
    )
    if st.button("I have put it there", key="recommended-there", icon=":material/refresh:"):
        # The page that is drawn for this press has just looked for it.
        st.warning(plain_label(f"There is no whole model in {folder} yet."), icon=":material/folder_open:")
