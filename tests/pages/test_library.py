"""The documents page: what becomes of files that are dropped."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from driving import wait_until
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
