"""Analyse: whole documents, read from the first sentence to the last; results are kept with their places."""

from functools import partial

import streamlit as st

from docmind.answering.analysis_runs import AnalysisRun
from docmind.answering.citations import Citation
from docmind.answering.whole.stored import from_stored
from docmind.storage.analyses import StoredAnalysis
from docmind.ui.analysis_form import analysis_form, show_run
from docmind.ui.analysis_view import show_analysis
from docmind.ui.app_state import AppState
from docmind.ui.confirm import confirm_delete
from docmind.ui.evidence_view import beside_evidence
from docmind.ui.loading import show_loading
from docmind.ui.navigation import ANALYSE, DOCUMENTS, enter
from docmind.ui.remote_notice import show_notices
from docmind.ui.text import plain_label

state = st.session_state


def open_evidence(citation: Citation | None) -> None:
    """Open the panel on a citation, or close it."""
    state["analysis-evidence"] = citation
    state.pop("evidence_page", None)


def open_analysis(analysis_id: str | None) -> None:
    """Show another analysis; its evidence panel starts closed."""
    state["analysis"] = analysis_id
    open_evidence(None)


def sidebar(opened: AppState, kept: list[StoredAnalysis]) -> None:
    """The analyses that were made, the newest first."""
    with st.sidebar:
        st.button("New analysis", icon=":material/add:", on_click=open_analysis, args=(None,), width="stretch")
        show_notices(opened.workspace)
        if opened.loading:
            show_loading(opened, box=False)
        if kept:
            st.caption("Earlier analyses")
        for stored in kept:
            title, delete = st.columns([6, 1], vertical_alignment="center", gap="small")
            look = "secondary" if stored.id == state.get("analysis") else "tertiary"
            label = plain_label(stored.title)
            key = f"analysis-{stored.id}"
            title.button(label, key, on_click=open_analysis, args=(stored.id,), type=look, width="stretch")
            delete_key, name = f"delete-{stored.id}", f"*Delete {label}*"  # seen is the icon
            if delete.button(name, icon=":material/delete:", key=delete_key, help="Delete", type="tertiary"):
                drop = partial(opened.workspace.catalog.analyses.delete, stored.id)
                confirm_delete("Delete this analysis?", stored.title, drop)


def outcome(run: AnalysisRun | None) -> None:
    """What became of the run: its result is opened once, its failure stays until the next one."""
    if run is None:
        return
    if not run.ended.is_set():
        show_run(run)
    elif run.result and not run.shown:
        run.shown = True
        open_analysis(run.result)
        st.rerun()
    elif run.problem:
        st.error(plain_label(run.problem), icon=":material/error:")
    elif run.stopping:
        st.info("You stopped it. The same analysis goes on from there.", icon=":material/stop_circle:")


opened = enter(ANALYSE)
catalog = opened.workspace.catalog
kept = catalog.analyses.all()
ready = catalog.documents("ready")
sidebar(opened, kept)
shown = next((stored for stored in kept if stored.id == state.get("analysis")), None)
citation: Citation | None = state.get("analysis-evidence") if shown else None
with beside_evidence(opened, citation, open_evidence):
    if shown is None:
        st.title("Analyse")
        if not ready:
            with st.container(border=True):
                st.header("No documents yet")
                st.write("Summaries, timelines and comparisons are made of whole documents. Add some first.")
                st.page_link(DOCUMENTS, label="Add documents", icon=":material/folder_open:")
        elif not opened.missing and (request := analysis_form(opened, ready)):
            opened.analysis = AnalysisRun(opened.workspace, request)
            st.rerun()
    outcome(opened.analysis)
    if shown:
        analysis = from_stored(shown.content)
        if analysis is None:
            st.warning("This analysis was stored in a form that this version cannot read. Make it again.")
        elif clicked := show_analysis(opened, analysis, key=f"shown-{shown.id}"):
            open_evidence(clicked)
            st.rerun()
