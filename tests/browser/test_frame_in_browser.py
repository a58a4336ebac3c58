"""What holds on every page: anybody can use it, with whatever they use, and it says when the app has ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from running import App, ask, findings, running_apps, take_picture, window

pytestmark = pytest.mark.browser

QUESTION = "How much is the monthly rent for Flat 3?"


@pytest.fixture(scope="module")
def app(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with running_apps(tmp_path_factory.mktemp("frame"), models_dir) as start:
        yield start(DOCMIND_ENGINE="extractive", DOCMIND_FETCH_WRITER="false")


@pytest.fixture(scope="module")
def page(browser: Browser, app: App) -> Iterator[Page]:
    """One window for all tests here, on a chat about the samples."""
    with window(browser) as opened:
        opened.goto(app.url)
        opened.get_by_role("button", name="Try it with sample documents").click()
        expect(opened.get_by_text("6 documents ready")).to_be_visible()
        opened.goto(app.url)
        yield opened


def ask_and_wait(page: Page, question: str) -> None:
    ask(page, question)
    expect(page.get_by_test_id("stChatMessage").last.get_by_role("button", name="Source 1").first).to_be_visible()
    expect(page.get_by_placeholder("Ask about your documents")).to_be_enabled()


# Notes what is announced, as a screen reader does.
_LISTEN = """
window.heard = [];
const region = document.querySelector(".dm-live");
new MutationObserver(() => window.heard.push(region.textContent)).observe(region, { childList: true });
"""


def test_an_answer_is_announced_and_the_question_box_is_two_keys_away(page: Page) -> None:
    expect(page.get_by_placeholder("Ask about your documents")).to_be_enabled()
    page.locator("body").focus()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the question")
    expect(skip).to_be_focused()
    take_picture(page, "skip-link")
    page.keyboard.press("Enter")
    expect(page.get_by_placeholder("Ask about your documents")).to_be_focused()
    page.evaluate(_LISTEN)
    ask_and_wait(page, QUESTION)
    page.wait_for_function("window.heard.some((words) => words.includes('1,450'))")


def test_the_keys_are_listed_and_lead_to_the_question(page: Page) -> None:
    page.get_by_test_id("stChatMessage").first.click()  # nothing is being typed
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys.get_by_text("turn the page in the reader")).to_be_visible()
    take_picture(page, "keys")
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("/")
    box = page.get_by_placeholder("Ask about your documents")
    expect(box).to_be_focused()
    page.keyboard.type("Why/how?")
    expect(box).to_have_value("Why/how?")
    expect(keys).to_be_hidden()
    box.fill("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_shuts_anybody_out(page: Page, app: App, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(app.url)
    if page.get_by_test_id("stSidebar").get_by_role("button", name=QUESTION[:20]).count() == 0:
        ask_and_wait(page, QUESTION)
    page.get_by_test_id("stSidebar").get_by_role("button", name=QUESTION[:20]).first.click()
    source = page.get_by_test_id("stChatMessage").last.get_by_role("button", name="Source 1").first
    expect(source).to_be_visible()
    found = {"chat": findings(page)}
    if page.get_by_role("button", name="Say more").count() == 0:
        page.get_by_test_id("stFeedback").get_by_role("radio").last.click()
    page.get_by_role("button", name="Say more").click()
    expect(page.get_by_text("What is the right answer?")).to_be_visible()
    found["popover"] = findings(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_role("dialog").get_by_text("docmind verify")).to_be_visible()
    found["export"] = findings(page)
    page.keyboard.press("Tab")
    focused = page.get_by_role("dialog").locator(":focus")
    assert focused.evaluate("element => getComputedStyle(element).outlineColor") == "rgb(53, 130, 124)"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    source.click()
    expect(page.locator(".st-key-evidence img")).to_be_visible()
    found["evidence"] = findings(page)
    shown = {
        "documents": "6 documents ready",
        "analyse": "Choose a document",
        "models": "In use",
        "settings": "Where things are",
    }
    for name, words in shown.items():
        page.goto(f"{app.url}/{name}")
        expect(page.get_by_text(words).first).to_be_visible()
        found[name] = findings(page)
        take_picture(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light")
    assert not any(found.values()), found
    places = page.get_by_test_id("stMain").locator(".dm-places").first
    assert places.evaluate("list => getComputedStyle(list).paddingLeft") == "0px"  # in line with its heading


def test_no_page_shuts_anybody_out_on_a_phone_or_where_it_asks(page: Page, app: App) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    found = {}
    for name, words in (
        ("", "Ask your documents"),
        ("analyse", "Choose a document"),
        ("documents", "6 documents ready"),
        ("models", "In use"),
        ("settings", "Folders kept in step"),
    ):
        page.goto(f"{app.url}/{name}")
        expect(page.get_by_text(words).first).to_be_visible()
        found[name] = findings(page)
    page.goto(f"{app.url}/documents")
    page.get_by_role("button", name="Select all").click()
    expect(page.get_by_text("6 documents selected")).to_be_visible()
    for name, title in (("Collections", "Collections"), ("Delete", "Delete 6 documents?")):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("dialog").get_by_text(title).first).to_be_visible()
        found[title] = findings(page)
        take_picture(page, f"phone-{name.lower()}")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    # What is chosen in the menu is in view: the menu does not stay over it.
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Models", exact=True).click()
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    page.set_viewport_size({"width": 1400, "height": 900})
    assert not any(found.values()), found


def test_no_empty_page_shuts_anybody_out(browser: Browser, models_dir: Path, tmp_path: Path) -> None:
    with running_apps(tmp_path, models_dir) as start, window(browser) as page:
        app = start(DOCMIND_ENGINE="extractive", DOCMIND_FETCH_WRITER="false")
        found = {}
        for name, words in (
            ("", "Your library is empty"),
            ("analyse", "No documents yet"),
            ("documents", "No documents yet"),
        ):
            page.goto(f"{app.url}/{name}")
            expect(page.get_by_text(words).first).to_be_visible()
            found[name] = findings(page)
        assert not any(found.values()), found


def test_a_page_whose_app_has_ended_says_so_and_goes_on_when_it_is_back(page: Page, app: App) -> None:
    page.goto(app.url)
    expect(page.get_by_placeholder("Ask about your documents")).to_be_enabled()
    assert app.process
    os.killpg(app.process.pid, signal.SIGKILL)  # its session is its own
    app.process.wait(30)
    told = page.get_by_role("dialog")
    expect(told.get_by_text("DocMind was closed")).to_be_visible()
    expect(told.get_by_text("make run")).to_be_visible()
    expect(page.get_by_text("connected to the internet")).to_be_hidden()
    take_picture(page, "closed")
    app.start()
    expect(told).to_have_count(0)
    ready = '[data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
    expect(page.locator(ready)).to_be_attached()
    page.wait_for_timeout(1000)  # the page that is still shown is the one of before
    ask_and_wait(page, QUESTION)
