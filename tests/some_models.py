"""Some small embedding models: real ones, by hashes, with vectors and chunks of different lengths."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from docmind.embeddings import Embedder, HashEmbedding, open_hash_embedder
from docmind.embeddings.probe import probe_texts
from docmind.errors import ModelNotFoundError
from docmind.settings import Settings
from docmind.workspace import Workspace


class CountingEmbedding(HashEmbedding):
    """The hash embedder, which notes what it has embedded."""

    seen: ClassVar[list[str]] = []

    def _get_text_embedding(self, text: str) -> list[float]:
        self.seen.append(text)
        return super()._get_text_embedding(text)


# Each with the length of its vectors and of its longest text.
MODELS = {"small": (64, 64), "wide": (96, 256), "twin": (96, 64)}


class SomeModels(Workspace):
    """A library on a machine that has the embedding models above, and no other."""

    weights = "first"

    def open_embedder(self, settings: Settings) -> Embedder:
        if settings.embedder == "hash":
            return super().open_embedder(settings)
        if settings.embedder not in MODELS:
            raise ModelNotFoundError(f"The embedding model {settings.embedder} is not here.")
        dimensions, tokens = MODELS[settings.embedder]
        plain = open_hash_embedder()
        model = CountingEmbedding(embed_batch_size=8, dimensions=dimensions)
        return replace(
            plain,
            name=settings.embedder,
            model=model,
            dimensions=dimensions,
            max_tokens=tokens,
            weights=self.weights,
        )


def random_bge_m3(place: Path) -> Path:
    """A model built as BGE-M3 is (XLM-R, the first token's vector, Unigram tokens), small and with random weights.

    Args:
        place: A folder; what is made lies in `models/many-languages` in there.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    names = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    unknown = {"unk_token": names["unk_token"]}
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=list(names.values()), **unknown)
    tokenizer.train_from_iterator([*probe_texts(), "rent", "北京 🦩", "word " * 2_000], trainer)
    ends = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=128, max_position_embeddings=130, type_vocab_size=1,
        pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    raw = place / "raw"
    XLMRobertaModel(config).save_pretrained(raw)
    reads = {"model_max_length": 128, "model_input_names": ["input_ids", "attention_mask"]}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names, **reads).save_pretrained(raw)
    folder = place / "models" / "many-languages"
    whole = [Transformer(str(raw), max_seq_length=128), Pooling(64, pooling_mode="cls"), Normalize()]
    SentenceTransformer(modules=whole, device="cpu").save(str(folder))
    return folder
