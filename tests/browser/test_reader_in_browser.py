"""The evidence in Chromium: on windows of every width, of every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
# Far down in the passage that holds it.
MANUAL = "# Descaling\n\n" + "The lamp is green. " * 60 + "\n\nThe zebra valve is cleaned with vinegar.\n"


def ask_and_open(page: Page, question: str) -> None:
    """Ask, and open the first source of the answer."""
    box = page.get_by_placeholder("Ask a question about your documents")
    expect(box).to_be_enabled()
    before = page.get_by_test_id("stChatMessage").count()
    box.fill(question)
    box.press("Enter")
    expect(page.get_by_test_id("stChatMessage")).to_have_count(before + 2)
    expect(box).to_be_enabled()
    page.get_by_test_id("stChatMessage").last.get_by_role("button", name="Source 1").first.click()


def in_view(page: Page, target: Locator) -> bool:
    """Whether it lies inside the window and inside the evidence."""
    expect(target).to_be_visible()
    page.wait_for_timeout(500)  # what scrolls has scrolled
    box, panel = target.bounding_box(), page.locator(".st-key-evidence").bounding_box()
    height = (page.viewport_size or {})["height"]
    assert box and panel
    return max(0, panel["y"]) <= box["y"] and box["y"] + 20 <= min(height, panel["y"] + panel["height"])


def test_the_evidence_lies_beside_the_chat_or_over_it_and_shows_its_mark(
    start_app: Callable[..., Any], page: Page, picture: Callable[[str], Path]
) -> None:
    app = start_app(DOCMIND_ENGINE="extractive", DOCMIND_FETCH_WRITER="false")
    page.goto(f"{app.url}/documents")
    manual = {"name": "manual.md", "mimeType": "text/markdown", "buffer": MANUAL.encode()}
    page.locator('input[type="file"]').set_input_files([manual])  # type: ignore[list-item]  # a payload
    expect(page.get_by_text("1 document ready")).to_be_visible()
    page.locator('input[type="file"]').set_input_files([SAMPLES / "residential-lease.pdf"])
    expect(page.get_by_text("2 documents ready")).to_be_visible()

    page.get_by_role("link", name="Chat").click()
    ask_and_open(page, "What is the zebra valve cleaned with?")
    evidence = page.locator(".st-key-evidence")
    page.set_viewport_size({"width": 1280, "height": 500})
    assert in_view(page, evidence.locator("mark"))
    page.get_by_role("button", name="Close").click()

    # Beside the conversation, and nearly twice as wide.
    page.set_viewport_size({"width": 1024, "height": 768})
    ask_and_open(page, "How much is the monthly rent for Flat 3?")
    expect(evidence.locator("img").first).to_be_visible()
    answer = page.get_by_test_id("stChatMessage").last.bounding_box()
    beside = evidence.bounding_box()
    assert answer and beside
    assert beside["x"] >= answer["x"] + answer["width"]
    assert beside["width"] > 1.5 * answer["width"]
    picture("evidence-1024")

    # Over it: the whole window, without scrolling there.
    for width in (1023, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(300)
        assert evidence.bounding_box() == {"x": 0, "y": 0, "width": width, "height": 800}
        picture(f"evidence-{width}")
    page.get_by_role("button", name="Close").click()
    expect(evidence).to_have_count(0)
    rows = page.get_by_test_id("stSidebar").locator('[class*="st-key-delete-"]')
    page.set_viewport_size({"width": 390, "height": 800})
    if not rows.first.is_visible():
        page.get_by_test_id("stExpandSidebarButton").click()
    picture("sidebar-390")
    title = page.get_by_test_id("stSidebar").get_by_role("button", name="What is the zebra valve").bounding_box()
    delete = rows.first.bounding_box()
    assert title and delete
    assert abs((title["y"] + title["height"] / 2) - (delete["y"] + delete["height"] / 2)) < 8
