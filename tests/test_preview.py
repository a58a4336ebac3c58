"""The preview: a whole sentence of the documents to read at once, before any model is opened, and kept."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from llama_index.core.base.response.schema import StreamingResponse
from llama_index.core.schema import TextNode

from docmind.answering.ask import ask
from docmind.answering.citations import Citation
from docmind.answering.events import Answer, Event, Preview, Retrieved, Token
from docmind.answering.evidence import Evidence, most_telling
from docmind.answering.query_engine import query_engine
from docmind.answering.statements import statements_of
from docmind.engines import Engine
from docmind.engines.extractive import ExtractiveEngine
from docmind.ingestion.ingest import ingest
from docmind.sentences import content_terms, split_sentences
from docmind.workspace import Workspace

QUESTION = "How many pounds is the rent a month?"
RENT = "The rent is 900 pounds a month."


@pytest.fixture
def library(plain_workspace: Workspace, tmp_path: Path) -> Workspace:
    """One lease, asked by the engine that needs no model."""
    (tmp_path / "lease.md").write_text(f"# Rent a month\n\n{RENT} The deposit is 1800 pounds.\n", encoding="utf-8")
    assert [outcome.status for outcome in ingest(plain_workspace, [tmp_path / "lease.md"])] == ["ingested"]
    return plain_workspace


def finished(events: list[Event]) -> Answer:
    assert isinstance(events[-1], Answer)
    return events[-1]


def test_the_nearest_sentence_comes_right_after_the_passages_and_stays_with_the_answer(
    sample_library: Workspace,
) -> None:
    events = list(ask(sample_library, "What does a lost key cost?"))
    found, preview = events[:2]
    assert isinstance(found, Retrieved)
    assert isinstance(preview, Preview)
    citation = preview.citation
    assert "£45" in citation.quote
    assert citation.place == "residential-lease.pdf, page 4"
    assert citation.passage in [item.node.get_content() for item in found.passages]
    assert citation.quote in split_sentences(citation.passage)
    answer = finished(events)
    assert (answer.preview, answer.preview_seconds) == (citation, preview.seconds)
    assert answer.first_token_seconds is not None
    assert found.seconds <= preview.seconds <= answer.first_token_seconds


def test_what_holds_in_another_case_only_is_no_preview(sample_library: Workspace) -> None:
    events = list(ask(sample_library, "When is the rent due?"))
    [preview] = [event for event in events if isinstance(event, Preview)]
    assert "payable in advance on the first day" in " ".join(preview.citation.quote.split())
    assert finished(events).citations[0].quote == preview.citation.quote


@pytest.mark.parametrize("question", ["What is the capital of Australia?", "How do I train a neural network?"])
def test_where_the_question_is_refused_nothing_is_previewed(sample_library: Workspace, question: str) -> None:
    events = list(ask(sample_library, question))
    assert not any(isinstance(event, Preview) for event in events)
    assert (finished(events).preview, finished(events).preview_seconds) == (None, None)


def test_it_waits_for_no_model_that_another_thread_is_opening(library: Workspace) -> None:
    begun, may_open = threading.Event(), threading.Event()

    def open_slowly() -> Engine:
        begun.set()
        assert may_open.wait(60)
        return ExtractiveEngine()

    opening = threading.Thread(target=library.current_engine.replace, args=(open_slowly,))
    opening.start()
    try:
        assert begun.wait(60)
        events = ask(library, QUESTION)
        assert isinstance(next(events), Retrieved)
        preview = next(events)
        assert library.current_engine.if_open is None
    finally:
        may_open.set()
        opening.join(60)
    assert isinstance(preview, Preview)
    assert preview.citation.quote == RENT
    rest = list(events)
    assert isinstance(rest[0], Token)
    assert finished(rest).found


def evidence(text: str, similarity: float, shared: float = 0.0) -> Evidence:
    (statement,) = statements_of(text)
    terms = frozenset(content_terms(text))
    return Evidence(
        text, TextNode(text=text), terms, frozenset(), np.zeros(1, np.float32), similarity, shared, statement=statement
    )


@pytest.mark.parametrize(
    ("nearer", "shown"),
    [
        (evidence("Rent and deposit of the flat", 0.7), RENT),  # a heading
        (evidence("Item | Rent per month | Due", 0.7), RENT),  # a table's first row
        (evidence("The rent.", 0.9), RENT),  # a fragment
        (evidence("How many pounds is the rent a month?", 1.0, 1.0), RENT),  # states nothing
        (evidence("Rent of the flat in pounds a month: 900", 0.95), "Rent of the flat in pounds a month: 900"),
        (evidence("“The flat costs 900 pounds a month.”", 0.7), "“The flat costs 900 pounds a month.”"),
    ],
)
def test_a_whole_sentence_is_shown_where_there_is_one_about_as_near(nearer: Evidence, shown: str) -> None:
    assert most_telling([nearer, evidence(RENT, 0.6)]).text == shown
    assert most_telling([nearer]) is nearer


def test_a_response_that_streams_has_it_with_its_first_words(library: Workspace) -> None:
    response = query_engine(library, streaming=True).query(QUESTION)
    assert isinstance(response, StreamingResponse)
    assert next(iter(response.response_gen))
    assert response.metadata
    preview = response.metadata["preview"]
    assert isinstance(preview, Citation)
    assert preview.quote == RENT
