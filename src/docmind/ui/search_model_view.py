"""The model that finds passages: which one it is, taking up another, and how far that is."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from docmind.ingestion.jobs import Ingestion
from docmind.ingestion.reembedding import estimated_seconds, wish
from docmind.models import installed
from docmind.models.embedders import Wish, name_of
from docmind.models.known_models import KNOWN_MODELS, by_name
from docmind.settings import settings_file
from docmind.ui.app_state import AppState
from docmind.ui.fetch_view import offer_fetch
from docmind.ui.queue_view import left
from docmind.ui.safely import safely
from docmind.ui.text import count, file_size, plain_html, plain_label

_WHY = {
    "chosen": "The settings name it.",
    "better": "It finds more than the one in use, and came after your documents were read.",
    "weights": "The model of this name has other weights than the one that read your documents: searches fail.",
    "words": "The settings have words weighed otherwise than when your documents were read (DOCMIND_EMBEDDER_ENGINE).",
    "chunks": "DocMind cuts documents otherwise by now; the passages here are from before.",
}
_GOES_ON = "Answers come from the present model meanwhile; it may be cancelled, and goes on after a restart."


def show_search_model(opened: AppState) -> None:
    """The one in use, those that could take its place, and those that could be had."""
    workspace = opened.workspace
    in_use = workspace.catalog.fact("embedder")
    here = [entry.name for entry in installed(workspace.settings) if entry.kind == "embedding"]
    if in_use is None:  # nothing has been read, which is the best time to have another one
        _show_absent(opened, here, heading="## For searching")
        for name in (each for each in here if each in opened.fetches):
            st.caption(plain_label(f"{name} is here. DocMind reads documents with it from its next start."))
        return
    st.markdown("## In use for searching")
    with st.container(border=True):
        passages = count(workspace.catalog.ready_chunks(), "passage")
        words = f"{passages} of {workspace.catalog.fact('dimensions')} numbers each"
        st.html(f'<p class="dm-model"><b>{plain_html(in_use)}</b><span>{plain_html(words)}</span></p>')
        show_filling(opened, border=False)
    if opened.ingestion.wanted:
        return
    suggested = wish(workspace)
    if suggested:
        _offer(opened, suggested)
    if workspace.settings.embedder == "auto":
        for name in here:
            if name not in (in_use, suggested.name if suggested else ""):
                _offer(opened, Wish(name, "chosen"), why="")
    elif not suggested:
        words = (
            f"The settings decide what searches: DOCMIND_EMBEDDER={workspace.settings.embedder}. Remove that from the "
            f"environment and from {settings_file()} to choose here."
        )
        st.caption(plain_label(words))
    _show_absent(opened, here)


def _show_absent(opened: AppState, here: Collection[str], heading: str = "") -> None:
    """The models of the catalogue for searching that are not among those here."""
    absent = [model for model in KNOWN_MODELS if model.kind == "embedding" and model.name not in here]
    if heading and absent:
        st.markdown(heading)
    for model in absent:
        with st.container(border=True):
            described = f"<span>{plain_html(model.description)}</span>"
            st.html(f'<p class="dm-model"><b>{plain_html(model.name)}</b>{described}</p>')
            offer_fetch(opened, model)


def _offer(opened: AppState, wanted: Wish, why: str | None = None) -> None:
    """A model that is here, and the button that takes it up."""
    name = name_of(wanted.name)
    known = by_name(name)
    with st.container(border=True):
        seconds = estimated_seconds(opened.workspace, wanted.name)
        takes = left(seconds).removesuffix(" left") if seconds else "a time that shows once it runs"
        lines = [
            f"{known.description} {file_size(known.size_bytes)}." if known else "",
            _WHY[wanted.reason] if why is None else why,
            f"All passages are embedded anew, which takes {takes}. {_GOES_ON}",
        ]
        described = "".join(f"<span>{plain_html(line)}</span>" for line in lines if line)
        st.html(f'<p class="dm-model"><b>{plain_html(name)}</b>{described}</p>')
        label, key = "Search with this model", f"search-with-{name}"
        st.button(
            label, key, icon=":material/manage_search:", on_click=safely(opened.ingestion.take_up), args=(wanted.name,)
        )


def show_filling(opened: AppState, *, border: bool = True) -> None:
    """How far another model's index is, why it stopped, and once that it is in use; nothing where none is taken up."""
    if opened.ingestion.wanted:
        st.session_state["filling"] = name_of(opened.ingestion.wanted)
        _show_progress(opened, border)
        return
    awaited = st.session_state.pop("filling", None)
    if awaited and (opened.workspace.catalog.fact("embedder") or "").casefold() == awaited:
        words = f"DocMind now searches with {plain_label(awaited)}."
        st.toast(words, icon=":material/manage_search:", duration="long")


@st.fragment(run_every=2)  # it takes minutes to hours
def _show_progress(opened: AppState, border: bool) -> None:
    """Redraws itself, and the whole page once it has ended."""
    jobs = opened.ingestion
    if jobs.wanted is None:
        st.rerun()
    with st.container(border=border, key="filling"):
        st.progress(jobs.filling.share if jobs.filling else 0.0, text=plain_label(filling_words(jobs)))
        if jobs.filling_problem:
            st.error(plain_label(jobs.filling_problem), icon=":material/error:")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Answers come from the present model until then.", width="stretch")
            if jobs.filling_problem:
                st.button("Try again", "filling-again", icon=":material/refresh:", type="tertiary", on_click=jobs.wake)
            elif jobs.paused:
                st.button(
                    "Resume", "filling-resume", icon=":material/play_arrow:", type="tertiary", on_click=jobs.resume
                )
            st.button(
                "Cancel",
                "filling-cancel",
                icon=":material/close:",
                type="tertiary",
                on_click=safely(_cancel),
                args=(jobs,),
            )


def _cancel(jobs: Ingestion) -> None:
    st.session_state.pop("filling", None)
    jobs.stay()


def filling_words(jobs: Ingestion) -> str:
    """How far it is, in words."""
    name, filling = name_of(jobs.wanted or ""), jobs.filling
    if filling is None:
        return f"Opening {name}, to search with it"
    if not filling.name:
        return f"{name} searches as soon as no answer is being written"
    words = f"Embedding anew with {name}: {filling.done:,} of {count(filling.total, 'passage')}"
    return words if filling.seconds_left is None else f"{words} · {left(filling.seconds_left)}"
