"""The documents: what becomes of files that are dropped, how far reading them is, and the library."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from driving import labels, press, wait_until, words
from streamlit.elements.lib import policies
from streamlit.testing.v1 import AppTest

from docmind.answering.ask import ask as asked
from docmind.answering.events import Answer
from docmind.ingestion.ingest import ingest
from docmind.ingestion.originals import stage
from docmind.settings import Settings
from docmind.ui.app_state import app_state
from docmind.ui.document_actions import set_collections
from docmind.ui.scope import documents_of, scope_options
from docmind.workspace import Workspace


def workbook() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


FILES = {
    "lease.txt": b"The rent is 950 pounds a month.",
    "figures.xlsx": workbook(),
    "drawing <b>.dwg": b"AC1032" + bytes(range(256)),
    "photo.PNG": b"\x89PNG\r\n\x1a\n" + bytes(2000),
    "notes.md": b"# Notes\n\nThe garden is green.",
}


def shown(driver: AppTest) -> str:
    return " ".join(str(element.value) for element in driver.get("html"))


def test_of_a_mixed_upload_each_refused_file_is_named_with_the_reason_and_the_others_are_read(
    app: AppTest, tmp_path: Path, plain_settings: Settings
) -> None:
    app.run()
    app.switch_page("pages/documents.py").run()
    app.file_uploader[0].set_value([(name, content, "") for name, content in FILES.items()]).run()
    catalog = app_state().workspace.catalog
    wait_until(lambda: len(catalog.documents("ready", "failed")) == len(FILES))
    app.run()
    assert not app.exception
    assert {document.name for document in catalog.documents("ready")} == {"lease.txt", "notes.md"}

    # The reasons are those of the command line, word by word.
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name, content in FILES.items():
        (inbox / name).write_bytes(content)
    other = plain_settings.model_copy(update={"data_dir": tmp_path / "other"})
    with Workspace(other) as workspace:
        said = {outcome.error for outcome in ingest(workspace, [inbox / name for name in FILES])} - {None}
    assert len(said) == 3
    assert {document.error for document in catalog.documents("failed")} == said
    assert "figures.xlsx" in shown(app)
    assert "an Excel workbook" in shown(app)
    assert "drawing &lt;b&gt;.dwg" in shown(app)
    assert "drawing <b>" not in shown(app)
    # Nothing of them is kept.
    assert len(list(app_state().workspace.originals.iterdir())) == 2


PAGES = ("chat", "analyse", "documents", "models")


def test_every_page_says_how_far_reading_is_and_what_was_cancelled_is_said(app: AppTest) -> None:
    app.run()
    opened = app_state()
    opened.ingestion.pause()
    app.switch_page("pages/documents.py").run()
    app.file_uploader[0].set_value([(f"{n}.txt", f"Rent {n}".encode() * (n + 1), "") for n in range(5)]).run()
    for page in PAGES:
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        # How long it takes stands apart from the name, which is cut where it is long.
        assert [str(bar.proto.text) for bar in app.sidebar.get("progress")] == ["**Reading 1 of 5** · paused"], page
        assert "0.txt" in [caption.value.replace("\\", "") for caption in app.sidebar.caption]
        # On a phone the sidebar is folded; the page itself says so too, unless it lists what waits.
        assert ("Reading 1 of 5 · paused" in words(app)) == (page != "documents")
        assert {"Resume", "Cancel all"} <= labels(app)

    app.switch_page("pages/documents.py").run()
    waiting = opened.workspace.catalog.documents("queued")
    assert app.button(key=f"cancel-{waiting[0].id}").label == r"Cancel *0\.txt*"
    app.button(key=f"cancel-{waiting[0].id}").click().run()
    assert [toast.value.replace("\\", "") for toast in app.toast] == ["0.txt was cancelled. Nothing of it is kept."]
    app.button(key="sidebar-cancel").click().run()
    assert "Cancel 4 documents" in labels(app)  # several are gone only once that was said again
    press(app, "Go on reading")
    assert len(opened.workspace.catalog.documents("queued")) == 4
    app.button(key="sidebar-cancel").click().run()
    app.switch_page("pages/settings.py").run()
    assert "Cancel 4 documents" not in labels(app)  # what another page asked is asked no more
    app.switch_page("pages/documents.py").run()
    app.button(key="sidebar-cancel").click().run()
    app.button(key="sidebar-cancel-sure").click().run()
    assert not app.exception
    (said,) = [toast.value.replace("\\", "") for toast in app.toast]
    assert said == "4 documents were cancelled: 1.txt, 2.txt, 3.txt and 1 more. Nothing of them is kept."
    assert opened.workspace.catalog.documents() == []
    assert list(opened.workspace.originals.iterdir()) == []
    assert "No documents yet" in words(app)


def open_documents(driver: AppTest) -> AppTest:
    driver.switch_page("pages/documents.py").run()
    assert not driver.exception
    return driver


def names(driver: AppTest) -> list[str]:
    """The documents that are listed, from top to bottom."""
    keys = [button.key for button in driver.button if (button.key or "").startswith("open-")]
    return [app_state().workspace.catalog.document(key.removeprefix("open-")).name for key in keys]


def test_each_document_says_what_it_is_in_its_own_words(app_with_samples: AppTest) -> None:
    app = open_documents(app_with_samples)
    assert len(names(app)) == 6
    listed = shown(app)
    assert "PDF · 4 pages · 13 passages · 12.1 kB · English · added" in listed
    assert "This agreement is made on 2 February 2026" in listed
    assert "chunk" not in listed
    # The buttons of a row say which document they belong to; of these words the styles show 'Ask' alone.
    lease = app_state().workspace.catalog.find("residential-lease.pdf")
    assert app.button(key=f"ask-{lease.id}").label == r"Ask *residential\-lease\.pdf*"
    assert app.menu_button(key=f"menu-{lease.id}").label == "More: residential-lease.pdf"


def test_the_list_is_searched_sorted_and_filtered_by_collection(app_with_samples: AppTest) -> None:
    catalog = app_state().workspace.catalog
    lease = catalog.find("residential-lease.pdf")
    catalog.collections.add("Flats & <b>houses</b>", [lease.id])
    app = open_documents(app_with_samples)
    assert "Flats &amp; &lt;b&gt;houses&lt;/b&gt;" in shown(app)
    app.selectbox(key="library-sort").set_value("By name").run()
    assert names(app)[0] == "coffee-machine-manual.md"
    app.selectbox(key="library-sort").set_value("Most pages").run()
    assert names(app)[0] == "residential-lease.pdf"
    for found in ("AGREEMENT made", "flats"):  # first words; a collection
        app.text_input(key="library-find").set_value(found).run()
        assert names(app) == ["residential-lease.pdf"]
    app.text_input(key="library-find").set_value("").run()
    assert len(names(app)) == 6
    # A list to choose from reads no Markdown: what is escaped there would show its backslashes.
    assert app.selectbox(key="library-in").options == ["All", "Flats & <b>houses</b>"]
    assert app.checkbox(key=f"select-{lease.id}").label == "Select residential-lease.pdf"
    app.selectbox(key="library-in").set_value("Flats & <b>houses</b>").run()
    assert names(app) == ["residential-lease.pdf"]
    assert "6 documents ready" in words(app)
    assert "1 shown" in words(app)
    press(app, "Ask this collection")
    assert not app.exception
    assert app.multiselect(key="scope").value == ["collection:Flats & <b>houses</b>"]
    assert app.query_params["scope"] == "collection:Flats & <b>houses</b>"
    assert "Only residential-lease.pdf is asked." in words(app).replace("\\", "")


def test_ticked_documents_are_asked_together_and_one_alone(
    app_with_samples: AppTest, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Streamlit warns once in each process of a box that has both a default and a value; it warns here again.
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)
    app = open_documents(app_with_samples)
    ids = [document.id for document in app_state().workspace.catalog.documents("ready")][:2]
    for document_id in ids:
        app.checkbox(key=f"select-{document_id}").check().run()
    assert "2 documents selected" in words(app)
    press(app, "Clear")
    assert "2 documents selected" not in words(app)
    assert not any(box.value for box in app.checkbox)
    press(app, "Select all")
    assert "6 documents selected" in words(app)
    assert all(box.value for box in app.checkbox)
    assert "default value" not in caplog.text
    for known, label in (([], "Name of the collection"), (["Flats"], "And in a new one")):
        for name in known:
            app_state().workspace.catalog.collections.add(name, ids)
        app.button(key="collect-selected").click().run()
        assert app.text_input(key="collections-new").label == label
    press(app, "Clear")
    for document_id in ids:
        app.checkbox(key=f"select-{document_id}").check().run()
    app.button(key="analyse-selected").click().run()
    assert not app.exception
    assert app.multiselect(key="analysed-documents").value == ids
    open_documents(app)
    press(app, "Clear")
    answer = next(event for event in asked(app_state().workspace, "When is the rent due?") if isinstance(event, Answer))
    chat = app_state().workspace.catalog.chats.new("The rent")
    app.query_params["chat"] = chat.id
    app.switch_page("pages/chat.py").run()
    app.session_state["evidence"] = answer.citations[0]  # a mark is pressed in the browser's tests
    app.run()
    assert "evidence-close" in {button.key for button in app.button}
    open_documents(app)
    app.button(key=f"ask-{ids[0]}").click().run()
    assert not app.exception
    assert app.chat_input
    assert app.multiselect(key="scope").value == [ids[0]]
    assert "evidence-close" not in {button.key for button in app.button}  # it is of another chat


def read_in(driver: AppTest) -> str:
    """What the reader was given to show."""
    return " ".join(str(element.proto) for element in driver.get("bidi_component")).casefold()


def test_a_document_is_opened_by_its_row_and_by_the_address(app_with_samples: AppTest) -> None:
    app = open_documents(app_with_samples)
    manual = app_state().workspace.catalog.find("coffee-machine-manual.md")
    app.button(key=f"open-{manual.id}").click().run()
    assert not app.exception
    assert "descal" in read_in(app)
    app.run()  # closed
    assert not read_in(app)
    app.query_params["document"] = manual.id
    app.run()
    assert not app.exception
    assert read_in(app)
    app.run()
    assert not read_in(app)  # once


def test_a_file_that_failed_for_a_reason_that_may_pass_is_tried_again(app: AppTest) -> None:
    app.run()
    opened = app_state()
    document, _ = stage(opened.workspace, io.BytesIO(b"The rent is low."), "a.txt")
    catalog = opened.workspace.catalog
    catalog.start(document.id)
    catalog.fail(document.id, "Reading it took longer than 300 seconds.", may_retry=True)
    open_documents(app)
    assert "longer than 300 seconds" in shown(app)
    assert app.button(key=f"retry-{document.id}").label == r"Try again *a\.txt*"
    app.button(key=f"retry-{document.id}").click().run()
    wait_until(lambda: catalog.has("ready"))
    app.run()
    assert "not read" not in words(app)
    assert names(app) == ["a.txt"]


def test_collections_of_several_documents_are_set_together(app_with_samples: AppTest) -> None:
    assert not app_with_samples.exception
    catalog = app_state().workspace.catalog
    first, second, third = [document.id for document in catalog.documents("ready")][:3]
    collections = catalog.collections
    collections.add("Old", [first, second])
    set_collections(collections, [first, second], ["Old"], ["New", "old "])
    assert collections.by_document() == {first: ["New", "Old"], second: ["New", "Old"]}
    set_collections(collections, [first, second], ["New", "Old"], ["Old"])
    assert collections.by_document() == {first: ["Old"], second: ["Old"]}
    options = scope_options(catalog, catalog.documents("ready"))
    assert next(iter(options.values())) == "Old (2)"
    assert documents_of(catalog, [next(iter(options)), third, first]) == [first, second, third]
    assert documents_of(catalog, []) == []


def test_dialogues_for_names_forget_what_was_left_and_refuse_long_ones_in_words(app_with_samples: AppTest) -> None:
    app = open_documents(app_with_samples)
    catalog = app_state().workspace.catalog
    lease = catalog.find("residential-lease.pdf")

    def choose(action: str) -> None:
        menu = app.menu_button(key=f"menu-{lease.id}")
        menu.click(next(option for option in menu.options if option.endswith(action))).run()
        assert not app.exception

    choose("Rename")
    app.text_input(key="new-name").set_value("WRONG TEXT")
    choose("Rename")
    assert app.text_input(key="new-name").value == "residential-lease.pdf"
    for name, said in (
        ("n" * 5000, "5,000 characters, and 200 at most"),
        (" ", "empty"),
        ("quarterly-report.pdf", "Another"),
    ):
        app.text_input(key="new-name").set_value(name)
        press(app, "Save")
        assert said in app.session_state["naming-problem"]
        choose("Rename")
        assert app.session_state["naming-problem"] is None
    press(app, "Cancel")
    assert catalog.document(lease.id).name == "residential-lease.pdf"
    assert not app.text_input(key="library-find").value

    choose("Collections")
    app.text_input(key="collections-new").set_value("c" * 61)
    app.button(key="collections-save").click().run()
    assert "61 characters, and 60 at most" in app.session_state["naming-problem"]
    assert catalog.collections.all() == {}
    choose("Collections")
    assert not app.text_input(key="collections-new").value
    app.text_input(key="collections-new").set_value("Flats")
    app.button(key="collections-save").click().run()
    assert catalog.collections.by_document() == {lease.id: ["Flats"]}
    choose("Collections")
    app.button_group(key="collections-wanted").unselect("Flats")
    choose("Collections")
    assert app.button_group(key="collections-wanted").value == ["Flats"]


def test_with_five_hundred_documents_a_page_answers_a_click_within_half_a_second(
    app: AppTest, plain_settings: Settings
) -> None:
    with Workspace(plain_settings) as workspace:
        catalog = workspace.catalog
        for number in range(500):
            document = catalog.enqueue(f"contract {number}.txt", f"{number:064}", 1000)
            catalog.start(document.id)
            catalog.particulars.describe(document.id, "The tenant pays the rent. " * 7, "en")
            catalog.publish(
                document.id, format="txt", title="A contract", pages=None, chunks=0, seconds=1.0, warnings=()
            )
            catalog.collections.add(f"Collection {number % 20}", [document.id])
    app.run()
    open_documents(app)
    assert "500 documents ready" in words(app)
    assert len(names(app)) == 12
    seconds = []
    for number in range(5):
        before = time.process_time()  # a machine that does other things meanwhile makes the page no slower
        app.text_input(key="library-find").set_value(f"contract {number}").run()
        seconds.append(time.process_time() - before)
    assert not app.exception
    assert min(seconds) < 0.5, seconds


def test_failures_are_dismissed_together_but_not_what_was_read_meanwhile(app: AppTest) -> None:
    wait_until(app_state().warm.is_set)
    app.run()
    catalog = app_state().workspace.catalog
    for number in range(4):
        stage(app_state().workspace, io.BytesIO(b"%PDF-1.7 broken " + bytes([number])), f"{number}.pdf")
    app_state().ingestion.wake()
    wait_until(lambda: len(catalog.documents("failed")) == 4)
    app = open_documents(app)
    # As another window does, which had it read again and succeeded.
    saved = catalog.documents("failed")[0]
    catalog.database.run("UPDATE document SET state = 'ready' WHERE id = ?", (saved.id,))
    press(app, "Dismiss all 4")
    assert not app.exception
    assert [document.id for document in catalog.documents()] == [saved.id]


def test_what_a_click_could_not_do_is_said_and_the_page_is_drawn(app_with_samples: AppTest) -> None:
    opened = app_state()
    wait_until(opened.warm.is_set)
    chat = opened.workspace.catalog.chats.new("The rent")
    app = app_with_samples.switch_page("pages/chat.py").run()
    opened.workspace.catalog.database.run("PRAGMA query_only = ON")  # as on a disk that takes nothing any more
    app.menu_button(key=f"more-chat-{chat.id}").click("Pin").run()
    opened.workspace.catalog.database.run("PRAGMA query_only = OFF")
    assert not app.exception
    assert [toast.icon for toast in app.toast] == [":material/error:"]
    assert "Ask your documents" in words(app)
    assert not app.run().toast
