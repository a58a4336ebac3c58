"""Words as the embedding model weighs them: what they weigh, and a library that is searched by them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from llama_index.core.schema import TextNode
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer

from commands import Call, Shell
from docmind.embeddings import Embedder, open_embedder
from docmind.embeddings.choice import known_way
from docmind.embeddings.hugging_face import load_hugging_face
from docmind.embeddings.learned_words import LearnedWordsEmbedding
from docmind.errors import ModelError
from docmind.ingestion.chunking import embedded_text
from docmind.ingestion.ingest import ingest
from docmind.ingestion.reembedding import begin, reembed, wish
from docmind.retrieval import MEANING_WEIGHT
from docmind.settings import Settings
from docmind.workspace import Workspace
from some_models import random_bge_m3

TEXTS = [
    "The goods must be reported to the carrier, the goods and the carrier, within seven days.",
    "rent",
    "",
    "北京 🦩 ☃ and the slope of the older terraces",
    "erosion of the heating element " * 60,  # longer than the model reads
]
QUESTION = "Who reports damaged goods to the carrier?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of BGE-M3's shape with the layer that weighs words, all of random numbers."""
    made = random_bge_m3(tmp_path_factory.mktemp("bge-m3"))
    torch.manual_seed(1)
    # In half precision, as the real one is kept.
    torch.save({"weight": torch.randn(1, 64).half(), "bias": torch.tensor([0.1]).half()}, made / "sparse_linear.pt")
    return made


def settings_of(folder: Path, **changes: object) -> Settings:
    named = {"models_dir": folder.parent, "embedder": folder.name, "embedder_engine": "learned_words"}
    return Settings(**{**named, **changes})  # type: ignore[arg-type]  # passed on


@pytest.fixture(scope="module")
def embedder(folder: Path) -> Embedder:
    return open_embedder(settings_of(folder))


def by_hand(folder: Path, text: str) -> dict[int, float]:
    """What each token weighs, one after the other."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    layer = torch.load(folder / "sparse_linear.pt", weights_only=True)
    read = tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
    with torch.no_grad():
        states = model(**read).last_hidden_state[0]
    found: dict[int, float] = {}
    for token, state in zip(read["input_ids"][0].tolist(), states, strict=True):
        weight = float(state @ layer["weight"][0].float() + layer["bias"].float())
        if weight > 0 and token not in tokenizer.all_special_ids:
            found[token] = max(weight, found.get(token, 0.0))
    return found


def test_words_weigh_what_the_layer_makes_of_the_models_states(embedder: Embedder, folder: Path) -> None:
    vectors, words = embedder.embed(TEXTS)
    assert words
    assert len(vectors) == len(words) == len(TEXTS)
    for text, found in zip(TEXTS, words, strict=True):
        assert list(found.indices) == sorted(set(found.indices))
        expected = by_hand(folder, text)
        assert dict(zip(found.indices, found.weights, strict=True)) == pytest.approx(expected, rel=1e-3, abs=1e-5)
    assert len(words[0].indices) > 3
    assert words[2].indices == ()
    asked = embedder.words_of(TEXTS[0])
    assert asked
    assert asked.indices == words[0].indices  # a question's words are weighed as a passage's
    assert asked.weights == pytest.approx(words[0].weights, rel=1e-3)


def test_vectors_are_those_of_torch_alone(embedder: Embedder, folder: Path) -> None:
    plain = open_embedder(settings_of(folder, embedder_engine="torch"))
    assert (plain.learned, plain.words_of(QUESTION)) == (None, None)
    expected, none = plain.embed(TEXTS)
    assert none is None
    assert np.allclose(embedder.embed(TEXTS)[0], expected, atol=1e-5)
    assert np.allclose(embedder.model.get_text_embedding_batch(TEXTS), expected, atol=1e-5)
    found, asked = (each.model.get_query_embedding(QUESTION) for each in (embedder, plain))
    assert np.allclose(found, asked, atol=1e-5)
    about = (embedder.name, embedder.dimensions, embedder.max_tokens, embedder.weights)
    assert about == (plain.name, plain.dimensions, plain.max_tokens, plain.weights)


def test_a_questions_vector_and_words_take_one_pass(folder: Path) -> None:
    source = load_hugging_face(folder, 8)
    model = LearnedWordsEmbedding.over(source, folder)
    passes: list[None] = []
    source._model.register_forward_hook(lambda *_: passes.append(None))
    model.get_query_embedding(QUESTION)
    assert model.words_of(QUESTION).indices
    assert len(passes) == 1
    model.embed(TEXTS)
    assert len(passes) == 2


def test_torch_computes_them_whatever_else_would(folder: Path) -> None:
    for changes in ({}, {"embedder_precision": "bf16"}):
        way = known_way(folder, settings_of(folder, **changes))
        assert way
        assert way.engine == "torch"


def test_the_layer_may_lie_in_safetensors(embedder: Embedder, folder: Path, tmp_path: Path) -> None:
    layer = torch.load(folder / "sparse_linear.pt", weights_only=True)
    save_file(layer, tmp_path / "sparse_linear.safetensors")
    model = LearnedWordsEmbedding.over(load_hugging_face(folder, 8), tmp_path)
    assert model.words_of(QUESTION) == embedder.words_of(QUESTION)


def test_a_model_that_weighs_no_words_is_named_with_advice(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "plain", ignore=shutil.ignore_patterns("sparse_linear*"))
    with pytest.raises(ModelError, match=r"plain weighs no words.*Copy.*DOCMIND_EMBEDDER_ENGINE=auto"):
        open_embedder(settings_of(tmp_path / "plain"))
    with pytest.raises(ModelError, match="DOCMIND_EMBEDDER"):
        open_embedder(settings_of(tmp_path / "plain", embedder="hash"))


class Hostile:
    """What a pickle may hold: a call."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.made),)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "nonsense": lambda file: file.write_bytes(b"nonsense" * 100),
    "cut": lambda file: file.write_bytes(file.read_bytes()[:300]),
    "hostile": lambda file: torch.save({"weight": Hostile(file.parent / "made"), "bias": torch.zeros(1)}, file),
    "other names": lambda file: torch.save({"linear.weight": torch.zeros(1, 64)}, file),
    "no names": lambda file: torch.save(torch.zeros(1, 64), file),
    "another model's": lambda file: torch.save({"weight": torch.zeros(1, 32), "bias": torch.zeros(1)}, file),
    "not finite": lambda file: torch.save({"weight": torch.full((1, 64), torch.nan), "bias": torch.zeros(1)}, file),
}


def test_a_damaged_layer_is_named_with_advice(folder: Path, tmp_path: Path) -> None:
    source = load_hugging_face(folder, 8)
    for name, damage in DAMAGES.items():
        (tmp_path / name).mkdir()
        damage(Path(shutil.copy(folder / "sparse_linear.pt", tmp_path / name)))
        with pytest.raises(ModelError, match=r"sparse_linear.pt.*again, or set DOCMIND_EMBEDDER_ENGINE=auto"):
            LearnedWordsEmbedding.over(source, tmp_path / name)
    assert not list(tmp_path.glob("*/made"))


def fused(embedder: Embedder, passages: list[TextNode]) -> float:
    """The best score of all passages for the question, by the formula."""
    near = np.array(embedder.model.get_query_embedding(QUESTION))
    asked = embedder.words_of(QUESTION)
    assert asked
    weights = dict(zip(asked.indices, asked.weights, strict=True))
    highest = sum(weight**2 for weight in weights.values())
    vectors, words = embedder.embed([embedded_text(node) for node in passages])
    assert words
    scores = [
        MEANING_WEIGHT * float(near @ np.array(vector))
        + (1 - MEANING_WEIGHT)
        * min(1.0, sum(weights.get(t, 0.0) * w for t, w in zip(said.indices, said.weights, strict=True)) / highest)
        for vector, said in zip(vectors, words, strict=True)
    ]
    return max(scores)


def best(workspace: Workspace) -> float:
    """The best score that a search finds, before clues."""
    near = workspace.embedder.model.get_query_embedding(QUESTION)
    without = ("captions", "figures", "names", "reranking", "pages")
    (passage, *_) = workspace.retriever().find(QUESTION, near, without=without).passages
    assert passage.score
    return passage.score


def passages_of(workspace: Workspace) -> list[TextNode]:
    return [node for node in workspace.store.get_nodes() if isinstance(node, TextNode)]


def check_learned(workspace: Workspace) -> None:
    assert workspace.store.learned
    assert best(workspace) == pytest.approx(fused(workspace.embedder, passages_of(workspace)), rel=1e-3)
    made = workspace.index.fingerprint
    assert made
    assert made.words == "learned"


def test_a_library_is_taken_from_bm25_to_learned_words_and_back(folder: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for name, text in {"goods": TEXTS[0], "terraces": TEXTS[3], "cover": "Remove the cover. " * 80}.items():
        (notes / f"{name}.txt").write_text(text, encoding="utf-8")
    plain = settings_of(folder, data_dir=tmp_path / "data", engine="extractive", embedder_engine="torch")
    learned = plain.model_copy(update={"embedder_engine": "learned_words"})

    with Workspace(plain) as workspace:
        assert [outcome.status for outcome in ingest(workspace, [notes])] == ["ingested"] * 3
        assert wish(workspace) is None
        by_bm25 = best(workspace)
        made = workspace.index.fingerprint
        assert made
        # An index of an earlier version says nothing of words.
        workspace.catalog.remember("index", made.model_dump_json(exclude={"words"}))
        assert workspace.index.fingerprint == made

    with Workspace(learned) as workspace:  # it is searched as it was filled, until it is embedded anew
        assert (workspace.embedder.learned, workspace.store.learned) == (None, False)
        assert best(workspace) == pytest.approx(by_bm25)
        wanted = wish(workspace)
        assert wanted
        assert (wanted.name, wanted.reason) == (folder.name, "words")
        begin(workspace, wanted.name)
        next(iter(reembed(workspace)))  # ended in the middle

    with Workspace(learned) as workspace:
        list(reembed(workspace))
        check_learned(workspace)
        assert wish(workspace) is None

    with Workspace(plain) as workspace:  # so is this one
        (notes / "late.txt").write_text("Late goods are reported too.", encoding="utf-8")
        assert [outcome.status for outcome in ingest(workspace, [notes / "late.txt"])] == ["ingested"]
        check_learned(workspace)
        wanted = wish(workspace)
        assert wanted
        assert wanted.reason == "words"
        begin(workspace, wanted.name)
        list(reembed(workspace))
        assert (workspace.embedder.learned, workspace.store.learned, wish(workspace)) == (None, False, None)
        assert best(workspace) > 0
        assert workspace.store.count() == workspace.catalog.ready_chunks()


def test_a_new_library_is_filled_with_learned_words(folder: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text(TEXTS[0], encoding="utf-8")
    with Workspace(settings_of(folder, data_dir=tmp_path / "data", engine="extractive")) as workspace:
        assert [outcome.status for outcome in ingest(workspace, [note])] == ["ingested"]
        check_learned(workspace)


def test_the_command_line_says_so_and_forgets_a_model_that_weighs_no_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = {"DOCMIND_DATA_DIR": str(tmp_path / "data"), "DOCMIND_EMBEDDER": "hash", "DOCMIND_ENGINE": "extractive"}
    plain = Call(Shell(tmp_path, **settings), capfd)
    learned = Call(Shell(tmp_path, **settings, DOCMIND_EMBEDDER_ENGINE="learned_words"), capfd)
    (tmp_path / "note.txt").write_text("The zebra fee is 3 pounds.", encoding="utf-8")
    plain("ingest", "note.txt")
    said = learned("search", "zebra fee")
    assert "3 pounds" in said.out
    assert "DOCMIND_EMBEDDER_ENGINE asks for" in " ".join(said.err.split())
    failed = learned("documents", "reembed", "--json", status=1)
    assert failed.document["error"]["kind"] == "ModelError"
    assert "DOCMIND_EMBEDDER_ENGINE" not in plain("search", "zebra fee").err
    with Workspace(Settings(data_dir=tmp_path / "data")) as workspace:
        assert workspace.catalog.index.next is None
