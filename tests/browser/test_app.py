"""What a person does with the app, done in a real Chromium."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from running import ask

from docmind import verify_file
from docmind.sentences import split_sentences

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = REPOSITORY / "data" / "samples"

pytestmark = pytest.mark.browser


def upload(page: Page, url: str, *files: Path | dict[str, Any]) -> None:
    page.goto(f"{url}/documents")
    page.locator('input[type="file"]').set_input_files(list(files))  # type: ignore[arg-type]  # paths and payloads both


def drop(page: Page, file: Path) -> None:
    """Drop a file of this machine into the question box, as the desktop does."""
    box = page.get_by_test_id("stChatInput").bounding_box()
    assert box
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    dragged = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    desktop = page.context.new_cdp_session(page)
    for step in ("dragEnter", "dragOver", "drop"):
        desktop.send("Input.dispatchDragEvent", {"type": step, "data": dragged, **at})
    expect(page.get_by_test_id("stChatInput").get_by_text(file.suffix)).to_be_visible()


def printed(page: Page) -> str:
    """The text of the PDF that the browser makes of what it is told to print."""
    page.get_by_role("dialog").get_by_role("button", name="Print or PDF").click()
    expect(page.locator("iframe.dm-print")).to_be_attached()
    paper = page.context.new_page()
    paper.set_content(page.locator("iframe.dm-print").get_attribute("srcdoc") or "")
    pages = pypdfium2.PdfDocument(paper.pdf())
    paper.close()
    return "".join(sheet.get_textpage().get_text_range() for sheet in pages)


def highlighted_share(page: Page) -> float:
    """How much of the page image in the evidence panel is marker yellow."""
    image = Image.open(io.BytesIO(page.locator(".st-key-evidence img").screenshot())).convert("RGB").resize((300, 400))
    yellow = sum(1 for red, green, blue in image.get_flattened_data() if red > 200 and green > 180 and blue < 140)
    return yellow / (300 * 400)


def test_a_dropped_pdf_is_read_asked_and_its_citation_opens_the_page_with_the_sentence_marked(
    start_app: Callable[..., Any], page: Page, picture: Callable[[str], Path]
) -> None:
    app = start_app()
    page.goto(app.url)
    expect(page.get_by_text("Your library is empty")).to_be_visible()
    picture("01-empty")

    drop(page, SAMPLES / "residential-lease.pdf")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("1 document to ask")).to_be_visible()
    picture("02-document-ready")

    ask(page, "How much is the monthly rent for Flat 3?")
    expect(page.get_by_text(re.compile(r"Read \d+ passages?"))).to_be_visible()
    answer = page.get_by_test_id("stChatMessage").last
    expect(answer).to_contain_text("1,450")
    picture("03-answer")

    # The small number inside the sentence opens the evidence.
    answer.get_by_role("button", name="Source 1").click()
    expect(page.locator(".st-key-evidence img")).to_be_visible()
    expect(page.get_by_text("of 4 · cited")).to_be_visible()
    assert 0.003 < highlighted_share(page) < 0.1
    picture("04-evidence")

    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_role("region", name="Page 2 of residential-lease.pdf")).to_be_visible()


def test_what_the_documents_do_not_say_is_not_invented(
    start_app: Callable[..., Any], page: Page, picture: Callable[[str], Path]
) -> None:
    app = start_app()
    page.goto(app.url)
    page.get_by_role("button", name="Try it with sample documents").click()
    expect(page.get_by_text("6 documents ready")).to_be_visible()
    picture("05-samples-ready")
    page.get_by_role("link", name="Chat").click()
    ask(page, "What is the capital of Peru?")
    expect(page.get_by_test_id("stMainBlockContainer").get_by_text("I did not find an answer to this")).to_be_visible()
    expect(page.get_by_text("Closest passage, may not answer this", exact=True)).to_be_visible()
    picture("06-not-found")

    # A format without pages shows the passage with the sentence marked.
    ask(page, "How often does the coffee machine need descaling?")
    expect(page.get_by_text(re.compile(r"Read \d+ passages?"))).to_be_visible()
    page.get_by_role("button", name="coffee-machine-manual.md").last.click()
    expect(page.locator(".st-key-evidence mark").first).to_contain_text("three months")
    picture("07-passage")


def test_a_file_that_cannot_be_read_says_why_and_the_others_go_in(
    start_app: Callable[..., Any], page: Page, picture: Callable[[str], Path]
) -> None:
    app = start_app()
    upload(
        page,
        app.url,
        {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""},
        {"name": "not really.pdf", "mimeType": "application/pdf", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(2000)},
        {
            "name": "![x](a.png) $x$ 🏠 <b>..%2f.txt",
            "mimeType": "text/plain",
            "buffer": b"The house is blue.",
        },
        {"name": "fine.txt", "mimeType": "text/plain", "buffer": b"The garden is green."},
    )
    expect(page.get_by_text("2 documents ready")).to_be_visible()
    expect(page.get_by_text("not read")).to_have_count(2)
    expect(page.get_by_role("button", name="![x](a.png) $x$ 🏠 <b>..%2f.txt", exact=True)).to_be_visible()
    picture("08-failures")
    for left in (1, 0):
        page.get_by_role("button", name="Dismiss").first.click()
        expect(page.get_by_text("not read")).to_have_count(left)


def test_chats_and_documents_survive_a_restart_and_deleting_leaves_nothing(
    start_app: Callable[..., Any], page: Page, picture: Callable[[str], Path], tmp_path: Path
) -> None:
    app = start_app()
    upload(page, app.url, SAMPLES / "meeting-minutes.txt", SAMPLES / "research-note.html")
    expect(page.get_by_text("2 documents ready")).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    ask(page, "Who pays for the roof repair?")
    expect(page.get_by_text(re.compile(r"Read \d+ passages?"))).to_be_visible()
    page.locator('[class*="-thumbs"] button').last.click()
    expect(page.get_by_role("button", name="Say more")).to_be_visible()
    page.locator('[class*="-download"] button:visible').click()
    with page.expect_download() as downloading:
        page.get_by_role("dialog").get_by_role("button", name="Word").click()
    picture("10-download")
    downloading.value.save_as(tmp_path / "answer.docx")
    assert verify_file(tmp_path / "answer.docx", SAMPLES).holds
    assert "Who pays for the roof repair?" in printed(page)
    app.stop()
    app.start()

    page.goto(app.url)
    page.get_by_role("button", name="Who pays for the roof repair?", exact=True).click()
    expect(page.get_by_text(re.compile(r"Read \d+ passages?"))).to_be_visible()
    expect(page.get_by_role("button", name="Say more")).to_be_visible()

    page.get_by_role("link", name="Documents").click()
    expect(page.get_by_text("2 documents ready")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="More").first.click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    picture("09-confirm-delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("0 left")).to_be_visible()
    expect(page.get_by_text("1 document ready")).to_be_visible()


def test_an_answer_can_be_stopped_and_is_in_view_with_its_question_while_it_is_written(
    start_app: Callable[..., Any], page: Page
) -> None:
    # Written out at length, so that there is time to look and to press the button, whatever the machine reads in time.
    app = start_app(DOCMIND_ANSWER_STYLE="write", DOCMIND_ANSWER_TOKENS="700", DOCMIND_PROMPT_PASSAGES="3")
    upload(page, app.url, SAMPLES / "coffee-machine-manual.md")
    expect(page.get_by_text("1 document ready")).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    stop, turns = page.get_by_role("button", name="Stop"), page.get_by_test_id("stChatMessage")
    # Asked for in so many words, because the small model is soon done otherwise.
    question = "How often does the coffee machine need descaling? Write at length about it."
    for answers in (1, 2):
        ask(page, question)
        expect(page.locator(".dm-caret")).to_be_in_viewport()
        expect(turns.filter(has_text=question).last).to_be_in_viewport()
        expect(stop).to_be_in_viewport()
        stop.click()
        expect(stop).to_have_count(0)
        expect(turns).to_have_count(2 * answers)
    expect(turns.last).to_be_in_viewport()


# Notes what the page shows in the answer's place, in order; what is drawn for a moment only is noted too.
_WATCH = """
window.shown = [];
new MutationObserver(() => {
  for (const [kind, selector] of [["preview", ".dm-preview blockquote"], ["answer", ".dm-read"]]) {
    const text = document.querySelector(selector)?.textContent;
    const last = window.shown.at(-1);
    if (text && !(last && last[0] === kind && last[1] === text)) window.shown.push([kind, text]);
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def test_the_nearest_sentence_is_there_while_the_answer_is_written_and_then_the_answer_alone(
    start_app: Callable[..., Any], page: Page
) -> None:
    manual = SAMPLES / "coffee-machine-manual.md"
    app = start_app()
    upload(page, app.url, manual)
    expect(page.get_by_text("1 document ready")).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    page.evaluate(_WATCH)
    ask(page, "How often does the coffee machine need descaling?")
    expect(page.get_by_text(re.compile(r"Read \d+ passages?"))).to_be_visible()
    expect(page.locator(".dm-preview")).to_have_count(0)
    shown = page.evaluate("window.shown")
    assert [kind for kind, _ in shown] == ["preview", "answer"], shown
    paragraphs = re.sub(r"(?<!\n)\n(?![-\n])", " ", manual.read_text(encoding="utf-8"))
    assert "three months" in shown[0][1]
    assert shown[0][1] in split_sentences(paragraphs)


def test_two_windows_share_one_library_and_dark_is_legible(
    start_app: Callable[..., Any], page: Page, browser: Browser, picture: Callable[[str], Path]
) -> None:
    app = start_app()
    upload(page, app.url, SAMPLES / "quarterly-report.pdf")
    expect(page.get_by_text("1 document ready")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    page.goto(app.url)
    ask(page, "How many City 3 bicycles were recalled?")
    expect(page.get_by_text(re.compile(r"Read \d+ passages?"))).to_be_visible()
    page.get_by_role("button", name="Source 1").first.click()
    expect(page.locator(".st-key-evidence img")).to_be_visible()
    picture("10-dark")
    with browser.new_context() as other:
        second = other.new_page()
        second.goto(f"{app.url}/documents")
        expect(second.get_by_text("1 document ready")).to_be_visible(timeout=60_000)


def test_a_page_opened_by_its_address_stands_in_the_same_frame(start_app: Callable[..., Any], page: Page) -> None:
    app = start_app()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{app.url}/documents")
    expect(page.get_by_text("No documents yet")).to_be_visible()
    assert errors == []
    expect(page.get_by_role("link", name="Documents", exact=True)).to_be_visible()
    page.goto(f"{app.url}/chat?scope=gone")
    expect(page.get_by_text("Your library is empty")).to_be_visible()
    expect(page).to_have_url(f"{app.url}/?scope=gone")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page.get_by_role("link", name="app", exact=True)).to_have_count(0)
    expect(page.get_by_test_id("stSidebar").get_by_alt_text("Logo")).to_be_visible()
