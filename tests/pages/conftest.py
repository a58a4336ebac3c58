"""The app, run by Streamlit's own test driver over a real library that needs no model."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from driving import PATIENCE
from streamlit.testing.v1 import AppTest

from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.ui.app_state import app_state
from docmind.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The app over an empty library of its own."""
    monkeypatch.setenv("DOCMIND_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DOCMIND_ENGINE", "extractive")
    monkeypatch.setenv("DOCMIND_EMBEDDER", "hash")
    st.cache_resource.clear()
    driver = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=PATIENCE)
    yield driver
    if (tmp_path / "data" / "library.lock").exists() and not driver.error:
        assert app_state().warm.wait(PATIENCE)  # what is being opened cannot be closed
        app_state().workspace.close()
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def samples_read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library folder that holds the sample documents, to be copied: reading them takes seconds."""
    folder = tmp_path_factory.mktemp("samples") / "data"
    with Workspace(Settings(data_dir=folder, engine="extractive", embedder="hash")) as workspace:
        outcomes = list(ingest(workspace, [REPOSITORY / "data" / "samples"]))
        assert [outcome.status for outcome in outcomes] == ["ingested"] * 6
    return folder


@pytest.fixture
def app_with_samples(app: AppTest, samples_read: Path, tmp_path: Path) -> AppTest:
    """The app over the sample documents."""
    shutil.copytree(samples_read, tmp_path / "data")
    app.run()
    assert not app.exception
    return app
