"""Embedders: the real MiniLM and the one that needs no model."""

from __future__ import annotations

from pathlib import Path

import pytest

from docmind.embeddings import Embedder, open_embedder
from docmind.errors import ModelError, ModelNotFoundError
from docmind.settings import Settings


@pytest.fixture(params=["minilm", "hash"])
def embedder(request: pytest.FixtureRequest, tmp_path: Path) -> Embedder:
    """Each embedder in turn."""
    if request.param == "minilm":
        chosen: Embedder = request.getfixturevalue("minilm")
        return chosen
    return open_embedder(Settings(data_dir=tmp_path, embedder="hash"))


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_vectors_have_the_promised_length_and_are_normalised(embedder: Embedder) -> None:
    for vector in embedder.model.get_text_embedding_batch(["A short text.", "Another, longer text about rent."]):
        assert len(vector) == embedder.dimensions
        assert cosine(vector, vector) == pytest.approx(1.0, abs=1e-3)


def test_a_batch_gives_what_single_texts_give(embedder: Embedder) -> None:
    texts = ["rent", "A long sentence about the descaling of machines. " * 5, "北京"]
    for text, vector in zip(texts, embedder.model.get_text_embedding_batch(texts), strict=True):
        assert cosine(vector, embedder.model.get_text_embedding(text)) == pytest.approx(1.0, abs=1e-3)


def test_any_text_can_be_embedded(embedder: Embedder) -> None:
    for text in ("", " ", "🦩", "\x00", "word " * 5000):
        assert len(embedder.model.get_text_embedding(text)) == embedder.dimensions


def test_tokens_are_counted_beyond_what_the_model_reads(embedder: Embedder) -> None:
    short, long = embedder.count_tokens(["word " * 10, "word " * 5000])
    assert (short, long) == (10, 5000)
    assert embedder.count_tokens([]) == []


def test_chunks_fit_what_the_model_reads(embedder: Embedder) -> None:
    assert embedder.chunk_tokens <= embedder.max_tokens


def test_the_real_model_compares_meanings(minilm: Embedder) -> None:
    rent, lease, cake = minilm.model.get_text_embedding_batch(
        ["How much is the rent?", "The monthly payment for the flat is 1,450 pounds.", "Beat the eggs with the sugar."]
    )
    assert cosine(rent, lease) > cosine(rent, cake) + 0.2


def test_the_real_model_is_what_it_claims(minilm: Embedder) -> None:
    assert (minilm.name, minilm.dimensions, minilm.max_tokens) == ("all-minilm-l6-v2", 384, 256)


def test_hashed_words_ignore_case_and_order(tmp_path: Path) -> None:
    model = open_embedder(Settings(data_dir=tmp_path, embedder="hash")).model
    one, other, third = (model.get_text_embedding(text) for text in ("Red house", "house RED", "blue sky"))
    assert one == other != third


def test_a_missing_model_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="docmind models pull"):
        open_embedder(Settings(data_dir=tmp_path))


def test_a_damaged_model_is_named_with_the_way_to_mend_it(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "damaged"
    folder.mkdir(parents=True)
    for name in ("config.json", "modules.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="damaged"):
        open_embedder(Settings(data_dir=tmp_path, embedder="damaged"))
