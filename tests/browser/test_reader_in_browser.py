"""The reader in Chromium: on windows of every width, of every format, for citations and for documents."""

from __future__ import annotations

import io
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from running import running_apps, take_picture, window

pytestmark = pytest.mark.browser

# Far down in the document, and nowhere near its beginning.
MANUAL = (
    "# Descaling\n\n"
    + "The lamp is green. " * 80
    + "\n\nThe zebra valve is cleaned with vinegar.\n\n"
    + "The lamp is red. " * 80
    + "\n\n# Otters\n\nOtters are fed at noon.\n"
)
PAGES = {
    1: "Preface of the handbook.",
    2: "The harbour opens at seven in the morning.",
    3: "The ferry costs four pounds for each passenger.",
    4: "The lighthouse is painted every second summer.",
    5: "Nothing else is said about the ferry.",
}


def handbook() -> bytes:
    """A PDF whose first two pages are i and ii, and whose third is therefore page 1; with an outline."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.addPageLabel(0, style="ROMAN_LOWER")
    canvas.addPageLabel(2, style="ARABIC", start=1)
    for number, sentence in PAGES.items():
        canvas.bookmarkPage(f"p{number}")
        canvas.addOutlineEntry(f"Chapter {number}", f"p{number}", 0)
        for row in range(30):
            canvas.drawString(72, 770 - 20 * row, sentence if row == 20 else f"Line {row} of this page says little.")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.fixture(scope="module")
def page(browser: Browser, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One window for all tests here, on the chat of an app that has read both documents."""
    with running_apps(tmp_path_factory.mktemp("reader"), models_dir) as start, window(browser) as opened:
        app = start(DOCMIND_ENGINE="extractive", DOCMIND_FETCH_WRITER="false")
        opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
        opened.goto(f"{app.url}/documents")
        for count, (name, kind, content) in enumerate(
            (("manual.md", "text/markdown", MANUAL.encode()), ("handbook.pdf", "application/pdf", handbook())), start=1
        ):
            opened.locator('input[type="file"]').set_input_files([{"name": name, "mimeType": kind, "buffer": content}])
            expect(opened.get_by_text(f"{count} document{'s' if count > 1 else ''} ready")).to_be_visible()
        opened.get_by_role("link", name="Chat").click()
        yield opened


@pytest.fixture
def reader(page: Page) -> Iterator[Locator]:
    """The evidence, of a window as wide as a small laptop's; closed in the end."""
    page.set_viewport_size({"width": 1280, "height": 800})
    evidence = page.locator(".st-key-evidence")
    yield evidence
    if evidence.count():
        page.get_by_role("button", name="Close").click()
        expect(evidence).to_have_count(0)


def open_source(page: Page, question: str) -> Locator:
    """Ask, and open the first source of the answer; returns the page or the text."""
    ask(page, question).get_by_role("button", name="Source 1").first.click()
    canvas = page.locator(".st-key-evidence .canvas")
    expect(canvas.locator("article, img").first).to_be_visible()
    return canvas


def ask(page: Page, question: str) -> Locator:
    """Ask, and wait for the answer."""
    box = page.get_by_placeholder("Ask a question about your documents")
    expect(box).to_be_enabled()
    before = page.get_by_test_id("stChatMessage").count()
    box.fill(question)
    box.press("Enter")
    expect(page.get_by_test_id("stChatMessage")).to_have_count(before + 2)
    expect(box).to_be_enabled()
    answer = page.get_by_test_id("stChatMessage").last
    expect(answer.get_by_role("button", name="Source 1").first).to_be_visible()
    return answer


def in_view(page: Page, target: Locator, panel: Locator) -> bool:
    """Whether it lies inside the window and inside the panel."""
    expect(target).to_be_visible()
    page.wait_for_timeout(300)  # what scrolls has scrolled
    box, frame = target.bounding_box(), panel.bounding_box()
    height = (page.viewport_size or {})["height"]
    assert box and frame
    return max(0, frame["y"]) <= box["y"] and box["y"] + 15 <= min(height, frame["y"] + frame["height"])


# Milliseconds from a click on a button of the reader to the frame in which the page is drawn.
_TURN = """
(evidence, name) => new Promise((done) => {
  const root = [...evidence.querySelectorAll("*")].find((item) => item.shadowRoot?.querySelector(".sheet")).shadowRoot;
  const number = () => root.querySelector(".sheet").dataset.page;
  const before = number(), began = performance.now();
  root.querySelector(name).click();
  const look = () => (number() === before ? requestAnimationFrame(look) : done(performance.now() - began));
  look();
})
"""


FERRY = "How much does the ferry cost for each passenger?"


def test_a_text_without_pages_is_laid_out_whole_and_opens_at_its_mark(page: Page, reader: Locator) -> None:
    canvas = open_source(page, "What is the zebra valve cleaned with?")
    expect(canvas.get_by_role("heading", name="Otters")).to_be_attached()
    expect(canvas.locator("mark")).to_have_text("The zebra valve is cleaned with vinegar.")
    assert in_view(page, canvas.locator("mark"), canvas)
    reader.get_by_role("searchbox").fill("otters  are FED")
    page.keyboard.press("Enter")
    expect(reader.get_by_text("1 of 1", exact=True)).to_be_visible()
    assert in_view(page, canvas.locator("mark.found"), canvas)
    take_picture(page, "reader-text")


def test_a_page_opens_at_its_sentence_in_letters_that_can_be_read(page: Page, reader: Locator) -> None:
    canvas = open_source(page, FERRY)
    expect(reader.get_by_text("of 5 · printed 1 · cited")).to_be_visible()
    page.wait_for_timeout(500)
    image, frame, panel = canvas.locator("img").bounding_box(), canvas.bounding_box(), reader.bounding_box()
    assert image and frame and panel
    scale = image["width"] / A4[0]
    assert 12 * scale > 11  # pixels of letters of 12 points
    assert frame["y"] < image["y"] + (A4[1] - 370) * scale < frame["y"] + frame["height"]
    assert panel["y"] < frame["y"] + frame["height"] < panel["y"] + panel["height"]  # all of it is there
    take_picture(page, "reader-page")

    reader.get_by_role("button", name="Copy quotation").click()
    expect(reader.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"“{PAGES[3]}” (handbook.pdf, page 3, printed 1)"


def test_a_document_is_searched_paged_and_jumped_through_by_pointer_and_keys(page: Page, reader: Locator) -> None:
    canvas = open_source(page, FERRY)
    reader.get_by_role("searchbox").fill("the ferry")
    page.keyboard.press("Enter")
    expect(reader.get_by_text("1 of 2", exact=True)).to_be_visible()
    expect(canvas.locator(".hit.current")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(reader.get_by_text("2 of 2", exact=True)).to_be_visible()
    expect(reader.get_by_text("of 5 · printed 3")).to_be_visible()
    assert in_view(page, canvas.locator(".hit.current"), canvas)
    reader.get_by_role("button", name="Contents").click()
    reader.get_by_role("button", name="Chapter 2").click()
    expect(reader.get_by_text("of 5 · printed ii")).to_be_visible()
    take_picture(page, "reader-outline")
    reader.get_by_role("button", name="Contents").click()
    reader.get_by_label("Page", exact=True).fill("4")
    page.keyboard.press("Enter")
    expect(reader.get_by_text("of 5 · printed 2")).to_be_visible()
    canvas.focus()
    page.keyboard.press("ArrowRight")
    expect(reader.get_by_text("of 5 · printed 3")).to_be_visible()
    size = reader.get_by_role("button", name="Fit the width")
    before = size.inner_text()
    page.keyboard.press("+")
    expect(size).not_to_have_text(before)
    page.keyboard.press("Escape")
    expect(reader).to_have_count(0)


def test_a_page_is_there_within_150_milliseconds_once_the_reader_is_warm(page: Page, reader: Locator) -> None:
    open_source(page, FERRY)
    page.wait_for_timeout(2000)  # what comes next is drawn meanwhile
    turned = [reader.evaluate(_TURN, name) for name in (".previous", ".next", ".next", ".previous", ".previous")]
    assert statistics.median(turned) < 150, turned


def test_the_evidence_lies_beside_the_chat_or_over_it(page: Page, reader: Locator) -> None:
    # Beside the conversation, and nearly twice as wide.
    page.set_viewport_size({"width": 1024, "height": 768})
    open_source(page, FERRY)
    conversation, beside = page.get_by_test_id("stChatMessage").last.bounding_box(), reader.bounding_box()
    assert conversation and beside
    assert beside["x"] >= conversation["x"] + conversation["width"]
    assert beside["width"] > 1.5 * conversation["width"]
    take_picture(page, "evidence-1024")

    # Over it: the whole window, without scrolling there.
    for width in (1023, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(300)
        assert reader.bounding_box() == {"x": 0, "y": 0, "width": width, "height": 800}
        take_picture(page, f"evidence-{width}")
    page.get_by_role("button", name="Close").click()
    expect(reader).to_have_count(0)
    rows = page.get_by_test_id("stSidebar").locator('[class*="st-key-delete-"]')
    if not rows.first.is_visible():
        page.get_by_test_id("stExpandSidebarButton").click()
    take_picture(page, "sidebar-390")
    title = page.get_by_test_id("stSidebar").get_by_role("button", name="What is the zebra valve").bounding_box()
    delete = rows.first.bounding_box()
    assert title and delete
    assert abs((title["y"] + title["height"] / 2) - (delete["y"] + delete["height"] / 2)) < 8
