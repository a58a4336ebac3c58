"""Reranking: the passages of a search in a better order, within its time, whatever becomes of the model."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from llama_index.core.vector_stores.utils import node_to_metadata_dict
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from docmind.answering.ask import ask
from docmind.answering.events import Answer, Retrieved
from docmind.answering.question import Question
from docmind.answering.stored import from_stored, to_stored
from docmind.cli.console import answer_lines
from docmind.cli.doctor import checks
from docmind.errors import ModelError, ModelNotFoundError
from docmind.ingestion.ingest import ingest
from docmind.json_forms import answer_values
from docmind.models import find_model, find_reranker, installed
from docmind.records import TABLE
from docmind.reranking import Reranker, open_reranker
from docmind.retrieval.reranking import CANDIDATES, rerank
from docmind.settings import Settings
from docmind.stores import node_of
from docmind.stores.queries import Hit
from docmind.workspace import Workspace
from onnx_files import write_onnx
from passages import passage

QUESTION = "Who opened the plant in 1962?"
PASSAGES = [
    "The plant was opened by Maria Olsen in 1962.",
    "It employs 340 people in two halls.",
    "Goods arrive by rail.",
]

Make = Callable[[Path], None]


@pytest.fixture
def make_reranker(models_dir: Path) -> Make:
    """Writes a cross-encoder with random weights; its words are MiniLM's."""
    words = find_model("all-minilm-l6-v2", "embedding", Settings(models_dir=models_dir))

    def make(folder: Path) -> None:
        torch.manual_seed(1)
        config = BertConfig(
            vocab_size=30_522,
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            num_labels=1,
            initializer_range=0.5,  # so that its scores differ
        )
        BertForSequenceClassification(config).save_pretrained(folder)
        for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
            if (words / name).is_file():
                shutil.copy(words / name, folder / name)

    return make


def opened(models: Path, **values: str) -> Reranker | None:
    return open_reranker(Settings(models_dir=models, **values))  # type: ignore[arg-type]  # strings are parsed


def found(scores: Sequence[float]) -> list[tuple[Hit, float]]:
    """Passages '0', '1' and so on, as a search found them."""
    nodes = [passage(str(number)) for number in range(len(scores))]
    return [
        (Hit(node.node_id, score, node_to_metadata_dict(node)), score)
        for node, score in zip(nodes, scores, strict=True)
    ]


def texts(passages: Sequence[tuple[Hit, float]]) -> list[str]:
    return [node_of(hit.payload).get_content() for hit, _ in passages]


def scoring(by_text: dict[str, float]) -> Reranker:
    return Reranker("made-up", lambda _, passages: [by_text.get(of_itself(text), 0.0) for text in passages])


def of_itself(read: str) -> str:
    """A passage of what a reranker reads, without what stands above it."""
    return read.rpartition("\n")[2]


def reading(read: list[str]) -> Reranker:
    """A reranker that keeps what it read."""

    def score(_: str, passages: Sequence[str]) -> list[float]:
        read.extend(passages)
        return [0.5] * len(passages)

    return Reranker("reading", score)


class Slow:
    """A reranker that takes so many seconds a passage, and the clock that shows it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.now = 0.0
        self.reranker = Reranker("slow", self._score)

    def _score(self, _: str, passages: Sequence[str]) -> list[float]:
        self.now += self.seconds * len(passages)
        return [0.9 if of_itself(text) == "1" else 0.1 for text in passages]

    def clock(self) -> float:
        return self.now


def test_what_it_says_is_blended_with_what_the_search_said() -> None:
    passages, done = rerank("?", found([0.9, 0.5, 0.49, 0.1]), scoring({"2": 0.9, "3": 1.0}), 1)
    assert texts(passages) == ["0", "2", "1", "3"]  # neither the search's order nor the reranker's
    assert (done.scored, done.candidates, done.words) == (4, 4, "")
    scores = [score for _, score in passages]
    assert scores == sorted(scores, reverse=True)


def test_of_equal_passages_the_one_that_was_found_first_comes_first() -> None:
    passages, _ = rerank("?", found([0.5] * 9), scoring({}), 1)
    assert texts(passages) == [str(number) for number in range(9)]


def test_no_passage_is_lost_and_those_beyond_the_candidates_stay() -> None:
    many = found([1 - number / 100 for number in range(CANDIDATES + 5)])
    passages, done = rerank("?", many, scoring({str(number): number / CANDIDATES for number in range(99)}), 9)
    assert sorted(texts(passages), key=int) == texts(many)
    assert texts(passages)[CANDIDATES:] == texts(many)[CANDIDATES:]
    assert done.scored == CANDIDATES
    assert rerank("?", [], scoring({}), 1)[0] == []


def test_it_stops_when_its_time_is_over_and_the_rest_keeps_its_place() -> None:
    slow = Slow(0.1)
    passages, done = rerank(
        "?", found([0.9 - number**2 / 1000 for number in range(30)]), slow.reranker, 1.0, slow.clock
    )
    assert slow.now <= 1.0
    assert 0 < done.scored < 30
    assert done.words == f"Reranked {done.scored} of 30 passages in the time it has."
    assert texts(passages)[0] == "1"
    assert texts(passages)[done.scored :] == [str(number) for number in range(done.scored, 30)]


def test_the_first_few_are_read_however_slow_it_is() -> None:
    slow = Slow(60)
    passages, done = rerank("?", found([0.9, 0.899, 0.7, 0.69, 0.6, 0.5]), slow.reranker, 1.0, slow.clock)
    assert texts(passages) == ["1", "0", "2", "3", "4", "5"]
    assert (done.scored, done.candidates, done.seconds) == (4, 6, 240)


def test_one_that_fails_changes_nothing_and_says_so() -> None:
    def score(_: str, passages: Sequence[str]) -> list[float]:
        if any(of_itself(text) == "4" for text in passages):
            raise ModelError("It broke. Mend it.")
        return [1.0 - int(of_itself(text)) for text in passages]

    before = found([0.9, 0.8, 0.7, 0.6, 0.5])
    passages, done = rerank("?", before, Reranker("broken", score), 1)
    assert passages == before
    assert (done.scored, done.words) == (0, "Not reranked: It broke. Mend it.")


def test_a_passage_is_read_with_what_stands_above_it() -> None:
    node = passage("Net sales | 32,765 | 31,657", title="Acme 2018")
    node.metadata |= {"heading": "Results of operations", TABLE: "(in millions) | 2018 | 2017"}
    read: list[str] = []
    rerank("?", [(Hit(node.node_id, 0.5, node_to_metadata_dict(node)), 0.5)], reading(read), 1)
    told = ["Acme 2018", "Results of operations", "(in millions) | 2018 | 2017", "Net sales | 32,765 | 31,657"]
    assert [text for text in told if text not in read[0]] == []


def test_a_folder_with_one_label_is_a_reranker_and_scores_as_torch_does(make_reranker: Make, tmp_path: Path) -> None:
    folder = tmp_path / "cross-encoder"
    make_reranker(folder)
    assert {entry.name: entry.kind for entry in installed(Settings(models_dir=tmp_path))} == {folder.name: "reranker"}
    read = AutoTokenizer.from_pretrained(folder)(
        [QUESTION] * 3,
        [text * 40 for text in PASSAGES],
        return_tensors="pt",
        padding=True,
        truncation=True,
        max_length=512,
    )
    with torch.inference_mode():
        wanted = torch.sigmoid(BertForSequenceClassification.from_pretrained(folder)(**read).logits)[:, 0].tolist()
    reranker = opened(tmp_path)
    assert reranker is not None
    assert reranker.name == folder.name
    # bfloat16, where the processor computes in it.
    assert reranker.score(QUESTION, [text * 40 for text in PASSAGES]) == pytest.approx(wanted, abs=0.03)
    assert max(wanted) - min(wanted) > 0.05
    (folder / "model.safetensors").unlink()
    shutil.copytree(next((tmp_path / ".compiled").iterdir()), folder / "openvino")
    for suffix in ("xml", "bin"):
        (folder / "openvino" / f"reranker.{suffix}").rename(folder / "openvino" / f"openvino_model.{suffix}")
    again = opened(tmp_path)
    assert again is not None
    assert again.score(QUESTION, [text * 40 for text in PASSAGES]) == pytest.approx(wanted, abs=0.03)


def test_an_onnx_file_is_read_as_it_is(make_reranker: Make, tmp_path: Path) -> None:
    folder = tmp_path / "cross-encoder"
    make_reranker(folder)
    (folder / "model.safetensors").unlink()
    write_onnx(folder / "model.onnx", width=1)
    reranker = opened(tmp_path)
    assert reranker is not None
    scores = reranker.score(QUESTION, PASSAGES)
    assert len(scores) == 3
    assert all(0 <= score <= 1 and math.isfinite(score) for score in scores)
    write_onnx(folder / "model.onnx", width=2)
    with pytest.raises(ModelError, match="gives one score"):
        opened(tmp_path)


def test_none_is_opened_where_there_is_none_or_none_is_wanted(make_reranker: Make, tmp_path: Path) -> None:
    assert opened(tmp_path) is None
    make_reranker(tmp_path / "cross-encoder")
    assert opened(tmp_path, reranker="none") is None
    with pytest.raises(ModelNotFoundError, match="DOCMIND_RERANKER=none"):
        opened(tmp_path, reranker="another")
    (tmp_path / "cross-encoder" / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="cannot be loaded"):
        opened(tmp_path, reranker="cross-encoder")
    (tmp_path / "cross-encoder" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx"):
        opened(tmp_path)


def test_an_answer_says_what_was_reranked_and_stays_in_its_scope(
    make_reranker: Make, plain_settings: Settings, tmp_path: Path
) -> None:
    make_reranker(tmp_path / "models" / "cross-encoder")
    for name in ("north", "south"):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\n" + "\n\n".join(PASSAGES), encoding="utf-8")
    settings = plain_settings.model_copy(update={"models_dir": tmp_path / "models"})
    with Workspace(settings) as workspace:
        assert all(
            each.status == "ingested" for each in ingest(workspace, [tmp_path / "north.md", tmp_path / "south.md"])
        )
        north = workspace.catalog.find("north.md").id
        retrieved, *_, answer = ask(workspace, Question(QUESTION, scope=(north,)))
        assert isinstance(retrieved, Retrieved)
        assert isinstance(answer, Answer)
        assert {item.node.ref_doc_id for item in retrieved.passages} == {north}
        assert retrieved.reranked == answer.reranked
        values = answer_values(answer)["reranked"]
        assert values["model"] == "cross-encoder"
        assert values["scored"] == values["candidates"] == len(retrieved.passages) > 0
        assert from_stored(to_stored(answer)) == answer
    assert find_reranker(settings) == tmp_path / "models" / "cross-encoder"
    assert "cross-encoder" in next(check.detail for check in checks(settings) if check.name == "Reranker model")


def test_a_question_is_answered_without_a_reranker_that_is_damaged(
    make_reranker: Make, plain_settings: Settings, tmp_path: Path
) -> None:
    make_reranker(tmp_path / "models" / "cross-encoder")
    (tmp_path / "models" / "cross-encoder" / "model.safetensors").write_bytes(b"damaged")
    (tmp_path / "north.md").write_text("\n\n".join(PASSAGES), encoding="utf-8")
    with Workspace(plain_settings.model_copy(update={"models_dir": tmp_path / "models"})) as workspace:
        assert len(list(ingest(workspace, [tmp_path / "north.md"]))) == 1
        *_, answer = ask(workspace, QUESTION)
    assert isinstance(answer, Answer)
    assert answer.found
    assert answer.reranked is not None
    assert answer.reranked.scored == 0
    assert "Not reranked: The reranker in" in answer_lines(answer)
