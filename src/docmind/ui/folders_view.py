"""Folders kept in step, on the Settings page: which there are, what was done, adding one and stopping with one."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import streamlit as st

from docmind.errors import LibraryError
from docmind.ingestion.folders import add_folder
from docmind.storage.folders import Deed, Folder
from docmind.ui.app_state import AppState
from docmind.ui.safely import safely
from docmind.ui.text import count, plain_html, plain_label

_PATH, _REFUSED = "folder-path", "folder-refused"
_DEEDS = 20  # that are listed
_DONE = {"added": "Added", "changed": "Changed", "renamed": "Renamed, not read again", "removed": "Removed"}


def show_folders(opened: AppState) -> None:
    """Draw them, and the box that adds one."""
    st.caption(
        "What you add, change, move or remove in such a folder is so in the library a moment later, while DocMind is "
        "open, or when it is opened next. Files are copied into the library. Default: none; DocMind looks into no "
        "folder unasked."
    )
    if opened.workspace.catalog.folders.has_any():
        _show_all(opened)
    with st.form("add-folder", border=False):
        st.text_input("Folder to keep in step", placeholder="Its whole path, such as /home/me/Contracts", key=_PATH)
        st.form_submit_button("Keep in step", icon=":material/sync:", on_click=safely(_add), args=(opened,))
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(plain_label(refused), icon=":material/error:")
    st.caption(
        "A file `.docmindignore` at the top of a folder says what of it is left out, in the patterns of `.gitignore`."
    )


@st.fragment(run_every=2)
def _show_all(opened: AppState) -> None:
    """Draws itself anew, so that one sees what comes in."""
    for folder in opened.workspace.catalog.folders.all():
        with st.container(border=True, key=f"folder-{folder.id}", gap="xsmall"):
            _show(opened, folder)


def _show(opened: AppState, folder: Folder) -> None:
    folders = opened.workspace.catalog.folders
    files, left_out = folders.counts(folder.id)
    st.html(f'<p class="dm-model"><b>{plain_html(str(folder.path))}</b></p>')
    st.caption(plain_label(" · ".join(_standing(opened, folder, files, left_out))))
    if folder.problem:
        st.caption(f":orange[:material/warning:] {plain_label(folder.problem)}")
    elif opened.watching.is_told(folder.id) is False:
        st.caption("This system does not tell what changes in it; it is looked at every few seconds.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Look now",
            f"folder-look-{folder.id}",
            icon=":material/refresh:",
            type="tertiary",
            on_click=opened.watching.look,
        )
        if left_out:
            st.button(
                "Take in again what I deleted",
                f"folder-again-{folder.id}",
                icon=":material/undo:",
                type="tertiary",
                on_click=safely(_take_in_again),
                args=(opened, folder),
            )
        with st.popover("Stop", icon=":material/sync_disabled:", type="tertiary", key=f"folder-stop-{folder.id}"):
            st.write("The folder is not looked at any more. Its documents stay in the library.")
            st.button(
                "Stop keeping in step",
                f"folder-stop-sure-{folder.id}",
                type="primary",
                on_click=safely(folders.remove),
                args=(folder.id,),
            )
    if deeds := folders.deeds(folder.id, _DEEDS):
        with st.expander("What was done"):
            st.html(f'<dl class="dm-places">{"".join(map(_told, deeds))}</dl>')


def _standing(opened: AppState, folder: Folder, files: int, left_out: int) -> list[str]:
    words = [count(files, "file")]
    if left_out:
        words.append(f"{left_out:,} left out, since you deleted them")
    if opened.watching.looking_at == folder.id:
        words.append("looking …")
    elif folder.looked:
        words.append(f"looked at {_when(folder.looked)}")
    return words


def _told(deed: Deed) -> str:
    return f"<dt>{_when(deed.done)}</dt><dd>{_DONE[deed.what]}: {plain_html(deed.name)}</dd>"


def _when(moment: float) -> str:
    then = datetime.fromtimestamp(moment)
    return f"{then:%H:%M:%S}" if time.time() - moment < 12 * 3600 else f"{then.day} {then:%b %Y, %H:%M}"


def _add(opened: AppState) -> None:
    try:
        add_folder(opened.workspace, Path(str(st.session_state[_PATH]).strip()))
    except LibraryError as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[_PATH] = ""
    opened.watching.look()


def _take_in_again(opened: AppState, folder: Folder) -> None:
    opened.workspace.catalog.folders.take_in_again(folder.id)
    opened.watching.look()
