"""The tokenizer of an embedding model, from its folder: for counting, and for what the model reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from docmind.errors import ModelError


def open_tokenizer(folder: Path, max_tokens: int | None = None) -> Tokenizer:
    """Open it.

    Args:
        folder: The model's.
        max_tokens: Where longer texts are cut, special tokens included; None leaves them whole, so that a count is
            the text's true length.

    Raises:
        ModelError: it is missing or damaged.
    """
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:
        # The library raises no narrower class.
        raise cannot_load(folder, error) from error
    # The file may ask for padding and truncation of its own.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if max_tokens is not None:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer


def count_tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> list[int]:
    """Tokens of each text, without special tokens."""
    return [len(encoding.ids) for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def cannot_load(folder: Path, error: Exception) -> ModelError:
    """What is said where a model's files cannot be opened."""
    return ModelError(
        f"The embedding model in {folder} cannot be loaded ({error}). Remove that folder and fetch it again "
        f"with `docmind models pull {folder.name}`."
    )
