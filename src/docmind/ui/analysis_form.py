"""What stands at the top of the Analyse page: documents, kind, length, the estimate, and how far a run is."""

from __future__ import annotations

import time

import streamlit as st

from docmind.answering.analyse import estimate
from docmind.answering.analysis_runs import AnalysisRun
from docmind.answering.whole.analysis import Planned, duration
from docmind.answering.whole.plan import WRITTEN
from docmind.answering.whole.request import BETWEEN_DOCUMENTS, Kind, Length, Reading, Request
from docmind.errors import DocMindError
from docmind.storage.catalog import Document
from docmind.ui.app_state import AppState
from docmind.ui.scope import documents_of, scope_options
from docmind.ui.text import plain_label
from docmind.workspace import Workspace

ANALYSED = "analysed-documents"
"""The key of the widget that chooses what is analysed."""
_KINDS: dict[Kind, str] = {
    "summary": "Summary",
    "key points": "Key points",
    "action items": "Action items",
    "open questions": "Open questions",
    "timeline": "Timeline",
    "entities": "Names",
    "comparison": "Comparison",
    "contradictions": "Contradictions",
    "list": "List",
}
_ABOUT: dict[Kind, str] = {
    "summary": "What the documents say, from every part of them.",
    "key points": "The sentences that tell most.",
    "action items": "What somebody must do, or will do by a date; found by rules, word for word.",
    "open questions": "What is asked or not settled yet; found by rules, word for word.",
    "timeline": "Sentences that name a date, in the order of the dates, word for word.",
    "entities": "Names and defined terms, with how often they stand and where first.",
    "comparison": "What two or more documents say about the same, side by side.",
    "contradictions": "Sentences of two documents that do not agree.",
    "list": "Everything that belongs to what you ask for.",
}
_READINGS: dict[Reading, str] = {"auto": "As it fits", "in full": "In full", "condensed": "Key sentences"}


def analysis_form(opened: AppState, ready: list[Document]) -> Request | None:
    """Draw the choice; returns the request once the user starts it."""
    catalog = opened.workspace.catalog
    names = scope_options(catalog, ready)
    with st.container(border=True):
        chosen = st.multiselect(
            "Documents",
            list(names),
            format_func=lambda choice: names.get(choice, "removed"),
            placeholder="Choose documents or collections",
            key=ANALYSED,
            persist_state="session",
        )
        kind: Kind = st.pills(
            "Analysis", list(_KINDS), format_func=_KINDS.__getitem__, default="summary", required=True, key="kind",
            persist_state="session",
        )  # fmt: skip
        st.caption(_ABOUT[kind])
        question = ""
        if kind in ("list", "comparison"):
            question = st.text_input(
                "What to list" if kind == "list" else "Only about (may stay empty)",
                placeholder="all fees" if kind == "list" else "rent, notice period",
                key=f"wanted-{kind}",
                persist_state="session",
            )
        length: Length = "short"
        reading: Reading = "auto"
        with st.container(horizontal=True, gap="medium"):
            if kind != "key points":
                length = st.segmented_control(
                    "Length", ["short", "detailed"], format_func=str.capitalize, default="short", required=True,
                    key="length", persist_state="session",
                )  # fmt: skip
            if kind in WRITTEN:
                reading = st.segmented_control(
                    "The model reads", list(_READINGS), format_func=_READINGS.__getitem__, default="auto",
                    required=True, key="reading", persist_state="session",
                    help="In full takes long for long documents; key sentences are chosen from every part.",
                )  # fmt: skip
        documents = [each for each in documents_of(catalog, chosen) if each in names]
        request = Request(kind, tuple(documents), length, reading, question.strip())
        missing = _missing(request)
        busy = opened.analysis is not None and not opened.analysis.ended.is_set()
        slot = st.empty()
        # Not greyed while something is missing: what is being typed is known only once another place is pressed.
        pressed = st.button("Analyse", type="primary", icon=":material/summarize:", disabled=busy)
        if pressed and not missing:
            return request
        with slot:
            if missing and pressed:
                st.warning(missing, icon=":material/info:")
            elif missing:
                st.caption(missing)
            else:
                _show_estimate(opened, request)
    return None


def _missing(request: Request) -> str:
    """What the user has to choose yet, in words; '' where nothing is missing."""
    if not request.documents:
        return "Choose a document to begin."
    if request.kind in BETWEEN_DOCUMENTS and len(request.documents) < 2:
        return "Choose a second document to compare with."
    if request.kind == "list" and not request.question:
        return "Say what to list."
    return ""


def _show_estimate(opened: AppState, request: Request) -> None:
    if opened.loading and request.kind in WRITTEN:
        st.caption("The estimate follows once the models are loaded.")
        return
    try:
        with st.spinner("Estimating …"):
            planned = _estimate(opened.workspace, request, opened.workspace.catalog.revision, _model(opened.workspace))
    except DocMindError as error:
        st.caption(f":orange[:material/warning:] {plain_label(str(error))}")
        return
    st.caption(plain_label(planned.words))


def _model(workspace: Workspace) -> str:
    engine = workspace.current_engine.if_open
    return engine.model_name if engine else ""


@st.cache_data(max_entries=64, show_spinner=False)
def _estimate(_workspace: Workspace, request: Request, revision: int, model: str) -> Planned:  # noqa: ARG001 - another library or model estimates anew
    return estimate(_workspace, request)


@st.fragment(run_every=0.5)
def show_run(run: AnalysisRun) -> None:
    """How far an analysis is; redraws itself, and the whole page once it has ended."""
    if run.ended.is_set():
        st.rerun()
    with st.container(border=True):
        planned = run.planned
        progress = run.progress
        share = progress.done / max(1, progress.total)
        step = f" ({progress.done + 1} of {progress.total})" if progress.total > 1 else ""
        words = "Stopping" if run.stopping else f"{progress.stage}{step}"
        st.progress(min(1.0, share), text=plain_label(f"{words} …"))
        gone = time.monotonic() - run.began
        line = f"{duration(gone)} so far"
        if planned and planned.seconds:
            line += f", estimated {duration(planned.seconds)}"
        st.caption(line)
        st.button(
            "Stop",
            icon=":material/stop_circle:",
            key="stop-analysis",
            on_click=run.stop,
            disabled=run.stopping,
            help="What was written until then is kept; the same analysis goes on from there.",
        )
