"""Documents that the catalogue knows nothing of: said on the Documents page, with the button that adds them again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from docmind.errors import DocMindError
from docmind.ingestion.originals import disk_errors_in_words
from docmind.ingestion.repair import forgotten, take_up
from docmind.ingestion.set_aside import SetAside, let_go
from docmind.ui.app_state import AppState
from docmind.ui.text import count, file_size, named, plain_label


def show_set_aside(opened: AppState) -> None:
    """Say which there are, and what can be done with them; nothing where there are none."""
    kept = forgotten(opened.workspace)
    if not kept:
        return
    names = [name for each in kept for name in each.names]
    size = file_size(sum(each.size for each in kept))
    with st.container(border=True, key="set-aside"):
        st.markdown(f"**{count(len(kept), 'document')} of an earlier catalogue**")
        st.caption(plain_label(f"{named(names)} · {size}"))
        st.caption(
            "The catalogue of the library was lost, or is older than they are, or adding them was cut short. Their "
            "files are kept aside until you say what becomes of them."
        )
        with st.container(horizontal=True):
            if st.button("Add them again", icon=":material/settings_backup_restore:"):
                with st.spinner("Adding them …"):
                    troubles = [f"{each.names[0]}: {trouble}" for each, trouble in take_up(opened.workspace) if trouble]
                st.session_state["notes"] = troubles
                opened.ingestion.wake()
                st.rerun()
            with st.popover("Delete them"):
                st.write("Their files are removed from this machine. That cannot be undone.")
                # Those that were shown: others may have come since.
                st.button("Delete for good", type="primary", on_click=_delete, args=(opened, kept))


def _delete(opened: AppState, kept: Sequence[SetAside]) -> None:
    try:
        with disk_errors_in_words(opened.workspace):
            for each in kept:
                let_go(opened.workspace.settings.data_dir, each.path.name)
    except DocMindError as error:
        st.session_state["notes"] = [str(error)]
