"""The Analyse page in Chromium: a summary is made, its sources open next to it, and it is there after a reload."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_summary_is_made_read_and_found_again(
    page: Page, start_app: Callable[..., object], picture: Callable[[str], Path]
) -> None:
    app = start_app(DOCMIND_ENGINE="extractive", DOCMIND_FETCH_WRITER="false")
    page.goto(app.url)
    page.get_by_role("button", name="Try it with sample documents").click()
    page.goto(f"{app.url}/documents")
    expect(page.get_by_text("6 documents ready")).to_be_visible()

    page.goto(f"{app.url}/analyse")
    expect(page.get_by_text("Choose a document to begin")).to_be_visible()
    page.get_by_label("Documents").first.click()
    page.get_by_role("option", name="residential-lease.pdf").click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Sentences of the documents, quoted")).to_be_visible()
    picture("analyse-chosen")
    page.get_by_role("button", name="Analyse").click()
    title = page.get_by_role("heading", name="Short summary: residential-lease.pdf")
    expect(title).to_be_visible()
    marks = page.get_by_role("button", name="Source 3:")
    expect(marks).to_be_visible()
    marks.click()
    expect(page.get_by_text("· cited")).to_be_visible()
    picture("analyse-evidence")

    page.reload()  # the address names it
    expect(title).to_be_visible()
    page.get_by_role("button", name="New analysis").click()
    expect(title).to_have_count(0)
    page.get_by_role("button", name="Short summary: residential-lease.pdf", exact=True).click()
    expect(title).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Markdown").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "residential" in text
    assert "docmind-export" in text
