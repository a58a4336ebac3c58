"""How models are drawn: the machine, the one in use, and each with the memory it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import streamlit as st

from docmind.answering.writing import budget_of
from docmind.engines import Engine
from docmind.engines.speed import Speed
from docmind.errors import DocMindError
from docmind.models import Choice, Hardware, Row, choose, find_checker, find_reranker, is_local
from docmind.models.facts import WeightsFormat
from docmind.models.fit import gib
from docmind.models.runtimes import words
from docmind.settings import EngineName, Settings
from docmind.ui.app_state import AppState
from docmind.ui.confirm import confirm
from docmind.ui.fetch_view import offer_fetch, show_fetch
from docmind.ui.memory_bar import memory_bar
from docmind.ui.text import count, file_size, plain_html, plain_label

_FORMS: dict[WeightsFormat, str] = {"gguf": "GGUF", "openvino": "OpenVINO", "safetensors": "safetensors"}


def show_machine(machine: Hardware) -> None:
    """One line for what there is to compute with."""
    parts = [f"{machine.cores} cores", f"{gib(machine.free_bytes)} of {gib(machine.memory_bytes)} memory free"]
    parts += [
        f"{card.name}: {gib(card.free_bytes)} of {gib(card.memory_bytes)} free, compute capability "
        f"{card.compute_capability[0]}.{card.compute_capability[1]}"
        for card in machine.cuda
    ] or ["no CUDA device"]
    others = [device for device in machine.openvino if device.name != "CPU"]
    parts += [f"{device.name}: {device.full_name}" for device in others] or ["no Intel GPU or NPU"]
    chips = "".join(f"<span>{plain_html(part)}</span>" for part in parts)
    st.html(f'<p class="dm-chips" aria-label="This machine">{chips}</p>')


def show_in_use(opened: AppState, machine: Hardware) -> None:
    """The engine and model that answer, why those, and what there is to know about how they were opened."""
    engine = opened.workspace.current_engine.if_open
    problem = opened.problem
    if problem and (engine is None or opened.switched):
        st.error(plain_label(problem), icon=":material/error:", title="The model could not be opened")
    with st.container(border=True):
        if engine is None:
            st.html('<p class="dm-model"><b>No model is open</b><span>The next question opens one.</span></p>')
            if problem:
                st.button("Try again", icon=":material/refresh:", on_click=opened.warm_up)
            return
        details = [
            words(cast("EngineName", engine.engine_name)),
            engine.device,
            f"window of {engine.context_window:,} tokens",
        ]
        if "thinking" in engine.modes:
            details.append("can think first")
        name = plain_html(engine.model_name if engine.model_name != "none" else "No model")
        st.html(f'<p class="dm-model"><b>{name}</b><span>{plain_html(" · ".join(details))}</span></p>')
        if reason := _reason(opened, machine, engine):
            st.caption(plain_label(reason))
        if engine.speed:
            st.caption(plain_label(pace(opened.workspace.settings, engine, engine.speed)))
        if engine.note:
            st.markdown(f":small[:orange[:material/info: {plain_label(engine.note)}]]")
        if opened.workspace.current_engine.settings.model != opened.workspace.settings.model and st.button(
            "Let DocMind choose", icon=":material/auto_awesome:", type="tertiary", key="use-auto"
        ):
            use(opened, "auto")


def pace(settings: Settings, engine: Engine, speed: Speed) -> str:
    """How fast the engine was measured to be, and how much it reads for a question because of that, in words."""
    passages = count(budget_of(settings, engine).usual_passages, "passage")
    return f"Reads about {speed.reads:,.0f} tokens/s, writes {speed.writes:,.0f}: {passages} a question."


def _reason(opened: AppState, machine: Hardware, engine: Engine) -> str:
    try:
        choice: Choice = choose(opened.workspace.current_engine.settings, machine)
    except DocMindError:  # it is open all the same, so nothing is in the way
        return ""
    if choice.engine == engine.engine_name and (choice.model_name == engine.model_name or not is_local(choice.engine)):
        return choice.reason
    if any(not fetch.ended for fetch in opened.fetches.values()):
        return "A better one is being prepared."
    return "The last question needed it; the next one may need the other model again."


def is_in_use(opened: AppState, row: Row) -> bool:
    """Whether this model answers now."""
    engine = opened.workspace.current_engine.if_open
    return bool(engine and row.path and is_local(engine.engine_name) and engine.model_name == row.name)


def show_row(opened: AppState, row: Row, *, choosable: bool, sums: bool = True) -> None:
    """Draw one model, with its sums of memory or without."""
    in_use = is_in_use(opened, row)
    with st.container(border=True):
        name, verdict = st.columns([2, 1], vertical_alignment="center")
        lines = [row.model.description if row.model else "", " · ".join(_details(row))]
        described = "".join(f"<span>{plain_html(line)}</span>" for line in lines if line)
        name.html(f'<p class="dm-model"><b>{plain_html(row.name)}</b>{described}</p>')
        with verdict.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            if in_use:
                st.badge("in use", icon=":material/play_circle:", color="blue")
            _badge(row)
        if row.fit and sums:
            st.html(memory_bar(row.fit))
        fetch = opened.fetches.get(row.name)
        with st.container(horizontal=True, vertical_alignment="center"):
            said = row.fit.reason if row.fit else row.why
            if said and (row.fit is None or row.fit.verdict != "fits"):
                st.caption(plain_label(said))
            if row.path is None and not (fetch and fetch.is_shown):
                _offer(opened, row)
        if fetch:
            show_fetch(opened, fetch)
        if row.path and row.advice:
            st.caption(plain_label(row.advice))
        elif (
            row.path
            and choosable
            and not in_use
            and row.engine
            and row.fit
            and row.fit.largest_window
            and st.button("Use this model", key=f"use-{row.name}", disabled=bool(opened.loading))
        ):
            use(opened, row.name)


def _details(row: Row) -> list[str]:
    details = [f"{_FORMS[row.facts.format]} {row.form}".strip()] if row.facts else []
    if row.model and row.model.parameters:
        details.append(f"{_billions(row.model.parameters)} parameters")
        if row.model.active_parameters < row.model.parameters:
            details[-1] += f", {_billions(row.model.active_parameters)} active"
    if row.facts:
        details += [file_size(row.facts.weight_bytes), f"window of {row.facts.window:,}"]
    if row.model and "thinking" in row.model.modes:
        details.append("thinks")
    return details


def _billions(number: int) -> str:
    return f"{number / 1e9:.1f} billion" if number >= 1e9 else f"{number / 1e6:.0f} million"


def _badge(row: Row) -> None:
    if row.fit is None or row.engine is None:
        st.badge("cannot be read here", icon=":material/error:", color="red")
        return
    match row.fit.verdict:
        case "fits":
            st.badge("fits", icon=":material/check:", color="green")
        case "smaller window":
            st.badge(f"fits with {row.fit.largest_window:,} tokens", icon=":material/compress:", color="orange")
        case "does not fit":
            st.badge("does not fit", icon=":material/block:", color="gray")


def _offer(opened: AppState, row: Row) -> None:
    """How to get a model that is not here."""
    fits = bool(row.fit and row.fit.largest_window)
    if row.model and fits:
        offer_fetch(opened, row.model)
    if row.model and not (fits and row.model.in_package_index):
        with st.popover("How to get it", icon=":material/help:", type="tertiary"):
            st.write(plain_label(row.advice))


def use(opened: AppState, name: str) -> None:
    """Answer with another model; asks first where that ends answers that are being written."""
    if not opened.answers:
        opened.switch(name)
        st.rerun()
    being = count(len(opened.answers), "answer")
    confirm(
        "End what is being written?",
        f"{being} {'is' if len(opened.answers) == 1 else 'are'} being written. Opening another model closes the "
        "present one first, which ends what it writes.",
        "End and open",
        ":material/swap_horiz:",
        lambda: opened.switch(name),
    )


def show_sums(rows: Sequence[Row]) -> None:
    """Only the memory that models take."""
    for row in rows:
        if row.fit:
            st.html(f'<p class="dm-model"><b>{plain_html(row.name)}</b></p>{memory_bar(row.fit)}')


def show_helpers(settings: Settings) -> None:
    """The models that write nothing: what puts passages in order, and what checks answers, where they are here."""
    for find, does in (
        (find_reranker, "puts the passages that are found in a better order"),
        (find_checker, "checks answers a second time"),
    ):
        try:
            found = find(settings)
        except DocMindError as error:
            st.caption(plain_label(str(error)))
        else:
            if found:
                st.caption(plain_label(f"{found.name} {does}."))


def show_absent(opened: AppState, rows: Sequence[Row]) -> None:
    """The models that are not here: those that can be fetched, those that fit, and the rest."""
    rows = sorted(rows, key=lambda row: row.model is None or not row.model.in_package_index)
    fitting = [row for row in rows if row.fit and row.fit.largest_window]
    others = [row for row in rows if row not in fitting]
    for row in fitting:
        show_row(opened, row, choosable=False)
    if others:
        st.markdown(f"### {count(len(others), 'model')} that this machine cannot hold")
        for row in others:
            show_row(opened, row, choosable=False)
