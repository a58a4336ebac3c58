"""A follow-up in a real Chromium: what it was asked as, put right and asked again; what was read; a kept document."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from running import ask

from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.workspace import Workspace

pytestmark = pytest.mark.browser

READ = re.compile(r"Read \d+ passages?")
_BOTH = """
const every = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
  [one, ...(one.shadowRoot ? every(one.shadowRoot) : [])]);
every(document).find((e) => e.tagName === "BUTTON" && e.textContent.trim() === "Contents").click();
document.querySelector('[data-testid="stChatInputSubmitButton"]').click();
"""
LEASE = Path(__file__).resolve().parents[2] / "data" / "samples" / "residential-lease.pdf"


def test_a_follow_up_says_what_it_was_asked_as_and_is_asked_again_as_the_user_puts_it(
    start_app: Callable[..., Any], page: Page, settings: Settings, picture: Callable[[str], Path]
) -> None:
    with Workspace(settings.model_copy(update={"engine": "extractive"})) as workspace:
        assert [outcome.status for outcome in ingest(workspace, [LEASE])] == ["ingested"]
    app = start_app(DOCMIND_ENGINE="extractive")
    page.goto(app.url)
    ask(page, "How much is the monthly rent?")
    expect(page.get_by_text(READ)).to_have_count(1)
    ask(page, "And when is it due?")
    answer = page.get_by_test_id("stChatMessage").nth(3)
    expect(answer.get_by_text("Asked as: When is the monthly rent due?")).to_be_visible()
    expect(page.get_by_text(READ)).to_have_count(2)
    answer.get_by_text(READ).click()
    expect(answer.get_by_text("kept free for the answer")).to_be_visible()
    picture("12-asked-as")

    answer.get_by_role("button", name="Edit").click()
    field = page.get_by_label("The question, as it is to be understood")
    expect(field).to_have_value("When is the monthly rent due?")
    field.fill("When is the deposit due?")
    page.get_by_role("button", name="Ask this instead").click()
    again = page.get_by_test_id("stChatMessage").nth(4)
    expect(again).to_contain_text("When is the deposit due?")
    expect(page.get_by_text(READ)).to_have_count(3)
    expect(page.get_by_text("Asked as:")).to_have_count(1)

    page.get_by_test_id("stChatMessage").nth(1).get_by_role("button", name="residential-lease.pdf").first.click()
    page.get_by_text("Keep", exact=True).click()
    # Sent in the same moment as the reader asks for something, which Streamlit makes one request of the reader's part.
    page.get_by_placeholder("Ask about your documents").fill("And the pets?")
    expect(page.get_by_role("button", name="Contents")).to_be_visible()
    expect(page.get_by_role("button", name="Send message")).to_be_enabled()
    page.evaluate(_BOTH)
    expect(page.get_by_text("Kept: residential-lease.pdf")).to_be_visible()
    picture("13-kept")
