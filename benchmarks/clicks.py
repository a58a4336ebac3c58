"""How long a click takes to show in a large library, beside the same in a bare page of Streamlit's.

No model is needed: what is measured is the pages. A click is made in a real Chromium, and ends when what it leads to
can be seen.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from benchmarks.app import DOCMIND, drawn, environment, page_needed, served, settled
from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.stored import to_stored
from docmind.bench.corpus import library_settings
from docmind.bench.report import Report, Target, median_of
from docmind.environment import process_environment
from docmind.errors import DocMindError
from docmind.ingestion.ingest import drain
from docmind.ingestion.originals import stage
from docmind.resources import app_folder
from docmind.settings import Settings
from docmind.storage.chats import Message
from docmind.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

_TARGET, _PAGE_TARGET = Target("<=", 0.5), Target("<=", 0.15)
_QUESTION = "How many sacks arrived in the first month?"
_PAGED = "residential-lease.pdf"
_TURNED = "turn a page of a document"
LONG_CHAT, _SHORT_CHAT = "The long conversation", "A short conversation"
_State = Literal["attached", "visible"]
_BARE = """
import streamlit as st
st.session_state.n = st.session_state.get("n", 0) + st.button("Press")
st.write(f"{st.session_state.n} pressed")
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much the library holds."""

    documents: int = 500
    chats: int = 200
    turns: int = 100


def bench_clicks(settings: Settings, rounds: int = 5, size: Size | None = None) -> Report:
    """Click through a large library and its chats, some times each.

    Raises:
        DocMindError: there is no Chromium or playwright here, or the app did not start.
    """
    size = size or Size()
    with tempfile.TemporaryDirectory() as folder, page_needed() as page:
        page.set_viewport_size({"width": 1440, "height": 900})
        mine = library_settings(settings, Path(folder) / "library")
        mine = mine.model_copy(update={"engine": "extractive", "embedder": "hash"})
        fill(mine, size)
        bare = Path(folder) / "bare.py"
        bare.write_text(_BARE, encoding="utf-8")
        quiet = process_environment(STREAMLIT_SERVER_HEADLESS="true", STREAMLIT_BROWSER_GATHER_USAGE_STATS="false")
        with served([sys.executable, "-m", "streamlit", "run", str(bare)], quiet) as (url, _):
            page.goto(url)
            press = page.get_by_role("button", name="Press")
            press.wait_for()
            streamlit = [_timed(press.click, page.get_by_text(f"{n + 1} pressed")) for n in range(rounds)]
        variables = environment(mine, DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash")
        with served(DOCMIND, variables) as (url, _):
            page.goto(url)
            drawn(page)
            found = _clicked(page, rounds, size)
    return Report(
        "clicks",
        figures=(
            median_of("a button in a bare page of Streamlit's", streamlit, "s"),
            *(
                median_of(name, seconds, "s", _PAGE_TARGET if name == _TURNED else _TARGET)
                for name, seconds in found.items()
            ),
        ),
        setting={
            "library": f"{size.documents} documents, {size.chats} chats, one of them of {size.turns} turns",
            "a click ends": "when what it leads to can be seen",
        },
    )


def _clicked(page: Page, rounds: int, size: Size) -> Mapping[str, list[float]]:
    """The seconds of each click, by what it does; what lies between is not timed."""
    found: dict[str, list[float]] = {}

    def note(name: str, act: Callable[[], object], shows: Locator, state: _State = "visible") -> None:
        found.setdefault(name, []).append(_timed(act, shows, state))
        settled(page)

    main, sidebar = page.locator("#stMain"), page.get_by_test_id("stSidebar")
    ready = main.get_by_text(f"{size.documents:,} documents ready")
    for _ in range(rounds):
        note("to the documents", page.get_by_role("link", name="Documents").click, ready)
        tick = main.get_by_role("checkbox").first
        note("tick a document", partial(tick.click, force=True), main.get_by_text("1 document selected"))
        note("clear what is ticked", main.get_by_role("button", name="Clear").click, ready)
        find = main.get_by_label("Find")
        find.fill("stock-3.txt")
        note("find a document", partial(find.press, "Enter"), main.get_by_text("; 1 shown"))
        find.fill("")
        find.press("Enter")
        ready.wait_for()
        page.wait_for_timeout(300)
        start = main.get_by_role("heading", name="Ask your documents")
        note("to the chat", page.get_by_role("link", name="Chat", exact=True).click, start)
        for title, name in (
            (_SHORT_CHAT, "open a chat of one turn"),
            (LONG_CHAT, f"open a chat of {size.turns} turns"),
        ):
            note(
                name,
                sidebar.get_by_role("button", name=title, exact=True).click,
                main.get_by_text(f"Asked in: {title}"),
            )
        note("a new chat", sidebar.get_by_role("button", name="New chat").click, start)
        sidebar.get_by_role("button", name=_SHORT_CHAT, exact=True).click()
        mark = main.get_by_test_id("stChatMessage").last.get_by_role("button", name="Source 1").first
        evidence = main.locator(".st-key-evidence")
        note("open a citation", mark.click, evidence.locator("mark").first)
        note("close it", evidence.get_by_role("button", name="Close").click, main.locator(".dm-closed"), "attached")
        sidebar.get_by_role("button", name="New chat").click()  # the chat is come back to otherwise
        start.wait_for()
        settled(page)
        for name, words in (("Models", "In use"), ("Settings", "Where the library lives"), ("Analyse", "New analysis")):
            link = page.get_by_role("link", name=name, exact=True)
            note(f"to {name}", link.click, page.get_by_text(words, exact=name == "Analyse"))
    found[_TURNED] = _turned(page, rounds)
    return found


def _turned(page: Page, rounds: int) -> list[float]:
    """The seconds of turning a page in a document that is open, once it has been turned to and fro."""
    page.get_by_role("link", name="Documents").click()
    page.locator("#stMain").get_by_label("Find").fill(_PAGED)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=_PAGED, exact=True).click()
    reader = page.locator(".st-key-reader")
    reader.locator("img").first.wait_for()
    seconds = []
    for turn in range(rounds + 1):
        for key, number in (("ArrowRight", 2), ("ArrowLeft", 1)):
            shown = reader.locator(f'img[alt="Page {number}"]')
            took = _timed(partial(reader.locator(".canvas").press, key), shown)
            if turn:
                seconds.append(took)
            page.wait_for_timeout(600)  # the pages next to it are fetched
    return seconds


def _timed(act: Callable[[], object], shows: Locator, state: _State = "visible") -> float:
    started = time.perf_counter()
    act()
    shows.first.wait_for(state=state)
    return time.perf_counter() - started


def fill(settings: Settings, size: Size) -> None:
    """Make a library of short documents and of chats about them; one of the chats is `LONG_CHAT`."""
    with Workspace(settings) as workspace:
        for number in range(size.documents - 1):
            text = (
                f"Stock of store {number}\n\nIn the first month {number + 40} sacks arrived. Nothing was lost or sold."
            )
            stage(workspace, io.BytesIO(text.encode()), f"stock-{number}.txt")
        with (app_folder() / "data" / "samples" / _PAGED).open("rb") as file:
            stage(workspace, file, _PAGED)
        failed = [outcome.error for outcome in drain(workspace) if outcome.status == "failed"]
        if failed:
            raise DocMindError(f"The benchmark could not read its documents: {failed[0]}")
        answer = next(event for event in ask(workspace, _QUESTION) if isinstance(event, Answer))
        chats = workspace.catalog.chats
        for number in range(size.chats):
            last = {size.chats - 1: LONG_CHAT, size.chats - 2: _SHORT_CHAT}.get(number)
            chat = chats.new(last or f"Conversation {number}")
            for turn in range(size.turns if last == LONG_CHAT else 1):
                asked = f"Asked in: {last}" if (last and turn == size.turns - 1) or last == _SHORT_CHAT else _QUESTION
                chats.add(chat.id, Message("user", {"text": asked}))
                chats.add(chat.id, Message("assistant", to_stored(answer)))
