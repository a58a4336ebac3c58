"""Ask and its engine: thinking first, stopping early, waiting in line, failing and being opened again."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from llama_index.core.base.llms.types import ChatMessage

from docmind.answering.ask import ask
from docmind.answering.events import Answer, Event, Preview, Queued, Retrieved, Thinking, Token
from docmind.answering.judging import STOPPED
from docmind.answering.question import Question, ThinkFirst
from docmind.engines import Options, Piece, PreparedPrompt
from docmind.engines.extractive import ExtractiveEngine
from docmind.errors import EngineError, EngineLostError
from docmind.ingestion.ingest import ingest
from docmind.models.model import Mode
from docmind.workspace import Workspace

QUESTION = "How many pounds is the rent a month?"
HARD = "Compare the rent of a month in pounds with the deposit."


@pytest.fixture
def library(plain_workspace: Workspace, tmp_path: Path) -> Workspace:
    """A small library that needs no model; its engine can think."""
    (tmp_path / "lease.txt").write_text(
        "The rent is 900 pounds a month. The deposit is 1800 pounds.\n", encoding="utf-8"
    )
    assert [outcome.status for outcome in ingest(plain_workspace, [tmp_path / "lease.txt"])] == ["ingested"]
    return plain_workspace


def finished(events: Sequence[Event]) -> Answer:
    assert isinstance(events[-1], Answer)
    return events[-1]


def test_a_hard_question_is_thought_about_and_the_thoughts_are_kept_apart(library: Workspace) -> None:
    events = list(ask(library, HARD))
    answer = finished(events)
    thoughts = "".join(event.text for event in events if isinstance(event, Thinking))
    assert answer.thoughts == thoughts.strip() != ""
    assert answer.thinking_seconds is not None
    said = "".join(event.text for event in events if isinstance(event, Token))
    assert "share most words" not in said + answer.text
    assert not any("share most words" in citation.quote for citation in answer.citations)


def test_an_easy_question_is_answered_at_once(library: Workspace) -> None:
    answer = finished(list(ask(library, QUESTION)))
    assert (answer.thoughts, answer.thinking_seconds) == ("", None)


@pytest.mark.parametrize(("wish", "thinks"), [("always", True), ("never", False)])
def test_the_user_decides_where_he_wants_to(library: Workspace, wish: ThinkFirst, thinks: bool) -> None:
    for text in (QUESTION, HARD):
        assert bool(finished(list(ask(library, Question(text, thinking=wish)))).thoughts) is thinks


def test_where_no_model_can_think_the_open_one_answers(sample_library: Workspace) -> None:
    answer = finished(list(ask(sample_library, Question("What does a lost key cost?", thinking="always"))))
    assert answer.found
    assert not answer.thoughts


def test_an_answer_can_be_stopped_before_its_first_word(sample_library: Workspace) -> None:
    answer = finished(list(ask(sample_library, "Who may keep a dog in the flat?", stopped=lambda: True)))
    assert answer.stopped
    assert not answer.found
    assert answer.text in (STOPPED, answer.text.strip())
    assert answer.total_seconds < 60


def test_who_waits_is_told_the_place(library: Workspace) -> None:
    engine = library.engine
    taken = [engine.stream_chat([ChatMessage(content="A b c.\nWhat?")]) for _ in range(engine.parallel_answers)]
    for stream in taken:
        next(stream)
    told = threading.Event()
    events: list[Event] = []

    def wait() -> None:
        for event in ask(library, QUESTION):
            events.append(event)
            if isinstance(event, Queued):
                told.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert told.wait(30)
    for stream in taken:
        stream.close()
    thread.join(30)
    assert Queued(1) in events
    assert [type(event) for event in events[:2]] == [Retrieved, Preview]  # there is something to read meanwhile
    assert finished(events).found


class BrittleEngine(ExtractiveEngine):
    """Fails for good at its second word, as a driver does that loses its device."""

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """See `Engine.pieces`."""
        words = super().pieces(prompt)
        yield next(words)
        raise EngineLostError("The device is gone. Ask again: the model will be loaded anew.")


def test_an_engine_that_failed_is_opened_again_by_the_next_question(library: Workspace) -> None:
    library.current_engine.replace(BrittleEngine)
    with pytest.raises(EngineLostError, match="Ask again"):
        list(ask(library, QUESTION))
    answer = finished(list(ask(library, QUESTION)))
    assert answer.found
    assert type(library.engine) is ExtractiveEngine


class LostWhileCountingEngine(ExtractiveEngine):
    """Its server died between two questions."""

    def prepare_prompt(self, messages: Sequence[ChatMessage], options: Options) -> PreparedPrompt:
        """See `Engine.prepare_prompt`."""
        raise EngineLostError("Nobody answers. Ask again: the model will be loaded anew.")


def test_an_engine_that_fails_while_it_counts_is_opened_again_too(library: Workspace) -> None:
    library.current_engine.replace(LostWhileCountingEngine)
    with pytest.raises(EngineLostError):
        list(ask(library, QUESTION))
    assert finished(list(ask(library, QUESTION))).found


class BroodingEngine(ExtractiveEngine):
    """Thinks until its tokens are used up."""

    modes: frozenset[Mode] = frozenset({"thinking"})

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """See `Engine.pieces`."""
        yield Piece("<think>\nOn the one hand", 5)


def test_thoughts_without_an_answer_are_no_statement_about_the_documents(library: Workspace) -> None:
    library.current_engine.replace(BroodingEngine)
    with pytest.raises(EngineError, match="DOCMIND_THINKING_TOKENS"):
        list(ask(library, QUESTION))


def test_an_engine_that_the_settings_name_is_not_exchanged_for_a_question(library: Workspace) -> None:
    """Also where another model in the folder would suit it better: a server does not even know that name."""
    engine = library.current_engine.replace(BroodingEngine)
    assert library.current_engine.model_to_open(thinking=False) is None
    with library.current_engine.lend(thinking=False) as lent:
        assert lent is engine
