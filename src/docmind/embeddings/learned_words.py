"""An embedding model that weighs words too, as BGE-M3 does: vectors and words come from one pass through torch.

A token weighs relu(linear(its state in the last layer)); of equal tokens the highest weight counts, and special tokens
count nothing. The linear layer lies beside the model, as `sparse_linear.pt` or `sparse_linear.safetensors`. Source:
M3-Embedding (arXiv 2402.03216), and the documentation of FlagEmbedding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import torch
from llama_index.core.bridge.pydantic import PrivateAttr
from safetensors.torch import load_file

from docmind.embeddings.embedder import Embedder
from docmind.embeddings.hugging_face import embedder_of, load_hugging_face
from docmind.embeddings.in_threads import EmbeddingInThreads
from docmind.errors import ModelError
from docmind.stores.bm25 import LearnedWords

if TYPE_CHECKING:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

_FILES = ("sparse_linear.safetensors", "sparse_linear.pt")
_QUESTIONS = 64  # that are kept: who searches asks for the vector of a question first and for its words soon after
_INSTEAD = "or set DOCMIND_EMBEDDER_ENGINE=auto, and BM25 weighs words"


class LearnedWordsEmbedding(EmbeddingInThreads):
    """The LlamaIndex embedding of a model's folder, which weighs words as well. Safe to call from several threads."""

    _source: Any = PrivateAttr()
    _linear: torch.nn.Linear = PrivateAttr()
    _special: frozenset[int] = PrivateAttr()
    _asked: Callable[[str], tuple[list[float], LearnedWords]] = PrivateAttr()

    @classmethod
    def over(cls, source: HuggingFaceEmbedding, folder: Path) -> Self:
        """Weigh words by the linear layer that lies in a model's folder.

        Args:
            source: The model, loaded.
            folder: The model's.

        Raises:
            ModelError: there is no such layer, or it is damaged or another model's.
        """
        embedding = cls(model_name=folder.name, embed_batch_size=source.embed_batch_size)
        embedding._source = source
        (trial,) = embedding._outputs(["warm up"], "query")
        states = trial["token_embeddings"]
        embedding._linear = _load(folder, states.shape[-1]).to(states.device)
        embedding._special = frozenset(source._model.tokenizer.all_special_ids)
        embedding._asked = lru_cache(_QUESTIONS)(embedding._ask)
        return embedding

    def embed(self, passages: Sequence[str]) -> tuple[list[list[float]], list[LearnedWords]]:
        """The vector of each passage and its words: tokens by their numbers, and the weights above 0."""
        vectors: list[list[float]] = []
        words: list[LearnedWords] = []
        for begin in range(0, len(passages), self.embed_batch_size):
            outputs = self._outputs(passages[begin : begin + self.embed_batch_size], "text")
            vectors += [self._vector(each) for each in outputs]
            words += [self._words(each) for each in outputs]
        return vectors, words

    def words_of(self, question: str) -> LearnedWords:
        """A question's words, as `embed` gives a passage's."""
        return self._asked(question)[1]

    def _ask(self, question: str) -> tuple[list[float], LearnedWords]:
        (output,) = self._outputs([question], "query")
        return self._vector(output), self._words(output)

    def _outputs(self, texts: Sequence[str], prompt: str) -> list[dict[str, torch.Tensor]]:
        """What the model makes of each text: its tokens, their states and the vector, as HuggingFaceEmbedding asks."""
        found: list[dict[str, torch.Tensor]] = self._source._model.encode(
            list(texts),
            batch_size=self.embed_batch_size,
            prompt_name=prompt,
            output_value=None,
            show_progress_bar=False,
        )
        return found

    def _vector(self, output: dict[str, torch.Tensor]) -> list[float]:
        vector = output["sentence_embedding"]
        if self._source.normalize:
            vector = torch.nn.functional.normalize(vector, dim=0)
        found: list[float] = vector.tolist()
        return found

    @torch.inference_mode()
    def _words(self, output: dict[str, torch.Tensor]) -> LearnedWords:
        weights = torch.relu(self._linear(output["token_embeddings"].float())).squeeze(-1)
        highest: dict[int, float] = {}
        for token, weight in zip(output["input_ids"].tolist(), weights.tolist(), strict=True):
            if token not in self._special and weight > highest.get(token, 0.0):
                highest[token] = weight
        tokens = tuple(sorted(highest))
        return LearnedWords(tokens, tuple(highest[token] for token in tokens))

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        found: list[list[float]] = self._source._get_text_embeddings(texts)
        return found

    def _get_query_embedding(self, query: str) -> list[float]:
        return list(self._asked(query)[0])


def open_learned_words(folder: Path, batch_size: int) -> Embedder:
    """The embedder of a model's folder, computed by torch, that weighs words too.

    Raises:
        ModelError: the folder cannot be loaded, or has no linear layer that weighs words.
    """
    _file(folder)  # before the model, which takes seconds
    source = load_hugging_face(folder, batch_size)
    model = LearnedWordsEmbedding.over(source, folder)
    plain = embedder_of(folder, source)
    return replace(plain, model=model, learned=model, computed_by=f"{plain.computed_by}, with learned words")


def _file(folder: Path) -> Path:
    for name in _FILES:
        if (folder / name).is_file():
            return folder / name
    raise ModelError(
        f"{folder.name} weighs no words: {folder} holds neither {_FILES[0]} nor {_FILES[1]}. Copy the model's own "
        f"there, {_INSTEAD}."
    )


def _load(folder: Path, width: int) -> torch.nn.Linear:
    """The linear layer from a token's state, of so many numbers, to its weight."""
    file = _file(folder)
    try:
        if file.suffix == ".safetensors":
            kept = load_file(file)
        else:
            kept = torch.load(file, map_location="cpu", weights_only=True)  # no code of the file's is run
        linear = torch.nn.Linear(width, 1)
        linear.load_state_dict(kept)  # of just these names and shapes
    except Exception as error:
        # What damaged files raise in torch and safetensors has no narrower class; what torch says would have people
        # run code that a file brings along.
        raise ModelError(
            f"{file} cannot be read as the layer that weighs words: `weight` of 1 x {width} numbers and `bias` of one. "
            f"Copy the model's own there again, {_INSTEAD}."
        ) from error
    if not all(bool(numbers.isfinite().all()) for numbers in linear.parameters()):
        raise ModelError(f"{file} is damaged: not all of its numbers are finite. Copy it there again, {_INSTEAD}.")
    return linear.requires_grad_(False)
