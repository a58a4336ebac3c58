"""Pictures of every page in its states, at four widths, in light and dark: made to be looked at.

`python -m benchmarks.pictures FOLDER`. No model is needed. The library is empty, then full (500 documents, 200 chats,
names of 200 letters, Arabic and Chinese ones among them, a document that cannot be read), then amid reading.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.app import DOCMIND, environment, page_needed, served, settled
from benchmarks.clicks import LONG_CHAT, Size, fill
from docmind.bench.corpus import library_settings
from docmind.ingestion.ingest import drain
from docmind.ingestion.originals import stage
from docmind.settings import Settings, load_settings
from docmind.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

_WINDOWS = {1440: 900, 1280: 800, 1024: 768, 390: 844}
_PAGES = ("", "analyse", "documents", "models", "settings")
_QUESTION = "How much is the rent of the flat at Harbour Road?"
_LONG_NAMES = (
    "عقد إيجار الشقة رقم ثلاثة في شارع الميناء " * 5,
    "关于港口路三号公寓租赁合同及其附件的补充协议" * 9,
    "Minutes_of_the_extraordinary_general_meeting_" * 4,
)
_MINUTES = 40_000  # items of a document that takes a while to read


def take_all(settings: Settings, folder: Path) -> int:
    """Take all pictures; returns how many there are.

    Raises:
        DocMindError: there is no Chromium or playwright here, or the app did not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        mine = library_settings(settings, Path(place) / "library")
        mine = mine.model_copy(update={"engine": "extractive", "embedder": "hash"})
        with _app(mine) as (page, url):
            _each_page(page, url, folder, "empty")
        fill(mine, Size())
        _add_long_names(mine)
        with _app(mine) as (page, url):
            _each_page(page, url, folder, "full")
            _conversation(page, url, folder)
            _reading(page, url, folder)
    return len(list(folder.glob("*.png")))


@contextmanager
def _app(settings: Settings) -> Iterator[tuple[Page, str]]:
    variables = environment(
        settings, DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash", DOCMIND_FETCH_WRITER="false"
    )
    with page_needed() as page, served(DOCMIND, variables) as (url, _):
        yield page, url


def _in_every_window(page: Page, folder: Path, name: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in _WINDOWS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(700)  # what depends on the width is laid out anew
            settled(page)
            page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", animations="disabled")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})


def _each_page(page: Page, url: str, folder: Path, state: str) -> None:
    for path in _PAGES:
        page.goto(f"{url}/{path}")
        page.locator("#stMain h1").first.wait_for()
        settled(page)
        _in_every_window(page, folder, f"{state}-{path or 'chat'}")


def _conversation(page: Page, url: str, folder: Path) -> None:
    """A chat of a hundred turns, then a question to documents with long names, and its source."""
    page.goto(url)
    page.get_by_test_id("stSidebar").get_by_role("button", name=LONG_CHAT, exact=True).click()
    page.get_by_text(f"Asked in: {LONG_CHAT}").first.wait_for()
    _in_every_window(page, folder, "full-long-chat")
    page.get_by_test_id("stSidebar").get_by_role("button", name="New chat").click()
    page.get_by_role("heading", name="Ask your documents").wait_for()  # what is typed before it is there is lost
    settled(page)
    box = page.get_by_placeholder("Ask about your documents")
    box.fill(_QUESTION)
    box.press("Enter")
    source = page.get_by_test_id("stChatMessage").last.locator('[class*="-source-1"] button').first
    source.wait_for()
    settled(page)
    _in_every_window(page, folder, "full-answer")
    source.click()
    page.locator(".st-key-evidence").wait_for()
    _in_every_window(page, folder, "full-evidence")


def _reading(page: Page, url: str, folder: Path) -> None:
    page.goto(f"{url}/documents")
    text = "\n\n".join(f"Item {number}: the board heard report {number * 7} and agreed." for number in range(_MINUTES))
    files = [
        {"name": f"Minutes, volume {number}.txt", "mimeType": "text/plain", "buffer": f"{number}\n{text}".encode()}
        for number in range(1, 4)
    ]
    page.locator('input[type="file"]').first.set_input_files(files)  # type: ignore[arg-type]  # what it documents
    page.get_by_role("button", name="Pause").first.click()
    page.get_by_role("button", name="Resume").first.wait_for()
    _in_every_window(page, folder, "paused-documents")
    page.goto(url)
    page.get_by_role("button", name="Resume").first.wait_for()
    _in_every_window(page, folder, "paused-chat")


def _add_long_names(settings: Settings) -> None:
    with Workspace(settings) as workspace:
        for number, name in enumerate(_LONG_NAMES):
            text = f"The rent of the flat at Harbour Road is {950 + number} pounds a month."
            stage(workspace, io.BytesIO(text.encode()), f"{name[:190]}.txt")
            workspace.catalog.chats.new(name[:190])
        stage(workspace, io.BytesIO(b"%PDF-1.7 broken"), f"{_LONG_NAMES[1][:150]}.pdf")
        list(drain(workspace))


if __name__ == "__main__":
    print(f"{take_all(load_settings(), Path(sys.argv[1]))} pictures are in {sys.argv[1]}.")  # noqa: T201 - a command's own words
