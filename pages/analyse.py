"""Analyse: whole documents, read from the first sentence to the last; results are kept with their places."""

import streamlit as st

from docmind.answering.analysis_runs import AnalysisRun
from docmind.answering.citations import Citation
from docmind.answering.whole.stored import from_stored
from docmind.storage.analyses import StoredAnalysis
from docmind.ui.address import OF_ANALYSIS, come_back, note_shown, show_analysis_of, shown_analysis
from docmind.ui.analysis_form import analysis_form, show_run
from docmind.ui.analysis_list import show_analyses
from docmind.ui.analysis_view import show_analysis
from docmind.ui.app_state import AppState
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
    show_analysis_of(analysis_id)
    open_evidence(None)


def sidebar(opened: AppState, kept: list[StoredAnalysis]) -> None:
    """The analyses that were made, the newest first."""
    with st.sidebar:
        st.button(
            "New analysis",
            icon=":material/add:",
            key="new-analysis",
            on_click=open_analysis,
            args=(None,),
            width="stretch",
        )
        show_notices(opened.workspace)
        if opened.loading:
            show_loading(opened, box=False)
        show_analyses(opened, kept, open_analysis)


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
come_back(OF_ANALYSIS)
sidebar(opened, kept)
shown = next((stored for stored in kept if stored.id == shown_analysis()), None)
if note_shown(OF_ANALYSIS, shown.id if shown else None):
    open_evidence(None)
citation: Citation | None = state.get("analysis-evidence") if shown else None
with beside_evidence(opened, citation, open_evidence):
    if shown is None:
        st.title("Analyse")
        if shown_analysis():
            st.info("This analysis is not here any more, or one of its documents is not.", icon=":material/info:")
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
            st.title(plain_label(shown.title))
            st.warning("This analysis was stored in a form that this version cannot read. Make it again.")
        elif clicked := show_analysis(opened, analysis, shown.title, key=f"shown-{shown.id}"):
            open_evidence(clicked)
            st.rerun()
