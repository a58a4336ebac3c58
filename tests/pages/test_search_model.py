"""Another model for searching: chosen on the Models page, followed and cancelled, while the library answers as ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import labels, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.ui.app_state import app_state

STARTER = "all-minilm-l6-v2"


@pytest.fixture
def choosing(app_with_samples: AppTest, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The Models page over documents that the hash embedder read, where a better model has come."""
    workspace = app_state().workspace
    wait_until(app_state().warm.is_set)
    # As if the app had been started so: it was started with the settings of the library's making.
    settings = workspace.settings.model_copy(update={"embedder": "auto", "models_dir": models_dir})
    workspace.settings = settings
    monkeypatch.setenv("DOCMIND_MODELS_DIR", str(models_dir))
    return app_with_samples


def test_a_better_model_is_offered_taken_up_when_asked_and_cancelled(choosing: AppTest) -> None:
    jobs, workspace = app_state().ingestion, app_state().workspace
    jobs.pause()  # so that it is still there to be cancelled
    choosing.switch_page("pages/models.py").run()
    assert not choosing.exception
    shown = " ".join(str(element.value) for element in choosing.get("html"))
    assert "hash" in shown
    assert "came after your documents were read" in shown
    assert "takes a time that shows once it runs" in shown  # the hash embedder has no size to compare with
    assert workspace.catalog.index.next is None  # nothing is begun unasked

    press(choosing, "Search with this model")
    assert jobs.wanted == STARTER
    choosing.switch_page("pages/documents.py").run()
    assert not choosing.exception
    assert "Answers come from the present model until then." in words(choosing)
    assert {"Cancel", "Resume"} <= labels(choosing)
    choosing.button(key="filling-cancel").click().run()
    assert jobs.wanted is None
    assert "Answers come from the present model" not in words(choosing)
    assert workspace.catalog.fact("embedder") == "hash"
    jobs.resume()
    wait_until(lambda: not list(workspace.settings.data_dir.glob("vectors-*")))
