"""A document that the question names comes first, says so, and is searched like all others for whoever wants that."""

from __future__ import annotations

from pathlib import Path

import pytest

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.question import Question
from docmind.answering.stored import from_stored, to_stored
from docmind.ingestion.ingest import ingest
from docmind.retrieval.hybrid import Found
from docmind.workspace import Workspace
from firms import QUESTION, write_reports


@pytest.fixture
def firms(plain_workspace: Workspace, tmp_path: Path) -> Workspace:
    """The reports, read."""
    assert [each.status for each in ingest(plain_workspace, write_reports(tmp_path))] == ["ingested"] * 5
    return plain_workspace


def found(workspace: Workspace, question: str, *, evenly: bool = False) -> Found:
    embedding = workspace.embedder.model.get_query_embedding(question)
    return workspace.retriever().find(question, embedding, without=("names",) if evenly else ())


def test_where_the_name_changes_what_comes_first_that_is_told(firms: Workspace) -> None:
    lifted, even = found(firms, QUESTION), found(firms, QUESTION, evenly=True)
    assert "blueharbour.txt" in {item.node.metadata["document"] for item in lifted.passages[:3]}
    assert "blueharbour.txt" not in {item.node.metadata["document"] for item in even.passages[:3]}
    assert (lifted.looked_first, even.looked_first) == (("blueharbour.txt",), ())
    assert len(lifted.passages) == len(even.passages) == 5  # nothing is left out either way


@pytest.mark.parametrize("question", ["How high were the costs?", "How high were the costs of Orrin and Kestrel?"])
def test_where_it_changes_nothing_nothing_is_told(firms: Workspace, question: str) -> None:
    first = {item.node.metadata["document"] for item in found(firms, question, evenly=True).passages[:3]}
    told = found(firms, question).looked_first
    assert not set(told) & first
    assert told == () or "Orrin" in question


def test_each_of_several_that_are_named_is_among_the_first(firms: Workspace) -> None:
    passages = found(firms, "How high were the costs of Blue Harbour and Vela?").passages
    assert {item.node.metadata["document"] for item in passages[:2]} == {"blueharbour.txt", "vela.txt"}
    assert len(passages) == 5


def test_the_answer_tells_it_and_is_kept_with_it(firms: Workspace) -> None:
    *_, answer = ask(firms, QUESTION)
    assert isinstance(answer, Answer)
    assert answer.looked_first == ("blueharbour.txt",)
    assert from_stored(to_stored(answer)) == answer
    *_, even = ask(firms, Question(QUESTION, evenly=True))
    assert isinstance(even, Answer)
    assert even.looked_first == ()
