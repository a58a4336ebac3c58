"""Documents of a lost catalogue are said to be there, and added again or deleted for good with a click."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import labels, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.ingestion.ingest import ingest
from docmind.ingestion.set_aside import kept_aside
from docmind.settings import Settings
from docmind.ui.app_state import app_state
from docmind.workspace import Workspace


@pytest.fixture
def data_dir(app: AppTest, tmp_path: Path) -> Path:  # noqa: ARG001 - it names the library
    """A library whose catalogue was lost."""
    (tmp_path / "lease.txt").write_text("The rent is 950 pounds a month.", encoding="utf-8")
    settings = Settings(data_dir=tmp_path / "data", engine="extractive", embedder="hash")
    with Workspace(settings) as workspace:
        list(ingest(workspace, [tmp_path / "lease.txt"]))
    for path in settings.data_dir.glob("catalog.sqlite*"):
        path.unlink()
    return settings.data_dir


def opened(app: AppTest, data_dir: Path) -> None:
    app.run()
    app.switch_page("pages/documents.py").run()
    wait_until(lambda: bool(kept_aside(data_dir)))
    app.run()
    assert not app.exception
    assert "1 document of an earlier catalogue" in words(app)
    assert "lease.txt" in words(app).replace("\\", "")


def test_they_are_added_again(app: AppTest, data_dir: Path) -> None:
    opened(app, data_dir)
    press(app, "Add them again")
    wait_until(lambda: bool(app_state().workspace.catalog.documents("ready")))
    app.run()
    assert "Add them again" not in labels(app)
    wait_until(lambda: kept_aside(data_dir) == [])


def test_they_are_deleted_for_good(app: AppTest, data_dir: Path) -> None:
    opened(app, data_dir)
    press(app, "Delete for good")
    assert "Add them again" not in labels(app)
    assert list((data_dir / "names").iterdir()) == kept_aside(data_dir) == []
