"""The reader in Chromium: on windows of every width, of every format, for citations and for documents."""

from __future__ import annotations

import io
import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from running import findings, running_apps, take_picture, window

from docmind import records
from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.events import Answer, Read
from docmind.answering.stored import to_stored
from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.storage.chats import Message
from docmind.workspace import Workspace

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


QUESTION = "What of zebras and ferries?"
LONG = "Agreement for the letting of the flat at Harbour Road with its annexes " * 3
LONG = f"{LONG[:186]}.txt"
OTTERS = "Otters are fed at noon."
SOURCES = ("The zebra valve is cleaned with vinegar.", PAGES[3], PAGES[5], "The garden is green.")


def keep_answer(workspace: Workspace) -> None:
    """A chat whose answer cites the manual, two pages of the handbook and a document of a long name."""
    documents = {document.name: document for document in workspace.catalog.documents("ready")}
    places = (("manual.md", None), ("handbook.pdf", 3), ("handbook.pdf", 5), (LONG, None))
    citations = tuple(
        Citation(number, name, documents[name].id, records.Locator(page=page), "", quote, quote)
        for number, ((name, page), quote) in enumerate(zip(places, SOURCES, strict=True), start=1)
    )
    sentences = tuple(AnswerSentence(item.quote, True, 1.0, (item.n,)) for item in citations)
    text = " ".join(SOURCES)
    read = Read(3, 2, 9, 99)
    answer = Answer(QUESTION, text, True, False, None, sentences, citations, read, 0.1, 0.2, 0.3, 9.0, "e", "m")
    manual = documents["manual.md"].id
    answer = replace(answer, alternative=Citation(1, "manual.md", manual, records.Locator(), "", OTTERS, OTTERS))
    chat = workspace.catalog.chats.new(QUESTION)
    workspace.catalog.chats.add(chat.id, Message("user", {"text": QUESTION, "scope": [], "thinking": False}))
    workspace.catalog.chats.add(chat.id, Message("assistant", to_stored(answer)))


@pytest.fixture(scope="module")
def page(browser: Browser, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One window for all tests here, on a chat about two documents."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "manual.md").write_text(MANUAL, encoding="utf-8")
    (folder / "handbook.pdf").write_bytes(handbook())
    (folder / LONG).write_text(SOURCES[3], encoding="utf-8")
    settings = Settings(data_dir=folder / "data", engine="extractive", embedder="hash")
    with Workspace(settings) as workspace:
        outcomes = ingest(workspace, [folder / "manual.md", folder / "handbook.pdf", folder / LONG])
        assert [outcome.status for outcome in outcomes] == ["ingested"] * 3
        keep_answer(workspace)
    with running_apps(folder, models_dir) as start, window(browser) as opened:
        opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
        app = start(DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash", DOCMIND_FETCH_WRITER="false")
        opened.goto(app.url)
        opened.get_by_role("button", name=QUESTION, exact=True).click()
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


def open_source(page: Page, number: int) -> Locator:
    """Open a source of the answer; returns the page or the text."""
    page.get_by_test_id("stChatMessage").last.get_by_role("button", name=f"Source {number}").first.click()
    canvas = page.locator(".st-key-evidence .canvas")
    expect(canvas.locator("article, img").first).to_be_visible()
    return canvas


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


def test_a_text_without_pages_is_laid_out_whole_and_opens_at_its_mark(page: Page, reader: Locator) -> None:
    canvas = open_source(page, 1)
    expect(canvas.get_by_role("heading", name="Otters")).to_be_attached()
    expect(canvas.locator("mark")).to_have_text("The zebra valve is cleaned with vinegar.")
    assert in_view(page, canvas.locator("mark"), canvas)
    reader.get_by_role("searchbox").fill("otters  are FED")
    page.keyboard.press("Enter")
    expect(reader.get_by_text("1 of 1", exact=True)).to_be_visible()
    assert in_view(page, canvas.locator("mark.found"), canvas)
    take_picture(page, "reader-text")


def test_a_page_opens_at_its_sentence_in_letters_that_can_be_read(page: Page, reader: Locator) -> None:
    canvas = open_source(page, 2)
    expect(reader.get_by_text("of 5 · printed 1 · cited")).to_be_visible()
    page.wait_for_timeout(500)
    image, frame, panel = canvas.locator("img").bounding_box(), canvas.bounding_box(), reader.bounding_box()
    assert image and frame and panel
    scale = image["width"] / A4[0]
    assert 12 * scale > 11  # pixels of letters of 12 points
    assert frame["y"] < image["y"] + (A4[1] - 370) * scale < frame["y"] + frame["height"]
    assert panel["y"] < frame["y"] + frame["height"] < panel["y"] + panel["height"]  # all of it is there
    foot = page.get_by_test_id("stBottom").bounding_box()
    assert foot
    assert panel["y"] + panel["height"] <= foot["y"] + 1
    take_picture(page, "reader-page")

    reader.get_by_role("button", name="Copy quotation").click()
    expect(reader.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"“{PAGES[3]}” (handbook.pdf, page 3, printed 1)"


def test_a_document_is_searched_paged_and_jumped_through_by_pointer_and_keys(page: Page, reader: Locator) -> None:
    canvas = open_source(page, 2)
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


def test_the_sources_of_an_answer_are_stepped_through_by_keys_whatever_document_they_stand_in(
    page: Page, reader: Locator
) -> None:
    canvas = open_source(page, 1)
    expect(canvas.locator("mark")).to_have_text(SOURCES[0])
    page.keyboard.press("n")
    expect(reader.get_by_text("of 5 · printed 1 · cited")).to_be_visible()
    expect(canvas.get_by_role("img", name=SOURCES[1])).to_be_visible()
    canvas.focus()
    page.keyboard.press("n")
    expect(canvas.get_by_role("img", name=SOURCES[2])).to_be_visible()
    expect(reader.get_by_role("button", name="Source 3 in handbook.pdf, page 5")).to_have_attribute(
        "aria-current", "true"
    )
    reader.get_by_role("button", name="Source 1 in manual.md").click()
    expect(canvas.locator("mark")).to_have_text(SOURCES[0])


def test_a_passage_that_was_unfolded_stays_so_and_is_called_in_the_reader_as_in_the_answer(
    page: Page, reader: Locator
) -> None:
    answer = page.get_by_test_id("stChatMessage").last
    answer.get_by_text("Next best passage, if that was not it").click()
    offered = answer.locator('[class*="-alternative-source"] button:visible').first
    offered.click()
    expect(reader.get_by_role("button", name="Next best passage in manual.md")).to_be_visible()
    expect(reader.locator(".canvas mark")).to_have_text(OTTERS)
    expect(offered).to_be_visible()


def test_a_citations_own_sentence_is_not_covered_by_what_it_shows(page: Page) -> None:
    mark = page.get_by_test_id("stChatMessage").last.get_by_role("button", name="Source 4").first
    mark.hover()
    tip = page.get_by_test_id("stChatMessage").last.locator(".tip")
    expect(tip).to_contain_text(SOURCES[3])
    shown, sentence = tip.bounding_box(), page.get_by_text(SOURCES[3], exact=True).first.bounding_box()
    take_picture(page, "citation-tip")
    assert shown and sentence
    assert shown["y"] + shown["height"] <= sentence["y"] or shown["y"] >= sentence["y"] + sentence["height"]
    page.mouse.move(5, 5)


def test_a_document_of_the_library_is_read_in_the_same_reader(page: Page) -> None:
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("button", name="handbook.pdf", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("of 5 · printed i", exact=True)).to_be_visible()
    for label in ("ii", "1", "2", "3"):
        dialog.get_by_role("button", name="Next page").click()
        expect(dialog.get_by_text(f"of 5 · printed {label}", exact=True)).to_be_visible()
    # The Tab key reaches what is in it, and goes round.
    dialog.get_by_role("button", name="Close", exact=True).focus()
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Previous page")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(dialog.locator(".canvas")).to_be_focused()
    take_picture(page, "reader-library")
    assert findings(page) == []
    page.keyboard.press("Escape")  # also from the last page, where the button that led there does nothing more
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="handbook.pdf", exact=True)).to_be_focused()
    page.get_by_role("link", name="Chat").click()
    page.get_by_role("button", name=QUESTION, exact=True).click()


def test_a_page_is_there_within_150_milliseconds_once_the_reader_is_warm(page: Page, reader: Locator) -> None:
    open_source(page, 2)
    page.wait_for_timeout(2000)  # what comes next is drawn meanwhile
    turned = [reader.evaluate(_TURN, name) for name in (".previous", ".next", ".next", ".previous", ".previous")]
    assert statistics.median(turned) < 150, turned


def test_the_evidence_lies_beside_the_chat_or_over_it(page: Page, reader: Locator) -> None:
    # Beside the conversation, and nearly twice as wide.
    page.set_viewport_size({"width": 1024, "height": 768})
    open_source(page, 2)
    conversation, beside = page.get_by_test_id("stChatMessage").last.bounding_box(), reader.bounding_box()
    assert conversation and beside
    assert beside["x"] >= conversation["x"] + conversation["width"]
    assert beside["width"] > 1.5 * conversation["width"]
    take_picture(page, "evidence-1024")

    # A long name takes little of either, and all of it is read by whoever reaches for it.
    source = page.get_by_test_id("stChatMessage").last.locator('[class*="-source-4"] button:visible').first
    source.click()
    name = reader.locator(".dm-name")
    expect(name).to_have_text(LONG)
    expect(name).to_have_attribute("title", LONG)
    heights = [(each.bounding_box() or {})["height"] for each in (name, source)]
    assert heights[0] < 50
    assert heights[1] < 90
    take_picture(page, "evidence-long-name-1024")
    name.focus()
    page.wait_for_timeout(100)
    assert (name.bounding_box() or {})["height"] > 90

    # Over it: the whole window, without scrolling there.
    name.blur()
    for width in (1023, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(300)
        assert reader.bounding_box() == {"x": 0, "y": 0, "width": width, "height": 800}
        take_picture(page, f"evidence-{width}")
    page.get_by_role("button", name="Close").click()
    expect(reader).to_have_count(0)
    whole, turn = page.get_by_test_id("stMainBlockContainer"), page.get_by_test_id("stChatMessage").last
    assert (turn.bounding_box() or {})["width"] > 0.85 * (whole.bounding_box() or {})["width"]
    sidebar = page.get_by_test_id("stSidebar")
    row, more = (sidebar.get_by_role("button", name=name, exact=True) for name in (QUESTION, f"More: {QUESTION}"))
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(row).to_be_in_viewport()
    take_picture(page, "sidebar-390")
    title, menu = row.bounding_box(), more.bounding_box()
    assert title and menu
    assert abs((title["y"] + title["height"] / 2) - (menu["y"] + menu["height"] / 2)) < 8
    row.click()  # leads to the chat, and the sidebar is out of its way
    expect(row).not_to_be_in_viewport()
    turn = page.get_by_test_id("stChatMessage").last
    expect(turn).to_be_in_viewport()
    take_picture(page, "chat-390")
    assert (turn.get_by_test_id("stChatMessageContent").bounding_box() or {})["width"] > 330
