"""The library as a person lives in it, in a real Chromium: one app, from the first upload to the last deletion."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = REPOSITORY / "data" / "samples"
LEASE = (SAMPLES / "residential-lease.pdf").read_bytes()
# Long enough not to be through before somebody presses Pause.
LONG = "\n\n".join(
    f"Clause {number} says that the tenant of flat {number} pays in advance." for number in range(24_000)
)

pytestmark = pytest.mark.browser


def payload(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def upload(page: Page, *files: dict[str, Any]) -> None:
    page.locator('input[type="file"]').set_input_files(list(files))  # type: ignore[arg-type]  # payloads of its own type


def more(page: Page, name: str, action: str) -> None:
    row = page.locator('[class*="st-key-document-"]').filter(has_text=name)
    row.get_by_role("button", name=f"More: {name}", exact=True).click()
    page.get_by_role("menuitem", name=action).click()


@pytest.fixture
def app(start_app: Callable[..., Any]) -> Any:
    """The app without models, embedding one passage at a time, so that reading can be watched."""
    return start_app(DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash", DOCMIND_EMBED_BATCH_SIZE="1")


def test_the_library_from_the_first_upload_to_the_last_deletion(
    app: Any, page: Page, picture: Callable[[str], Path], tmp_path: Path
) -> None:
    page.goto(f"{app.url}/documents")
    expect(page.get_by_text("No documents yet")).to_be_visible()
    files_are_read_at_the_users_pace(page, picture)
    documents_are_opened_renamed_and_downloaded(page, app.url, picture, tmp_path)
    several_are_collected_and_deleted_together(page, picture)
    assert list((app.data_dir / "originals").iterdir()) == []


def files_are_read_at_the_users_pace(page: Page, picture: Callable[[str], Path]) -> None:
    upload(
        page,
        payload("lease.pdf", LEASE),
        payload("manual.md", (SAMPLES / "coffee-machine-manual.md").read_bytes()),
        payload("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(2000)),
        payload("long one.txt", LONG.encode()),
        payload("longer.txt", f"{LONG}\n\nThe end.".encode()),
    )

    # Small ones first; the refused one by its name and reason; how far reading is, on every page.
    expect(page.get_by_text("2 documents ready")).to_be_visible()
    expect(page.get_by_text("'photo.png' appears to be a PNG picture")).to_be_visible()
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text("Reading 4 of 5")).to_be_visible()
    sidebar.get_by_role("button", name="Pause").click()
    expect(sidebar.get_by_text("paused")).to_be_visible()
    expect(sidebar.get_by_text("long one.txt")).to_be_visible()
    picture("20-reading")
    for other in ("Chat", "Models", "Analyse"):
        page.get_by_role("link", name=other, exact=True).click()
        expect(sidebar.get_by_text("Reading 4 of 5")).to_be_visible()
    line = page.get_by_test_id("stMain").get_by_text("Reading 4 of 5 · paused")
    expect(line).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})  # here the sidebar is folded
    expect(line).to_be_in_viewport()
    picture("20-reading-390")
    page.set_viewport_size({"width": 1400, "height": 900})
    page.reload()
    page.get_by_role("link", name="Documents", exact=True).click()
    cancel = page.get_by_test_id("stMain").get_by_role("button", name=re.compile(r"Cancel long"))
    expect(cancel).to_have_count(2)
    cancel.last.click()
    expect(page.get_by_text("longer.txt was cancelled. Nothing of it is kept.")).to_be_visible()
    sidebar.get_by_role("button", name="Cancel all").click()
    expect(page.get_by_text("long one.txt was cancelled. Nothing of it is kept.")).to_be_visible()
    expect(sidebar.get_by_text("Reading")).to_have_count(0)


def documents_are_opened_renamed_and_downloaded(
    page: Page, url: str, picture: Callable[[str], Path], tmp_path: Path
) -> None:
    # A row opens the document; the address does, too.
    page.get_by_role("button", name="lease.pdf", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("lease.pdf").first).to_be_visible()
    picture("21-opened")
    page.goto(f"{url}/documents?document=manual.md")
    expect(page.get_by_role("dialog").get_by_text("manual.md").first).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    # Renamed, downloaded as it was.
    more(page, "lease.pdf", "Rename")
    page.get_by_role("dialog").get_by_label("Name").fill("Flat 3")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Flat 3.pdf", exact=True)).to_be_visible()
    more(page, "Flat 3.pdf", "Download")
    with page.expect_download() as downloading:
        page.get_by_role("dialog").get_by_role("button", name="Download", exact=True).click()
    downloading.value.save_as(tmp_path / "copy.pdf")
    assert (tmp_path / "copy.pdf").read_bytes() == LEASE
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()


def several_are_collected_and_deleted_together(page: Page, picture: Callable[[str], Path]) -> None:
    # Ticked and put into a collection, which is then found.
    for box in page.locator('[class*="st-key-select-"] label').all():
        box.click()
    expect(page.get_by_text("2 documents selected")).to_be_visible()
    page.locator(".st-key-collect-selected button").click()
    page.get_by_role("dialog").get_by_label("Name of the collection").fill("My flat")
    page.keyboard.press("Tab")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator(".dm-tags").get_by_text("My flat")).to_have_count(2)
    picture("22-library")
    for width, name in ((1024, "23-library-1024"), (390, "24-library-390")):
        page.set_viewport_size({"width": width, "height": 844})
        picture(name)
    page.set_viewport_size({"width": 1400, "height": 900})

    # Deleted together: nothing is left.
    page.locator(".st-key-delete-selected button").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("0 left")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("No documents yet")).to_be_visible()
