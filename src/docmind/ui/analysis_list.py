"""The analyses in the sidebar: opened, renamed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from docmind.storage.analyses import StoredAnalysis
from docmind.ui.address import shown_analysis
from docmind.ui.app_state import AppState
from docmind.ui.confirm import confirm_delete
from docmind.ui.sidebar_rows import ask_title, show_sidebar_row, show_sidebar_rows


def show_analyses(opened: AppState, kept: Sequence[StoredAnalysis], show: Callable[[str | None], None]) -> None:
    """Draw them, in that order.

    Args:
        opened: The app, as it is open.
        kept: The newest first.
        show: Shows another one on the page; None a new one.
    """
    if kept:
        st.caption("Earlier analyses")
        show_sidebar_rows("analyses", kept, lambda stored: _show_row(opened, stored, show))


def _show_row(opened: AppState, stored: StoredAnalysis, show: Callable[[str | None], None]) -> None:
    analyses = opened.workspace.catalog.analyses
    is_shown = stored.id == shown_analysis()
    wish = show_sidebar_row(
        f"analysis-{stored.id}",
        stored.title,
        is_shown=is_shown,
        show=partial(show, stored.id),
        wishes=["Rename", "Delete"],
    )

    def delete() -> None:
        analyses.delete(stored.id)
        if is_shown:
            show(None)

    if wish == "Rename":
        ask_title("analysis", stored.title, partial(analyses.rename, stored.id))
    elif wish == "Delete":
        confirm_delete("Delete this analysis?", stored.title, delete)
