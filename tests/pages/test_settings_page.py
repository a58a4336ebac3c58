"""The Settings page: what is chosen is kept, the default takes it out again, and the environment wins."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import messages, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.answering.ask import ask
from docmind.answering.events import Answer, Retrieved
from docmind.answering.stored import to_stored
from docmind.ingestion.removal import delete
from docmind.keeping_settings import keep_setting
from docmind.settings import Settings, load_settings
from docmind.storage.chats import Message
from docmind.ui.app_state import app_state
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
    assert not any("next start" in note for note in messages(app))
    running = app_state().workspace
    for held in (running.settings, running.current_engine.settings):
        assert (held.thinking, held.answer_tokens, held.cache) == ("never", 1024, False)
    app.selectbox(key="setting-thinking").set_value("auto").run()
    app.selectbox(key="setting-answer_tokens").set_value("").run()
    app.selectbox(key="setting-cache").set_value("true").run()
    assert "THINKING" not in file.read_text(encoding="utf-8")
    assert (load_settings().thinking, load_settings().answer_tokens, load_settings().cache) == ("auto", None, True)
    assert (running.settings.thinking, running.settings.answer_tokens, running.settings.cache) == ("auto", None, True)
    file.write_text(f"{file.read_text(encoding='utf-8')}DOCMIND_THINKING=never\n", encoding="utf-8")  # by hand
    assert any("From the next start of DocMind: Think before" in note for note in messages(app.run()))


def test_what_is_chosen_holds_from_the_next_question(app_with_samples: AppTest, file: Path) -> None:
    question = "How often does the coffee machine need descaling?"
    workspace = app_state().workspace

    def found() -> int:
        [retrieved] = [event for event in ask(workspace, question) if isinstance(event, Retrieved)]
        return len(retrieved.passages)

    before = found()
    app = app_with_samples.switch_page("pages/settings.py").run()
    app.selectbox(key="setting-cache").set_value("false").run()
    app.selectbox(key="setting-retrieve_chunks").set_value("20").run()
    assert "DOCMIND_RETRIEVE_CHUNKS=20" in file.read_text(encoding="utf-8")
    assert found() > before


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


def test_the_model_the_folders_and_what_leaves_are_told_with_their_defaults(
    app_with_samples: AppTest, tmp_path: Path
) -> None:
    wait_until(app_state().warm.is_set)
    app = app_with_samples.switch_page("pages/settings.py").run()
    assert not app.exception
    facts = " ".join(str(element.value) for element in app.get("html"))
    for told in (
        "No model: the documents are quoted",
        str(tmp_path / "data"),
        str(app_state().workspace.settings.models_path),
        "Nothing of your documents, questions and answers",
    ):
        assert told in facts
    said = words(app).replace("\\", "")
    assert "It holds 6 documents (" in said
    assert f"Default: {Settings.model_construct().data_dir}." in said
    assert "Default: nothing leaves it." in said


def test_thumbs_are_downloaded_as_an_evaluation_set(app_with_samples: AppTest) -> None:
    app = app_with_samples.switch_page("pages/settings.py").run()
    assert "the thumbs stand under each answer" in words(app)
    assert not app.download_button

    workspace = app_state().workspace
    *_, answer = ask(workspace, "How often does the coffee machine need descaling?")
    assert isinstance(answer, Answer)
    chats = workspace.catalog.chats
    chat = chats.new("Coffee")
    for right_answer in ("", "every three months"):
        chats.add(chat.id, Message("assistant", to_stored(answer)))
        number = chats.messages(chat.id)[-1].id
        assert number
        chats.feedback.give(number, helpful=False, right_answer=right_answer)
        app.run()
        assert not app.exception
        [button] = app.download_button
        assert button.label == "Download as an evaluation set"
        assert button.proto.disabled is not bool(right_answer)
    assert "2 answers with a thumb. 1 of them tell" in words(app).replace("\\", "")


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.field)
def test_every_choice_is_allowed_and_its_default_is_among_them(choice: object) -> None:
    from docmind.ui.settings_view import Choice

    assert isinstance(choice, Choice)
    for value in filter(None, choice.options):
        assert getattr(Settings(**{choice.field: value}), choice.field) is not None
    default = getattr(Settings.model_construct(), choice.field)
    written = "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
    assert written in choice.options


@pytest.mark.parametrize("linked", [False, True])
def test_a_setting_written_by_hand_is_the_same_setting_and_a_link_to_the_file_stays_one(
    file: Path, tmp_path: Path, linked: bool
) -> None:
    kept = file
    if linked:
        kept = tmp_path / "elsewhere.env"
        file.unlink()
        file.symlink_to(kept)
    # As an editor on Windows keeps it.
    kept.write_text("\ufeffdocmind_thinking=always\r\nDocMind_Cache=false\r\n# mine\r\n", encoding="utf-8")
    keep_setting("thinking", "never")
    assert load_settings().thinking == "never"
    keep_setting("thinking", None)
    keep_setting("cache", None)
    assert (load_settings().thinking, load_settings().cache) == ("auto", True)
    assert kept.read_text(encoding="utf-8").strip() == "# mine"
    assert file.is_symlink() == linked


def test_a_folder_is_kept_in_step_and_no_longer(app: AppTest, tmp_path: Path) -> None:
    flats = tmp_path / "Flats"
    flats.mkdir()
    (flats / "lease.txt").write_text("The rent is 900 pounds.", encoding="utf-8")
    app = open_settings(app)
    field = app.text_input(key="folder-path")
    field.set_value("Flats")
    press(app, "Keep in step")
    assert "Flats is no folder. Name one by its whole path." in messages(app)
    app.text_input(key="folder-path").set_value(f" {flats} ")
    press(app, "Keep in step")
    assert not app.exception
    assert app.text_input(key="folder-path").value == ""
    catalog = app_state().workspace.catalog
    wait_until(lambda: [each.name for each in catalog.documents("ready")] == ["Flats/lease.txt"])
    app.run()
    said = words(app).replace("\\", "")
    assert "1 file · looked at" in said
    assert "Added: Flats/lease.txt" in said or "What was done" in {each.label for each in app.expander}

    delete(app_state().workspace, catalog.find("Flats/lease.txt"))
    app.run()
    assert "0 files · 1 left out, since you deleted them" in words(app).replace("\\", "")
    press(app, "Take in again what I deleted")
    wait_until(lambda: len(catalog.documents("ready")) == 1)
    (folder,) = catalog.folders.all()
    app.button(key=f"folder-stop-sure-{folder.id}").click().run()
    assert not app.exception
    assert catalog.folders.all() == []
    assert len(catalog.documents("ready")) == 1
