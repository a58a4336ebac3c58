"""One date, and one share, in whatever form they are written."""

from __future__ import annotations

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from docmind.answering.citations import align
from docmind.answering.evidence import gather
from docmind.answering.proof.words import read
from docmind.embeddings import Embedder


@pytest.mark.parametrize(
    ("source", "question", "answer", "stands"),
    [
        ("The bridge was opened on March 3, 1921.", "When was the bridge opened?", "3 March 1921", True),
        ("The bridge was opened on March 3, 1921.", "When was the bridge opened?", "3rd March 1921", True),
        ("The bridge was opened on March 3, 1921.", "When was the bridge opened?", "1921-03-03", True),
        ("The bridge was opened on March 3, 1921.", "When was the bridge opened?", "March 1921", True),
        ("The bridge was opened on March 3, 1921.", "When was the bridge opened?", "1921", True),
        (
            "The bridge was opened on March 3, 1921.",
            "When was the bridge opened?",
            "The bridge was opened on the 3rd of March 1921.",
            True,
        ),
        ("The bridge was opened on 1921-03-03.", "When was the bridge opened?", "The answer is March 3rd, 1921.", True),
        ("The bridge was opened on 3 March 1921.", "On what day was it opened?", "March 3", True),
        ("The bridge was opened on March 3, 1921.", "When was the bridge opened?", "3 May 1921", False),
        ("The bridge was opened on March 3, 1921.", "When was the bridge opened?", "13 March 1921", False),
        ("The bridge was opened on March 3, 1921.", "When was the bridge opened?", "1921-03-13", False),
        ("The bridge was opened on March 3, 1921.", "When was the bridge opened?", "3 March 1922", False),
        ("The bridge was opened on March 3, 1921.", "", "The bridge was opened on March 1, 1921.", False),
        (
            "The bridge was begun on May 5, 1919 and opened on March 3, 1921.",
            "When was the bridge opened?",
            "5 May 1919",
            False,
        ),
        (
            "The bridge was begun on May 5, 1919 and opened on March 3, 1921.",
            "When was the bridge opened?",
            "3 March 1921",
            True,
        ),
        (
            "The bridge was begun on May 5, 1919 and opened on March 3, 1921.",
            "",
            "The bridge was opened on 3 May 1919.",
            False,
        ),
        (
            "The bridge was begun on May 5, 1919 and opened on March 3, 1921.",
            "",
            "The bridge was opened on 5 March 1921.",
            False,
        ),
        ("About 50% of the members voted.", "How many of the members voted?", "half", True),
        ("About 50% of the members voted.", "", "About half of the members voted.", True),
        ("About 50% of the members voted.", "", "About 50 per cent of the members voted.", True),
        ("About half of the members voted.", "What share of the members voted?", "50%", True),
        ("About half of the members voted.", "What share of the members voted?", "50 percent", True),
        ("About half of the members voted.", "What share of the members voted?", "40%", False),
        ("About 40% of the members voted.", "", "About half of the members voted.", False),
        (
            "They scored twice in the second half of the match.",
            "When did they score twice?",
            "in the second half",
            True,
        ),
        ("Costs fell by half in May.", "By how much did costs fall?", "50%", True),
    ],
)
def test_dates_and_shares_are_equal_when_they_mean_the_same(
    source: str, question: str, answer: str, stands: bool, minilm: Embedder
) -> None:
    node = TextNode(
        text=source,
        metadata={"title": "Bridge", "heading": "", "document": "bridge.pdf", "page": 2},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id="bridge")},
    )
    sentences, _ = align(question, answer, gather(question, [node], minilm), minilm, 0.6)
    assert all(sentence.supported for sentence in sentences) is stands


def test_the_words_of_a_date_keep_their_places_in_the_sentence() -> None:
    said = "Opened on March 3, 1921, it closed on 13.04.1960."
    assert [said[word.start : word.end] for word in read(said)[2:5]] == ["3", "March", "1921"]
    assert [(word.text, word.key) for word in read(said)[-3:]] == [("13", "13"), ("04", "april"), ("1960", "1960")]
    assert [word.key for word in read("the second half")][-1] != "50"
