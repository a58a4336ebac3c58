"""The writer in the flows that people use: whole documents, a chat, and what the documents do not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docmind.answering.analyse import analyse
from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.question import Question, Turn
from docmind.answering.whole.analysis import Analysis
from docmind.answering.whole.request import Kind, Request
from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.workspace import Workspace

pytestmark = pytest.mark.writer

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, models_dir: Path, writer: Path) -> Iterator[Workspace]:
    """The samples, and the writer to ask; what is asked twice is answered twice."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("samples") / "data",
        models_dir=writer.parents[1],
        model=str(writer),
        engine="openvino",
        embedder=str(models_dir / "all-minilm-l6-v2"),
        prompt_passages=3,
        cache=False,
    )
    with Workspace(settings) as workspace:
        assert all(outcome.status == "ingested" for outcome in ingest(workspace, [SAMPLES]))
        yield workspace


def whole(library: Workspace, kind: Kind, name: str, question: str = "") -> Analysis:
    request = Request(kind, (library.catalog.find(name).id,), question=question, reading="in full")
    *_, analysis = analyse(library, request)
    assert isinstance(analysis, Analysis)
    assert not analysis.verbatim
    return analysis


def asked(library: Workspace, text: str, *history: Turn) -> Answer:
    *_, answer = ask(library, Question(text, history=history))
    assert isinstance(answer, Answer)
    return answer


def test_a_summary_says_what_stands_in_what_it_cites(library: Workspace) -> None:
    analysis = whole(library, "summary", "meeting-minutes.txt")
    assert len(analysis.entries) >= 3
    quotes = {citation.n: citation.quote for citation in analysis.citations}
    for entry in analysis.entries:
        cited = " ".join(quotes[number] for number in entry.sentence.citations)
        assert set(re.findall(r"\d+", entry.sentence.text)) <= set(re.findall(r"\d+", cited))


def test_a_list_of_dates_shows_dates_with_their_sentences(library: Workspace) -> None:
    analysis = whole(library, "list", "meeting-minutes.txt", "List all the dates in this document.")
    shown = " ".join(f"{entry.label} {entry.sentence.text}" for entry in analysis.entries)
    assert sum(date in shown for date in ("10 February", "16 March", "13 March", "20 June", "21 April")) >= 2
    quotes = {citation.n: " ".join(citation.quote.split()) for citation in analysis.citations}
    for entry in analysis.entries:
        cited = " ".join(quotes[number] for number in entry.sentence.citations)
        for label in filter(None, entry.label.split(", ")):
            assert set(re.findall(r"\d+", label)) <= set(re.findall(r"\d+", cited))


def test_a_follow_up_is_answered_about_what_was_talked_of(library: Workspace) -> None:
    first = "How much is the rent?"
    answer = asked(library, first)
    assert "1,450" in answer.text
    further = asked(library, "And when is it due?", Turn(first, answer.text, answer.gist))
    assert further.asked_as != "And when is it due?"
    assert "first day" in further.text
    assert further.citations[0].document == "residential-lease.pdf"


def test_what_the_documents_do_not_say_is_not_answered(library: Workspace) -> None:
    for question in ("What colour is the landlord's car?", "How much did the roof of Linden Court cost in 1987?"):
        answer = asked(library, question)
        assert not answer.found, answer.text
        assert answer.citations  # the closest passages
