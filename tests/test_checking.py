"""Checker models: a second opinion that may take support away, computed by a real transformer with chosen weights."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from transformers import BertConfig, BertForSequenceClassification

from docmind.answering.generation import Written
from docmind.answering.grounding import ground
from docmind.answering.judging import Judgement, judge
from docmind.answering.writing import Draft
from docmind.checking import Checker, open_checker
from docmind.embeddings import Embedder
from docmind.errors import ModelError, ModelNotFoundError
from docmind.models import find_model, installed
from docmind.settings import Settings

PLANT = "The plant was opened by Maria Olsen in 1962. It employs 340 people in two halls."
SAID = "Maria Olsen opened the plant in 1962."


Make = Callable[..., None]


@pytest.fixture
def make_checker(models_dir: Path) -> Make:
    """Writes a classifier of pairs with random weights that leans towards one of its labels; its words are MiniLM's."""
    words = find_model("all-minilm-l6-v2", "embedding", Settings(models_dir=models_dir))

    def make(folder: Path, leaning: str, labels: tuple[str, ...] = ("neutral", "contradiction", "entailment")) -> None:
        torch.manual_seed(1)
        config = BertConfig(
            vocab_size=30_522,
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            id2label=dict(enumerate(labels)),
            label2id={label: number for number, label in enumerate(labels)},
        )
        model = BertForSequenceClassification(config)
        with torch.no_grad():
            model.classifier.bias[labels.index(leaning)] += 6.0
        model.save_pretrained(folder)
        for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
            if (words / name).is_file():
                shutil.copy(words / name, folder / name)

    return make


def opened(models: Path, **values: str) -> Checker | None:
    return open_checker(Settings(models_dir=models, **values))  # type: ignore[arg-type]  # strings are parsed


def judged(checker: Checker | None, text: str, minilm: Embedder) -> Judgement:
    node = TextNode(
        text=PLANT,
        metadata={"title": "plant", "heading": "", "document": "plant.md", "page": None, "ordinal": 0},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id="plant")},
    )
    question = "Who opened the plant in 1962?"
    draft = Draft(written=Written(text=text), passages=(node,), style="write")
    return judge(question, draft, ground(question, [node], minilm), minilm, 0.6, checker)


def test_a_folder_whose_labels_are_entailment_and_contradiction_is_a_checker(
    make_checker: Make, tmp_path: Path
) -> None:
    make_checker(tmp_path / "nli", "entailment")
    make_checker(tmp_path / "moods", "glad", ("glad", "sad"))
    assert {entry.name: entry.kind for entry in installed(Settings(models_dir=tmp_path))}["nli"] == "checker"
    checker = opened(tmp_path)
    assert checker is not None
    assert checker.name == "nli"
    (relation,) = checker.relate([(PLANT, SAID)])
    assert relation.entailment > 0.9
    assert relation.entailment + relation.neutral + relation.contradiction == pytest.approx(1.0)


def test_one_that_reads_the_opposite_takes_support_away_and_says_so(
    make_checker: Make, tmp_path: Path, minilm: Embedder
) -> None:
    make_checker(tmp_path / "nli", "contradiction")
    checker = opened(tmp_path)
    assert judged(None, SAID, minilm).sentences[0].supported
    judgement = judged(checker, SAID, minilm)
    assert judgement.rejected == SAID  # the document's own words are shown in its place
    assert judgement.text != SAID


def test_one_that_agrees_or_is_in_doubt_changes_nothing(make_checker: Make, tmp_path: Path, minilm: Embedder) -> None:
    make_checker(tmp_path / "agrees" / "nli", "entailment")
    make_checker(tmp_path / "doubts" / "nli", "neutral")
    for folder in ("agrees", "doubts"):
        assert judged(opened(tmp_path / folder), SAID, minilm) == judged(None, SAID, minilm)


def test_a_bare_answer_is_not_put_to_it(make_checker: Make, tmp_path: Path, minilm: Embedder) -> None:
    make_checker(tmp_path / "nli", "contradiction")
    assert judged(opened(tmp_path), "Maria Olsen", minilm).sentences[0].supported


def test_a_checker_without_neutral_knows_two_relations(make_checker: Make, tmp_path: Path) -> None:
    make_checker(tmp_path / "nli", "contradiction", ("entailment", "contradiction"))
    checker = opened(tmp_path)
    assert checker is not None
    (relation,) = checker.relate([(PLANT, SAID)])
    assert relation.neutral == 0.0
    assert relation.contradiction > 0.9


def test_none_is_opened_where_there_is_none_or_none_is_wanted(make_checker: Make, tmp_path: Path) -> None:
    assert opened(tmp_path) is None
    make_checker(tmp_path / "nli", "entailment")
    assert opened(tmp_path, checker="off") is None
    with pytest.raises(ModelNotFoundError, match="DOCMIND_CHECKER=off"):
        opened(tmp_path, checker="another")
    (tmp_path / "nli" / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="cannot be loaded"):
        opened(tmp_path, checker="nli")
