"""A conversation in a real Chromium: it scrolls to its own answers, and its address keeps what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from running import ask

from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.workspace import Workspace

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
FIRST, SECOND = "How much is the monthly rent for Flat 3?", "How often does the coffee machine need descaling?"
_MAIN = 'document.getElementById("stMain")'


def ask_and_wait(page: Page, question: str) -> Locator:
    """Ask and wait until it is answered; the answer."""
    before = page.get_by_test_id("stChatMessage").count()
    ask(page, question)
    expect(page.get_by_test_id("stChatMessage")).to_have_count(before + 2)
    answer = page.get_by_test_id("stChatMessage").last
    expect(answer.get_by_text(re.compile(r"Read \d+ (passages|document)"))).to_be_visible()
    return answer


def expect_the_end(page: Page) -> None:
    """Wait until the page, which is longer than the window, shows its end."""
    page.wait_for_function(
        f"(main => main.scrollTop > 0 && main.scrollHeight - main.scrollTop - main.offsetHeight < 2)({_MAIN})"
    )


def choose(page: Page, document: str) -> None:
    """Choose a document to ask."""
    box = page.get_by_test_id("stSidebar").get_by_role("combobox")
    box.fill(document)
    expect(page.get_by_role("option", name=document)).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(re.compile("scope="))
    page.keyboard.press("Escape")


def cited_and_copied(page: Page) -> None:
    """Whoever points at a citation or focuses it reads its sentence; an answer is copied with its references."""
    last = page.get_by_test_id("stChatMessage").last
    last.get_by_role("button", name="Source 1").first.focus()
    tip = last.locator(".tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("meeting-minutes.txt")
    expect(tip).to_contain_text("The landlord pays the whole cost")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    last.get_by_role("button", name="Copy").click()
    expect(last.get_by_role("button", name="Copied")).to_be_visible()
    assert "[1] meeting-minutes.txt" in page.evaluate("navigator.clipboard.readText()")


def expect_the_mark(page: Page, mark: Locator) -> None:
    """Wait until the evidence is open and the page has settled; then the mark is to be seen."""
    expect(page.locator(".st-key-evidence")).to_be_visible()
    page.wait_for_timeout(2000)
    box, foot = mark.bounding_box(), page.get_by_test_id("stBottom").bounding_box()
    assert box is not None
    assert foot is not None
    assert 40 < box["y"] < foot["y"] - box["height"]


def cited_stays_in_view(page: Page, picture: Callable[[str], Path]) -> None:
    """The mark of a citation stays in view as the evidence opens, which makes the conversation narrower."""
    page.set_viewport_size({"width": 1280, "height": 800})
    answer = ask_and_wait(page, "List the duties of the tenant")
    expect_the_end(page)
    mark = answer.get_by_role("button", name="Source 3").first
    mark.click()
    expect_the_mark(page, mark)
    picture("25-cited")
    page.locator(".st-key-evidence-close button").click()
    expect(page.locator(".st-key-evidence")).to_have_count(0)
    # A source's own button, below the text, brings its mark; whoever moves the page then is left alone.
    page.mouse.move(600, 400)
    page.mouse.wheel(0, 9000)
    expect_the_end(page)
    answer.get_by_role("button", name="1 · ").first.click()
    expect_the_mark(page, answer.get_by_role("button", name="Source 1").first)
    page.mouse.wheel(0, 9000)
    expect_the_end(page)


def scrolled_up_by_the_scrollbar_it_stays(page: Page) -> None:
    """Who draws the scrollbar up, which tells the page of nothing but its scrolling, stays there as the page grows."""
    page.wait_for_timeout(500)  # what arrives late is there
    page.evaluate(f"{_MAIN}.scrollTo({{ top: 0 }})")
    page.wait_for_timeout(200)
    page.evaluate("document.querySelector('.stChatMessage').style.paddingBottom = '20rem'")
    page.wait_for_timeout(300)
    assert page.evaluate(f"{_MAIN}.scrollTop") == 0
    page.evaluate("document.querySelector('.stChatMessage').style.paddingBottom = ''")


def pinned(page: Page, picture: Callable[[str], Path]) -> None:
    """The rows of the sidebar are 36 pixels high, and what belongs to one is named with its title."""
    sidebar = page.get_by_test_id("stSidebar")
    row = sidebar.get_by_role("button", name=FIRST, exact=True)
    more = sidebar.get_by_role("button", name=f"More: {FIRST}")
    assert [round((button.bounding_box() or {})["height"]) for button in (row, more)] == [36, 36]
    more.click()
    picture("20-chats")
    page.get_by_role("menuitem", name="Pin").click()
    expect(row.get_by_test_id("stIconMaterial")).to_be_visible()


def test_a_conversation_stays_in_view_and_its_address_keeps_it(
    start_app: Callable[..., Any], page: Page, picture: Callable[[str], Path], settings: Settings
) -> None:
    with Workspace(settings.model_copy(update={"engine": "extractive"})) as workspace:
        assert {outcome.status for outcome in ingest(workspace, [SAMPLES])} == {"ingested"}
    app = start_app(DOCMIND_ENGINE="extractive")
    turns, sidebar = page.get_by_test_id("stChatMessage"), page.get_by_test_id("stSidebar")

    # From the second question on, also where the reader has scrolled up meanwhile.
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(app.url)
    ask_and_wait(page, FIRST)
    long_chat = page.url
    assert "?chat=" in long_chat
    ask_and_wait(page, SECOND)
    expect_the_end(page)
    page.mouse.move(700, 400)
    page.mouse.wheel(0, -9000)
    expect(turns.first).to_be_in_viewport()
    ask_and_wait(page, "Who pays for the roof repair?")
    expect_the_end(page)

    cited_and_copied(page)
    pinned(page, picture)

    # An old chat opens at its last turn; the back button leads to the one before.
    sidebar.get_by_role("button", name="New chat").click()
    expect(turns).to_have_count(0)
    ask_and_wait(page, "What does a lost key cost?")
    # A row of a table is shown as one, beneath the names of its columns.
    expect(turns.last.get_by_role("columnheader")).to_have_text(["Charge", "When it is due", "Amount"])
    expect(turns.last.get_by_role("cell")).to_have_text(["Lost key or fob", "On replacement", "£45"])
    short_chat = page.url
    sidebar.get_by_role("button", name=FIRST, exact=True).click()
    expect(turns).to_have_count(6)
    expect_the_end(page)
    assert page.url == long_chat
    scrolled_up_by_the_scrollbar_it_stays(page)
    page.go_back()
    expect(turns).to_have_count(2)
    expect(page).to_have_url(short_chat)
    page.go_forward()
    expect(turns).to_have_count(6)

    # A visit to another page, and a reload, change neither chat nor scope.
    choose(page, "residential-lease.pdf")
    with_scope = page.url
    page.get_by_role("link", name="Documents").click()
    expect(page.get_by_text("6 documents ready")).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    for back in (lambda: None, page.reload):
        back()
        expect(turns).to_have_count(6)
        expect_the_end(page)
        expect(sidebar.get_by_test_id("stMultiSelect")).to_contain_text("residential-lease.pdf")
        expect(page).to_have_url(with_scope)
    ask_and_wait(page, FIRST)
    expect(page.get_by_text("Only in residential-lease.pdf")).to_be_in_viewport()
    cited_stays_in_view(page, picture)
