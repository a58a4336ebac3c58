"""How much a model is given to read: as its speed on this machine and its window allow, or as the settings say."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import TextNode

from docmind.answering.ask import ask
from docmind.answering.budget import Budget, budget_for, passages_to_retrieve, within
from docmind.answering.events import Answer, Retrieved
from docmind.answering.grounding import ground, widen
from docmind.engines import Options, Piece, PreparedPrompt, open_engine
from docmind.engines.extractive import ExtractiveEngine
from docmind.engines.speed import Speed, measure, speed_of
from docmind.errors import EngineError
from docmind.ingestion.ingest import ingest
from docmind.records import AnswerStyle
from docmind.settings import Settings
from docmind.workspace import Workspace

TWO_CORES = Speed(reads=245.0, writes=20.0)
CARD = Speed(reads=12_000.0, writes=150.0)
SNAIL = Speed(reads=9.0, writes=2.0)
QUESTION = "How much is the fee of the zebra?"


@pytest.mark.parametrize(
    ("speed", "style", "window", "expected"),
    [
        (TWO_CORES, "write", 32_768, Budget(50, 1_225, 400)),
        (CARD, "write", 131_072, Budget(50, 60_000, 2_048)),
        (CARD, "write", 8_192, Budget(50, 4_096, 1_024)),  # half of the window, and an eighth
        (CARD, "write", 1_024, Budget(50, 512, 256)),
        (SNAIL, "write", 32_768, Budget(50, 45, 256)),
        (CARD, "quote", 8_192, Budget(3, 4_096, 256)),  # copies from the wrong one where there are more
        (None, "write", 131_072, Budget(3, None, 256)),  # somebody else's server
        (None, "quote", 8_192, Budget(3, None, 256)),
    ],
)
def test_the_budget_follows_speed_and_window(
    speed: Speed | None, style: AnswerStyle, window: int, expected: Budget
) -> None:
    assert budget_for(Settings(), style, window, speed) == expected


@pytest.mark.parametrize("speed", [None, SNAIL, CARD])
@pytest.mark.parametrize("style", ["write", "quote"])
def test_what_the_settings_say_holds_at_any_speed(speed: Speed | None, style: AnswerStyle) -> None:
    settings = Settings(prompt_passages=7, answer_tokens=300)
    assert budget_for(settings, style, 32_768, speed) == Budget(7, None, 300)
    slower = Settings(first_word_seconds=10)
    assert budget_for(slower, "write", 32_768, TWO_CORES).passage_tokens == 2_450


def test_as_many_passages_are_searched_as_are_read_and_ten_at_least() -> None:
    def retrieved(settings: Settings, speed: Speed | None) -> int:
        return passages_to_retrieve(settings, budget_for(settings, "write", 131_072, speed))

    assert [retrieved(Settings(), speed) for speed in (None, SNAIL, TWO_CORES, CARD)] == [10, 10, 10, 50]
    assert retrieved(Settings(), Speed(reads=1_000.0, writes=20.0)) == 21
    assert retrieved(Settings(retrieve_chunks=4), CARD) == 4
    assert passages_to_retrieve(Settings(), None) == 10  # no engine is open yet
    assert passages_to_retrieve(Settings(prompt_passages=30), None) == 30


@pytest.mark.parametrize(("tokens", "taken"), [(0, 1), (9, 1), (10, 1), (19, 1), (20, 2), (35, 3), (None, 4)])
def test_the_first_passages_that_fit_are_taken_and_always_one(tokens: int | None, taken: int) -> None:
    passages = [TextNode(text="word " * 10) for _ in range(6)]
    chosen = within(Budget(4, tokens, 256), passages, lambda text: len(text.split()))
    assert list(chosen) == passages[:taken]


@pytest.fixture
def zebra(plain_workspace: Workspace, tmp_path: Path) -> Workspace:
    """Forty documents of a passage each about the zebra's fee, in the library that needs no model."""
    for number in range(40):
        text = f"The fee of the zebra in zoo {number} is {number + 3} pounds. " * 12
        (tmp_path / f"zoo {number}.txt").write_text(text, encoding="utf-8")
    outcomes = ingest(plain_workspace, [tmp_path / f"zoo {number}.txt" for number in range(40)])
    assert {outcome.status for outcome in outcomes} == {"ingested"}
    return plain_workspace


@pytest.mark.parametrize(
    ("speed", "retrieved", "read"), [(SNAIL, 10, 1), (TWO_CORES, 10, 8), (CARD, 40, 40), (None, 10, 3)]
)
def test_a_model_is_given_what_it_reads_in_time(
    zebra: Workspace, speed: Speed | None, retrieved: int, read: int
) -> None:
    zebra.current_engine.replace(lambda: ExtractiveEngine(speed=speed, best_style="write"))
    found, *_, answer = ask(zebra, QUESTION)
    assert isinstance(found, Retrieved)
    assert isinstance(answer, Answer)
    assert (len(found.passages), answer.read.chunks) == (retrieved, read)
    assert answer.found
    assert (answer.read.reads_per_second, answer.read.writes_per_second) == (
        (speed.reads, speed.writes) if speed else (None, None)
    )
    assert answer.read.most_chunks == (50 if speed else 3)


def test_only_the_sentences_of_further_passages_are_gathered_anew(zebra: Workspace) -> None:
    passages = [item.node for item in zebra.retriever(limit=8).retrieve(QUESTION)]
    first = ground(QUESTION, passages[:3], zebra.embedder)
    assert widen(first, QUESTION, passages[:2], zebra.embedder) is first
    wider = widen(first, QUESTION, passages, zebra.embedder)
    assert wider.passages == tuple(passages)
    assert wider.evidence[: len(first.evidence)] == first.evidence
    assert {item.node.node_id for item in wider.evidence} == {node.node_id for node in passages}


class Counted(ExtractiveEngine):
    """Notes how often it is asked."""

    _asked: list[int] = PrivateAttr(default_factory=list)

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """See `Engine.pieces`."""
        self._asked.append(prompt.tokens)
        yield from (Piece("1 ", 1) for _ in range(4))


class Refusing(ExtractiveEngine):
    """Its template takes no such conversation."""

    def prepare_prompt(self, messages: Sequence[ChatMessage], options: Options) -> PreparedPrompt:
        """See `Engine.prepare_prompt`."""
        raise EngineError("This template cannot be used.")


def test_the_best_of_three_openings_is_remembered_for_model_engine_and_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "getloadavg", lambda: (0.0, 0.0, 0.0))
    settings = Settings(models_dir=tmp_path)
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    opened = [Counted() for _ in range(5)]
    speeds = [speed_of(engine, model, "f16", settings) for engine in opened]
    assert [speed.openings if speed else None for speed in speeds] == [1, 2, 3, 3, 3]
    assert [len(engine._asked) for engine in opened] == [2, 2, 2, 0, 0]  # a short prompt to warm up, and a long one
    assert all(200 <= engine._asked[1] < 400 for engine in opened[:3])
    known: list[Any] = [speed for speed in speeds if speed]
    assert [speed.reads for speed in known] == sorted(speed.reads for speed in known)
    other = Counted()
    assert speed_of(other, model, "q8_0", settings) != known[-1]
    assert len(other._asked) == 2


def test_an_opening_on_a_busy_machine_is_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(models_dir=tmp_path)
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    speeds = []
    for load in (99.0, 99.0, 0.0, 0.0, 99.0, 0.0):
        monkeypatch.setattr(psutil, "getloadavg", lambda load=load: (load, load, load))
        speeds.append(speed_of(Counted(), model, "f16", settings))
    assert [speed.openings if speed else None for speed in speeds] == [0, 0, 1, 2, 2, 3]


def test_an_engine_that_cannot_be_measured_opens_all_the_same(tmp_path: Path) -> None:
    assert measure(Refusing()) is None
    assert open_engine(Settings(data_dir=tmp_path, engine="extractive", embedder="hash")).speed is None


def test_the_starter_is_measured_when_it_is_opened_and_an_answer_tells_it(sample_library: Workspace) -> None:
    speed = sample_library.engine.speed
    assert speed is not None
    assert speed.reads > speed.writes > 0
    assert sample_library.engine.weights  # what kept answers rest on
    *_, answer = ask(sample_library, "What does a lost key cost?")
    assert isinstance(answer, Answer)
    assert (answer.read.reads_per_second, answer.read.writes_per_second) == (speed.reads, speed.writes)
    assert answer.read.most_chunks == 3  # as this library's settings say
