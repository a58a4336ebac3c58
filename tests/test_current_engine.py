"""The engine in use: chosen by the user, lent to questions, exchanged only while nobody has borrowed it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_index.core.base.llms.types import ChatMessage

from docmind.current_engine import CurrentEngine
from docmind.engines.extractive import ExtractiveEngine
from docmind.errors import EngineError, LibraryError, ModelNotFoundError, SettingsError
from docmind.settings import Settings
from docmind.workspace import Workspace

STARTER = "smollm2-135m-instruct"
THINKER = "qwen3-4b-thinking-2507-gguf"  # a name that the catalogue knows to do nothing but think


@pytest.fixture
def two_models(tmp_path: Path, models_dir: Path) -> Iterator[CurrentEngine]:
    """One model that answers at once and one that thinks first; the weights of both are the starter's."""
    here = tmp_path / "models"
    here.mkdir()
    for name in (STARTER, THINKER):
        (here / name).mkdir()
        for file in (models_dir / STARTER).iterdir():
            (here / name / file.name).symlink_to(file)
    with Workspace(Settings(data_dir=tmp_path / "data", models_dir=here, embedder="hash")) as workspace:
        yield workspace.current_engine


def test_a_question_gets_the_model_that_suits_it(two_models: CurrentEngine) -> None:
    with two_models.lend(thinking=False) as plain:
        assert plain.model_name == STARTER
    assert two_models.model_to_open(thinking=True) == THINKER
    with two_models.lend(thinking=True) as thinker:
        assert thinker.model_name == THINKER
    with pytest.raises(EngineError, match="closed"):
        list(plain.stream_chat([ChatMessage(content="Hi")]))


def test_an_engine_is_not_closed_between_routing_and_its_turn(two_models: CurrentEngine) -> None:
    """A question that has borrowed an engine has not queued yet, so the queue alone does not tell."""
    with two_models.lend(thinking=False) as mine:
        assert two_models.model_to_open(thinking=True) is None
        with two_models.lend(thinking=True) as theirs:
            assert theirs is mine
        assert mine.chat([ChatMessage(content="Hi")], max_tokens=4).message.content
    with two_models.lend(thinking=True) as other:
        assert other is not mine


def test_a_loan_ends_with_its_question_however_that_ends(two_models: CurrentEngine) -> None:
    with pytest.raises(ZeroDivisionError), two_models.lend(thinking=False):
        _ = 1 / 0
    assert two_models.model_to_open(thinking=True) == THINKER


def test_giving_back_does_not_wait_for_a_model_that_is_being_opened(plain_workspace: Workspace) -> None:
    current = plain_workspace.current_engine
    opening, opened = threading.Event(), threading.Event()

    def slowly() -> ExtractiveEngine:
        opening.set()
        assert opened.wait(30)
        return ExtractiveEngine()

    with current.lend(thinking=False):
        thread = threading.Thread(target=current.replace, args=(slowly,))
        thread.start()
        assert opening.wait(30)
    assert current.if_open is None
    opened.set()
    thread.join(30)
    assert current.if_open is not None


@pytest.fixture
def free_choice(tmp_path: Path, models_dir: Path) -> Iterator[Workspace]:
    with Workspace(Settings(data_dir=tmp_path / "data", models_dir=models_dir, embedder="hash")) as workspace:
        yield workspace


def test_another_model_replaces_the_first_which_is_closed(free_choice: Workspace) -> None:
    first = free_choice.engine
    second = free_choice.current_engine.use("smollm2-135m-instruct", "llamacpp")
    assert (first.engine_name, second.engine_name) == ("openvino", "llamacpp")
    assert free_choice.engine is second
    with pytest.raises(Exception, match="closed"):
        list(first.stream_chat([ChatMessage(content="Hi")]))


def test_a_better_model_that_arrives_waits_for_the_question_that_has_the_engine(two_models: CurrentEngine) -> None:
    arrived = two_models.settings.models_path / "brought-along"
    opened: list[str] = []
    waiting = threading.Thread(target=lambda: opened.append(two_models.open_best().model_name))
    with two_models.lend(thinking=False) as mine:
        arrived.mkdir()
        for file in (arrived.parent / STARTER).glob("*.gguf"):
            (arrived / file.name).symlink_to(file)
        waiting.start()
        assert mine.chat([ChatMessage(content="Hi")], max_tokens=4).message.content
        with two_models.lend(thinking=False) as theirs:  # whoever comes meanwhile is not kept waiting
            assert theirs is mine
        assert not opened
    waiting.join(60)
    assert opened == ["brought-along"]
    assert two_models.open_best() is two_models.get()  # it is the best already, and stays


def test_whoever_waits_to_open_the_best_stops_when_the_library_is_closed(plain_workspace: Workspace) -> None:
    ended: list[bool] = []

    def wait() -> None:
        with pytest.raises(LibraryError, match="was closed"):
            plain_workspace.current_engine.open_best()
        ended.append(True)

    with plain_workspace.current_engine.lend(thinking=False):
        waiting = threading.Thread(target=wait)
        waiting.start()
        plain_workspace.current_engine.close()
        waiting.join(30)
    assert ended


def test_the_choice_survives_a_restart(free_choice: Workspace) -> None:
    free_choice.current_engine.use("smollm2-135m-instruct", "llamacpp")
    free_choice.close()
    with Workspace(free_choice.settings) as again:
        assert again.engine.engine_name == "llamacpp"


def test_a_model_that_cannot_be_had_leaves_the_open_one(free_choice: Workspace) -> None:
    first = free_choice.engine
    with pytest.raises(ModelNotFoundError):
        free_choice.current_engine.use("qwen3-4b-instruct-2507-fp8")
    assert free_choice.engine is first
    assert first.chat([ChatMessage(content="Hi")], max_tokens=4).message.content


def test_what_the_settings_name_is_not_overruled(plain_workspace: Workspace) -> None:
    with pytest.raises(SettingsError, match="DOCMIND_ENGINE"):
        plain_workspace.current_engine.use("smollm2-135m-instruct")


def test_nothing_is_opened_again_in_a_library_that_was_closed(tmp_path: Path) -> None:
    """A question may wait for its engine, and a document for the store, just as the library is closed."""
    with Workspace(Settings(data_dir=tmp_path, engine="extractive", embedder="hash")) as workspace:
        assert workspace.engine
        assert workspace.store
    for part in (lambda: workspace.engine, lambda: workspace.store):
        with pytest.raises(LibraryError, match="was closed"):
            part()
    with pytest.raises(LibraryError, match="was closed"):
        workspace.current_engine.replace(ExtractiveEngine)
    assert workspace.current_engine.if_open is None
