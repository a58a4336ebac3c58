"""What people once stumbled over, in a real Chromium: each of these was seen to go wrong and must not again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from running import App, ask, running_apps, take_picture, window

from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.storage.chats import Message
from docmind.workspace import Workspace

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
QUESTION = "How often does the coffee machine need descaling?"
GARDEN = "The hydrangeas behind the shed are watered every second evening."


def upload(page: Page, name: str, text: str) -> None:
    page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    )


def answered(page: Page, question: str) -> None:
    before = page.get_by_test_id("stChatMessage").count()
    ask(page, question)
    expect(page.get_by_test_id("stChatMessage")).to_have_count(before + 2)
    told = re.compile(r"Read \d+ passage|No passage came near")
    expect(page.get_by_test_id("stChatMessage").last.get_by_text(told)).to_be_visible()


@pytest.fixture
def app(start_app: Callable[..., App], tmp_path: Path) -> App:
    """The app over the sample documents, without models."""
    with Workspace(Settings(data_dir=tmp_path / "data", engine="extractive", embedder="hash")) as workspace:
        list(ingest(workspace, [SAMPLES]))
    return start_app(DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash", DOCMIND_FETCH_WRITER="false")


def test_an_answer_names_what_is_not_read_yet_and_is_asked_again_with_it(
    app: App, page: Page, picture: Callable[[str], Path]
) -> None:
    page.goto(f"{app.url}/documents")
    expect(page.get_by_text("6 documents ready")).to_be_visible()
    # Long enough that reading it is paused before it is done.
    upload(page, "garden.txt", "\n\n".join([GARDEN, *(f"Bed {n} holds roses of kind {n}." for n in range(20_000))]))
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_role("button", name="Pause").click()
    expect(sidebar.get_by_text("paused")).to_be_visible()
    page.get_by_role("link", name="Chat", exact=True).click()
    ask(page, "How often are the hydrangeas behind the shed watered?")
    expect(page.get_by_text("Not read yet when you asked, so not in this answer: garden.txt.")).to_be_visible()
    expect(page.get_by_text("Reading is paused.")).to_be_visible()
    picture("mends-unread")
    sidebar.get_by_role("button", name="Resume").click()
    again = page.get_by_role("button", name="Ask again with it")
    expect(again).to_be_visible(timeout=300_000)
    again.click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(4)
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("every second evening")
    expect(page.get_by_test_id("stChatMessage").last.get_by_text("Not read yet")).to_have_count(0)


def test_chats_stand_in_the_order_of_their_last_question_and_a_very_long_one_is_folded(
    app: App, page: Page, picture: Callable[[str], Path]
) -> None:
    page.goto(app.url)
    answered(page, QUESTION)
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
    answered(page, f"How high is the rent? {'Please look at every clause. ' * 60}")
    question = page.get_by_test_id("stChatMessage").first
    expect(question.get_by_text("The whole question (")).to_be_visible()
    assert (question.bounding_box() or {})["height"] < 400
    rows = page.locator('[class*="st-key-listed-"] .stButton')
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("How high is the rent?")
    rows.last.click()
    expect(question).to_contain_text(QUESTION)
    expect(page).to_have_url(re.compile("chat="))
    answered(page, "Who cleans it?")
    expect(rows.first).to_contain_text(QUESTION)
    picture("mends-chats")


def test_deleting_asks_once_in_red_and_an_analysis_stands_in_the_address(
    app: App, page: Page, picture: Callable[[str], Path]
) -> None:
    page.goto(f"{app.url}/documents")
    row = page.locator('[class*="st-key-document-"]').filter(has_text="meeting-minutes.txt")
    row.get_by_role("button", name="More: meeting-minutes.txt").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    delete = dialog.get_by_role("button", name="Delete")
    expect(delete).to_have_css("background-color", "rgb(179, 38, 30)")
    picture("mends-delete")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(row).to_be_visible()

    page.goto(f"{app.url}/analyse")
    page.get_by_label("Documents").first.click()
    page.get_by_role("option", name="meeting-minutes.txt").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Analyse").click()
    title = page.get_by_role("heading", name="Short summary: meeting-minutes.txt")
    expect(title).to_be_visible()
    expect(page).to_have_url(re.compile("analysis="))
    mark = page.get_by_role("button", name=re.compile("^Source 1:")).first
    mark.focus()
    expect(page.locator(".tip").filter(visible=True)).to_contain_text("meeting-minutes.txt")
    page.reload()
    expect(title).to_be_visible()
    more = page.get_by_role("button", name=re.compile("^More: Short summary"))
    assert round((more.bounding_box() or {})["height"]) == 36
    more.click()
    page.get_by_role("menuitem", name="Delete").click()
    delete.click()
    expect(page.get_by_text("Choose a document to begin")).to_be_visible()
    expect(page.get_by_text("not here any more")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("analysis="))


def test_a_missing_model_blocks_only_what_needs_it(
    page: Page, models_dir: Path, tmp_path: Path, start_app: Callable[..., App]
) -> None:
    settings = Settings(data_dir=tmp_path / "data", models_dir=models_dir, engine="extractive")
    with Workspace(settings) as workspace:
        list(ingest(workspace, [SAMPLES / "coffee-machine-manual.md"]))
        chat = workspace.catalog.chats.new("An old chat")
        workspace.catalog.chats.add(chat.id, Message("user", {"text": QUESTION}))
    (tmp_path / "none").mkdir()
    app = start_app(
        DOCMIND_MODELS_DIR=str(tmp_path / "none"), DOCMIND_ENGINE="extractive", DOCMIND_FETCH_WRITER="false"
    )
    page.goto(app.url)
    expect(page.get_by_text("One step before the first question")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Fetch the starter model"))).to_be_enabled()
    page.get_by_role("button", name="An old chat", exact=True).click()
    expect(page.get_by_test_id("stChatMessage").first).to_contain_text(QUESTION)
    expect(page.get_by_placeholder("Ask about your documents")).to_be_disabled()
    take_picture(page, "mends-missing")
    page.get_by_role("link", name="Documents", exact=True).click()
    page.get_by_role("button", name="coffee-machine-manual.md", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("Descaling").first).to_be_visible()


def test_no_address_of_the_app_asks_for_what_is_not_there(app: App, page: Page) -> None:
    refused: list[str] = []

    def note(response: Response) -> None:
        if response.status >= 400:
            refused.append(f"{response.status} {response.url}")

    page.on("response", note)
    for address in (
        "", "?chat=gone&scope=gone", "chat?chat=gone", "analyse", "analyse?analysis=gone", "documents",
        "documents?document=meeting-minutes.txt", "documents?document=gone", "models", "settings",
    ):  # fmt: skip
        page.goto(f"{app.url}/{address}")
        expect(page.get_by_role("heading", level=1).first).to_be_attached()
        expect(page.get_by_text("Page not found")).to_have_count(0)
    assert refused == []


def test_windows_that_are_closed_in_the_midst_of_an_answer_leave_no_traceback(
    browser: Browser, models_dir: Path, tmp_path: Path
) -> None:
    with running_apps(tmp_path, models_dir) as start:
        app = start(
            DOCMIND_ANSWER_STYLE="write",
            DOCMIND_PROMPT_PASSAGES="3",
            DOCMIND_FETCH_WRITER="false",
            DOCMIND_CACHE="false",  # the second question is the first one again
        )
        with window(browser) as page:
            page.goto(f"{app.url}/documents")
            upload(page, "garden.txt", GARDEN)
            expect(page.get_by_text("1 document ready")).to_be_visible()
        for _ in range(2):
            with window(browser) as page:
                page.goto(app.url)
                ask(page, "How often are the hydrangeas watered? Write at length about it.")
                expect(page.locator(".dm-waiting, .dm-caret, .dm-preview").first).to_be_visible()
        with window(browser) as page:
            page.goto(app.url)
            expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()
        app.stop()
        assert "Traceback" not in app.log.read_text(encoding="utf-8")
