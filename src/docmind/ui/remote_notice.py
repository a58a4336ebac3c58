"""Where text goes when it leaves this machine, and saying so."""

from __future__ import annotations

import streamlit as st

from docmind.errors import SettingsError
from docmind.models import SERVERS
from docmind.network import require_local
from docmind.settings import Settings
from docmind.ui.text import plain_label
from docmind.workspace import Workspace


def notices(workspace: Workspace) -> list[str]:
    """One sentence for each other machine that text goes to; none where everything stays here."""
    settings = workspace.settings
    said = []
    engine = workspace.current_engine.if_open
    if engine is not None:
        if engine.leaves_machine:
            said.append(f"Questions and passages are sent to {engine.device}.")
    elif settings.server_url and settings.engine in SERVERS and (where := _elsewhere(settings, settings.server_url)):
        said.append(f"Questions and passages are sent to {where}.")
    if settings.qdrant_url and (where := _elsewhere(settings, settings.qdrant_url)):
        said.append(f"Your documents' passages are kept at {where}.")
    return said


def promise(workspace: Workspace) -> str:
    """What may be said of documents that are added."""
    if notices(workspace):
        return "they are read here; the sidebar says what leaves this machine."
    return "they are read here and stay on this machine."


def show_notices(workspace: Workspace, *, short: bool = False) -> None:
    """Put them on the page, in a box or, short of space, in a line."""
    for notice in notices(workspace):
        if short:
            st.markdown(f":small[:orange[:material/public: {plain_label(notice)}]]")  # a caption would fade it
        else:
            st.warning(plain_label(notice), icon=":material/public:", title="Text leaves this machine")


def _elsewhere(settings: Settings, url: str) -> str:
    return _other_machine(url) if settings.allow_remote_server else ""


@st.cache_data(ttl=300, show_spinner=False)
def _other_machine(url: str) -> str:
    """The server in words where it is another machine; looked up rarely, because a name may take seconds to find."""
    try:
        address = require_local(url, allowed=True)
    except SettingsError:  # using it says what is wrong
        return ""
    return address.words if address.leaves_machine else ""
