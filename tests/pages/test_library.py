"""The documents: what becomes of files that are dropped, how far reading them is, and the library."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from driving import labels, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.ui.app_state import app_state
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
        assert any("Reading 1 of 5" in str(bar.proto.text) for bar in app.sidebar.get("progress")), page
        assert "Paused at 0.txt" in words(app).replace("\\", "")
        assert {"Resume", "Cancel all"} <= labels(app)

    app.switch_page("pages/documents.py").run()
    waiting = opened.workspace.catalog.documents("queued")
    app.button(key=f"cancel-{waiting[0].id}").click().run()
    assert [toast.value.replace("\\", "") for toast in app.toast] == ["0.txt was cancelled. Nothing of it is kept."]
    app.button(key="sidebar-cancel").click().run()
    assert not app.exception
    (said,) = [toast.value.replace("\\", "") for toast in app.toast]
    assert said == "4 documents were cancelled: 1.txt, 2.txt, 3.txt and 1 more. Nothing of them is kept."
    assert opened.workspace.catalog.documents() == []
    assert list(opened.workspace.originals.iterdir()) == []
    assert "No documents yet" in words(app)
