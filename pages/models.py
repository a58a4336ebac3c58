"""Models: what this machine has, which model answers and why, what else fits, and changing it."""

from typing import Literal

import streamlit as st

from docmind.models import overview
from docmind.settings import CacheType, settings_file
from docmind.ui.loading import show_loading
from docmind.ui.memory_bar import LEGEND
from docmind.ui.models_view import show_absent, show_helpers, show_in_use, show_machine, show_row, show_sums
from docmind.ui.navigation import MODELS, enter
from docmind.ui.recommendation_view import show_recommendation
from docmind.ui.remote_notice import show_notices
from docmind.ui.search_model_view import show_search_model
from docmind.ui.text import plain_label

WINDOWS = [8_192, 16_384, 32_768, 65_536, 131_072, 262_144]
CACHE_TYPES: list[CacheType | Literal["auto"]] = ["auto", "f16", "fp8", "q8_0", "q4_0"]


def chosen_sums() -> tuple[int, CacheType | Literal["auto"]]:
    """The window and the cache type to estimate with."""
    left, right = st.columns(2, gap="medium")
    window = left.select_slider(
        "Context window, in tokens",
        WINDOWS,
        value=32_768,
        format_func=lambda tokens: f"{tokens // 1024}K",
        key="window",
        persist_state="session",
        help="Prompt and answer together: how much of your documents the model reads at once.",
    )
    cache_type = right.segmented_control(
        "Numbers in the KV cache",
        CACHE_TYPES,
        default="auto",
        required=True,
        key="cache-type",
        persist_state="session",
        wrap=True,
        help="Fewer bits a number hold a longer window in the same memory; 'auto' is the engine's own.",
    )
    st.caption("Only for the estimates here; DOCMIND\\_WINDOW and DOCMIND\\_CACHE\\_TYPE set what is opened.")
    return window, cache_type


opened = enter(MODELS)
workspace = opened.workspace
with st.sidebar:
    show_notices(workspace)
st.title("Models")
if opened.loading:
    show_loading(opened, box=True)
if opened.hardware is None:
    st.stop()  # looking at the machine takes less than a second, and the line above redraws the page
show_machine(opened.hardware)
fixed = {name: getattr(workspace.settings, name) for name in ("engine", "model")}
named = [f"DOCMIND_{name.upper()}={value}" for name, value in fixed.items() if value != "auto"]
if named:
    st.info(
        plain_label(f"The settings decide what answers: {' and '.join(named)}. Remove that from the "
                    f"environment and from {settings_file()} to choose here."),
        icon=":material/lock:",
    )  # fmt: skip

usual = overview(workspace.current_engine.settings, opened.hardware)
show_recommendation(opened, usual, opened.hardware, choosable=not named)
if not opened.loading:
    st.markdown("## In use")
    show_in_use(opened, opened.hardware)
here = [row for row in usual if row.path is not None]
st.markdown("## On this machine")
for row in here:
    show_row(opened, row, choosable=not named, sums=False)
if not here:
    with st.container(border=True):
        st.write("No language model is on this machine yet. Those that are fetched with one button are under Details.")
show_search_model(opened)
show_helpers(workspace.settings)

with st.expander("Details: what fits, in which window and cache", icon=":material/calculate:"):
    window, cache_type = chosen_sums()
    st.html(LEGEND)
    with st.spinner("Estimating …"):
        asked = workspace.current_engine.settings.model_copy(update={"window": window, "cache_type": cache_type})
        rows = overview(asked, opened.hardware)
    show_sums([row for row in rows if row.path is not None])
    st.markdown("### Not on this machine")
    show_absent(opened, [row for row in rows if row.path is None])
