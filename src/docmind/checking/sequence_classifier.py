"""A checker out of a folder with a transformers model that sorts pairs of sentences, computed by torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError

from docmind.checking.checker import Checker, Relation
from docmind.environment import prepare_process
from docmind.errors import ModelError
from docmind.lean_imports import one_imports_transformers
from docmind.models import relation_labels

with one_imports_transformers():
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

_LONGEST_PAIR = 512  # tokens; what such models are trained with


def open_sequence_classifier(folder: Path) -> Checker:
    """Open a model whose labels are entailment, contradiction and, mostly, neutral; no code of its folder is run.

    Raises:
        ModelError: the folder cannot be loaded, or its labels are others.
    """
    prepare_process()
    labels = relation_labels(folder)
    if labels is None:
        raise ModelError(f"{folder} is no checker: its config.json names no entailment and contradiction.")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
        )
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        raise ModelError(f"The checker in {folder} cannot be loaded ({error}). Copy it there again.") from error
    model.eval()

    def relate(pairs: Sequence[tuple[str, str]]) -> list[Relation]:
        if not pairs:
            return []
        read = tokenizer(
            [source for source, _ in pairs],
            [statement for _, statement in pairs],
            return_tensors="pt",
            padding=True,
            truncation="only_first",
            max_length=_LONGEST_PAIR,
        )
        with torch.inference_mode():
            shares = torch.softmax(model(**read).logits.float(), dim=-1).tolist()
        return [Relation(**{name: row[at] if at is not None else 0.0 for name, at in labels.items()}) for row in shares]

    return Checker(folder.name, relate)
