"""Verdicts are told at the words: in the terminal and in JSON."""

from __future__ import annotations

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from docmind.answering.citations import align
from docmind.answering.events import Answer, Read
from docmind.answering.evidence import gather
from docmind.cli.console import answer_lines
from docmind.embeddings import Embedder
from docmind.json_forms import answer_values

QUESTION = "When must a fault be repaired?"
WRITTEN = "The landlord may repair an urgent fault within 24 hours. Urgent faults are repaired within 24 hours."


@pytest.fixture(scope="module")
def answer(minilm: Embedder) -> Answer:
    node = TextNode(
        text="The landlord must repair an urgent fault within 24 hours.",
        metadata={"title": "Lease", "heading": "", "document": "lease.pdf", "page": 2},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id="lease")},
    )
    sentences, citations = align(QUESTION, WRITTEN, gather(QUESTION, [node], minilm), minilm, 0.6)
    read = Read(1, 1, 9, 99)
    return Answer(QUESTION, WRITTEN, True, False, None, sentences, citations, read, 0.1, 0.2, 0.3, 9.0, "e", "m")


def test_a_sentence_whose_rest_stands_is_partly_supported_and_cites_what_it_gets_wrong(answer: Answer) -> None:
    assert [sentence.verdict for sentence in answer.sentences] == ["partly supported", "supported"]
    assert answer.sentences[0].citations == (1,)
    assert answer.sentences[0].parts[1] == ("may", "the source says “must”")
    assert "".join(text for text, _ in answer.sentences[0].parts) == answer.sentences[0].text


def test_the_terminal_marks_the_words_and_says_why(answer: Answer) -> None:
    said = answer_lines(answer)
    assert "  ? The landlord [may] repair an urgent fault within 24 hours." in said
    assert "      “may”: the source says “must”" in said
    assert "      supports in part: The landlord may repair" in said
    assert "      supports: Urgent faults are repaired" in said


def test_json_gives_the_verdict_and_the_places_of_the_words(answer: Answer) -> None:
    first, second = answer_values(answer)["sentences"]
    assert (first["verdict"], second["verdict"]) == ("partly supported", "supported")
    assert first["doubts"] == [{"start": 13, "end": 16, "text": "may", "reason": "the source says “must”"}]
    assert second["doubts"] == []
