"""A model's own tokenizer and chat template in this process, for servers that do not count or render themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from jinja2 import TemplateError
from tokenizers import Regex, pre_tokenizers

from docmind.engines.special_tokens import special_tokens, special_tokens_of_gguf
from docmind.errors import ModelError
from docmind.lean_imports import one_imports_transformers
from docmind.models import tokenizer_metadata

with one_imports_transformers():
    from transformers import AutoTokenizer, PreTrainedTokenizerFast
    from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_TOKENIZER_MAPPING, convert_gguf_tokenizer

# Vocabularies in which each digit is a token, which transformers does not know of; source: llama-vocab.cpp.
_SINGLE_DIGITS = frozenset({"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"})


@dataclass(frozen=True, slots=True)
class LocalTokenizer:
    """Exact counts without asking the server.

    Attributes:
        renderer: Cuts text into tokens, and holds the chat template where there is one.
        special_tokens: Strings that it reads as commands rather than text.
    """

    renderer: PreTrainedTokenizerFast
    special_tokens: frozenset[str]

    def tokens(self, text: str) -> list[int]:
        """The ids of a text in the model's own markup; safe from several threads."""
        return list(self.renderer.backend_tokenizer.encode(text, add_special_tokens=False).ids)

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """See `TemplateEngine.apply_template`.

        Raises:
            ModelError: there is no chat template, or it is damaged.
        """
        if not self.renderer.chat_template:
            raise ModelError(
                "The tokenizer has no chat template. Point DOCMIND_SERVER_TOKENIZER to a folder whose "
                "tokenizer_config.json or chat_template.jinja holds one, or to the model's .gguf file."
            )
        try:
            rendered = self.renderer.apply_chat_template(
                [dict(turn) for turn in turns],
                tools=[dict(tool) for tool in tools] or None,
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=thinking,
            )
        except TemplateError as error:
            raise ModelError(
                f"The model's chat template cannot be used ({error}). Fetch the model again, or choose another one."
            ) from error
        return cast(str, rendered)


def tokenizer_at(path: Path) -> LocalTokenizer:
    """The tokenizer and chat template of a model on disk.

    Args:
        path: A folder with tokenizer.json and tokenizer_config.json, or a .gguf file.

    Raises:
        ModelError: there is none, or it cannot be read.
    """
    if path.suffix == ".gguf":
        return tokenizer_of_metadata(tokenizer_metadata(path))
    try:
        renderer = AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)
        if not isinstance(renderer, PreTrainedTokenizerFast):
            raise TypeError("it has no tokenizer.json")
    except Exception as error:  # the tokenizers library, in Rust, raises nothing more special for a damaged file
        raise ModelError(
            f"No tokenizer can be read from {path} ({type(error).__name__}). It must be a folder with tokenizer.json "
            "and tokenizer_config.json, or a .gguf file."
        ) from error
    return LocalTokenizer(renderer, _added(renderer))


def tokenizer_of_metadata(metadata: Mapping[str, Any]) -> LocalTokenizer:
    """The tokenizer that a GGUF file's metadata describe; Ollama's lack the chat template.

    Args:
        metadata: By the names of the GGUF specification: 'general.architecture', 'tokenizer.ggml.tokens' and so on.

    Raises:
        ModelError: they describe none, or one of an unknown kind.
    """
    names = GGUF_TOKENIZER_MAPPING["tokenizer"]
    fields = {name: metadata[f"tokenizer.{key}"] for key, name in names.items() if metadata.get(f"tokenizer.{key}")}
    ends = {name: metadata.get(f"tokenizer.ggml.{name}_id") for name in ("bos_token", "eos_token")}
    try:
        # AutoTokenizer would read the weights' header, too, and asks for a package just for that.
        backend, _ = convert_gguf_tokenizer(str(metadata["general.architecture"]), fields)
        if fields.get("pre_tokenizer_type") in _SINGLE_DIGITS:
            digits = pre_tokenizers.Split(Regex(r"\p{N}"), behavior="isolated")
            pieces = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
            backend.pre_tokenizer = pre_tokenizers.Sequence([digits, pieces])
        renderer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # unannotated there
            tokenizer_object=backend,
            chat_template=metadata.get("tokenizer.chat_template"),
            **{name: fields["tokens"][number] for name, number in ends.items() if number is not None},
        )
    except Exception as error:  # as above
        raise ModelError(
            f"The model's tokenizer is of a kind that DocMind cannot build ({error}). Point DOCMIND_SERVER_TOKENIZER "
            "to a folder with its tokenizer.json."
        ) from error
    return LocalTokenizer(renderer, _added(renderer) | special_tokens_of_gguf(metadata))


def _added(renderer: PreTrainedTokenizerFast) -> frozenset[str]:
    added = renderer.added_tokens_decoder.values()
    return special_tokens(((str(token), token.special) for token in added), str(renderer.chat_template or ""))
