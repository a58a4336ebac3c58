"""The Settings page: what is chosen is kept, the default takes it out again, and the environment wins."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import messages, words
from streamlit.testing.v1 import AppTest

from docmind.settings import Settings, load_settings
from docmind.ui.settings_view import CHOICES


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file of somebody who has set something else by hand."""
    path = tmp_path / "docmind.env"
    path.write_text("# mine\nDOCMIND_PORT=8600\n", encoding="utf-8")
    monkeypatch.setenv("DOCMIND_ENV_FILE", str(path))
    return path


def open_settings(app: AppTest) -> AppTest:
    app.run()
    app.switch_page("pages/settings.py").run()
    assert not app.exception
    return app


def test_what_is_chosen_stands_in_the_settings_file_and_the_default_takes_it_out(app: AppTest, file: Path) -> None:
    app = open_settings(app)
    app.selectbox(key="setting-thinking").set_value("never").run()
    app.selectbox(key="setting-answer_tokens").set_value("1024").run()
    app.selectbox(key="setting-cache").set_value("false").run()
    assert not app.exception
    loaded = load_settings()
    assert (loaded.thinking, loaded.answer_tokens, loaded.cache, loaded.port) == ("never", 1024, False, 8600)
    assert file.read_text(encoding="utf-8").startswith("# mine\n")
    assert any("From the next start of DocMind: Think before answering, Length" in note for note in messages(app))
    app.selectbox(key="setting-thinking").set_value("auto").run()
    app.selectbox(key="setting-answer_tokens").set_value("").run()
    app.selectbox(key="setting-cache").set_value("true").run()
    assert "THINKING" not in file.read_text(encoding="utf-8")
    assert (load_settings().thinking, load_settings().answer_tokens, load_settings().cache) == ("auto", None, True)
    assert not any("next start" in note for note in messages(app))


def test_what_the_environment_sets_is_shown_and_cannot_be_chosen(
    app: AppTest, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCMIND_FIRST_WORD_SECONDS", "7")
    app = open_settings(app)
    reading = app.selectbox(key="setting-first_word_seconds")
    assert reading.disabled
    assert reading.value == "7.0"
    assert "DOCMIND_FIRST_WORD_SECONDS in the environment decides this" in words(app).replace("\\", "")
    assert not app.selectbox(key="setting-thinking").disabled
    assert file.read_text(encoding="utf-8") == "# mine\nDOCMIND_PORT=8600\n"


def test_a_file_that_cannot_be_written_says_so(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config").write_text("a file where a folder should be", encoding="utf-8")
    app = open_settings(app)
    app.selectbox(key="setting-thinking").set_value("never").run()
    assert any("cannot be written" in note for note in messages(app))


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.field)
def test_every_choice_is_allowed_and_its_default_is_among_them(choice: object) -> None:
    from docmind.ui.settings_view import Choice

    assert isinstance(choice, Choice)
    for value in filter(None, choice.options):
        assert getattr(Settings(**{choice.field: value}), choice.field) is not None
    default = getattr(Settings.model_construct(), choice.field)
    written = "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
    assert written in choice.options
