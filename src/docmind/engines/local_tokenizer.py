"""A model's own tokenizer and chat template in this process, for servers that do not count or render themselves."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from jinja2 import TemplateError
from tokenizers import Regex, Tokenizer, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast
from transformers.integrations.gguf.gguf_tokenizer_mapping import (
    GGUF_TOKENIZER_MAPPING,
    convert_gguf_tokenizer,
    get_gguf_tokenizer,
)

from docmind.errors import ModelError

# What looks like nothing else, among the tokens that a model's makers have added.
_COMMAND = re.compile(r"<\|.+\|>|</?(?:think|tool_call|tool_response)>|\[/?[A-Z_]+\]")
_CONTROL, _USER_DEFINED = 3, 4  # token types of GGUF files; source: llama_token_type in llama.h
# Vocabularies in which each digit is a token, which transformers does not know of; source: llama-vocab.cpp.
_SINGLE_DIGITS = frozenset({"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"})


@dataclass(frozen=True, slots=True)
class LocalTokenizer:
    """Exact counts without asking the server.

    Attributes:
        backend: What cuts text into tokens; safe from several threads.
        commands: Strings that it reads as commands rather than text.
        renderer: Holds the chat template; None where there is none.
    """

    backend: Tokenizer
    commands: frozenset[str]
    renderer: PreTrainedTokenizerFast | None = None

    def tokens(self, text: str) -> list[int]:
        """The ids of a text in the model's own markup."""
        return list(self.backend.encode(text, add_special_tokens=False).ids)

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """See `TemplateEngine.apply_template`.

        Raises:
            ModelError: there is no chat template, or it is damaged.
        """
        if self.renderer is None or not self.renderer.chat_template:
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
    try:
        renderer = _of_gguf(path) if path.suffix == ".gguf" else _of_folder(path)
    except Exception as error:  # the tokenizers library, in Rust, raises nothing more special for a damaged file
        raise ModelError(
            f"No tokenizer can be read from {path} ({type(error).__name__}). It must be a folder with tokenizer.json "
            "and tokenizer_config.json, or a .gguf file."
        ) from error
    commands = frozenset(
        str(token)
        for token in renderer.added_tokens_decoder.values()
        # Some vocabularies add line breaks and HTML tags, which are text.
        if token.special or _COMMAND.fullmatch(str(token))
    )
    return LocalTokenizer(renderer.backend_tokenizer, commands, renderer)


def _of_folder(folder: Path) -> PreTrainedTokenizerFast:
    renderer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if not isinstance(renderer, PreTrainedTokenizerFast):
        raise TypeError("it has no tokenizer.json")
    return renderer


def _of_gguf(path: Path) -> PreTrainedTokenizerFast:
    # AutoTokenizer would read the weights' header, too, and asks for a package just for that.
    architecture, fields, config = get_gguf_tokenizer(str(path))
    backend = _backend(architecture, fields)
    return PreTrainedTokenizerFast(tokenizer_object=backend, **config)  # type: ignore[no-untyped-call]  # unannotated there


def _backend(architecture: str, fields: dict[str, Any]) -> Tokenizer:
    backend, _ = convert_gguf_tokenizer(architecture, fields)
    if fields.get("pre_tokenizer_type") in _SINGLE_DIGITS:
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(r"\p{N}"), behavior="isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
            ]
        )
    return backend


def tokenizer_of_metadata(metadata: Mapping[str, Any]) -> LocalTokenizer:
    """The tokenizer that a GGUF file's metadata describe; the chat template is not among them.

    Args:
        metadata: By the names of the GGUF specification: 'general.architecture', 'tokenizer.ggml.tokens' and so on.

    Raises:
        ModelError: they describe none, or one of an unknown kind.
    """
    names = GGUF_TOKENIZER_MAPPING["tokenizer"]
    fields = {name: metadata[f"tokenizer.{key}"] for key, name in names.items() if metadata.get(f"tokenizer.{key}")}
    try:
        backend = _backend(str(metadata["general.architecture"]), fields)
    except Exception as error:  # as above
        raise ModelError(
            f"The model's tokenizer is of a kind that DocMind cannot build ({error}). Point DOCMIND_SERVER_TOKENIZER "
            "to a folder with its tokenizer.json."
        ) from error
    return LocalTokenizer(backend, commands_of_metadata(fields))


def commands_at(path: Path) -> frozenset[str]:
    """The commands among the tokens of a .gguf file; see `tokenizer_at` for what it raises."""
    try:
        _, fields, _ = get_gguf_tokenizer(str(path))
    except (OSError, ValueError, KeyError, IndexError, struct.error) as error:
        raise ModelError(f"{path} cannot be read ({type(error).__name__}). Fetch the model again.") from error
    return commands_of_metadata(fields)


def commands_of_metadata(fields: Mapping[str, Any]) -> frozenset[str]:
    """The commands among a GGUF file's tokens.

    Args:
        fields: 'tokens' and 'token_type', lists of equal length.
    """
    kinds = zip(fields.get("tokens") or (), fields.get("token_type") or (), strict=False)
    return frozenset(
        token for token, kind in kinds if kind == _CONTROL or (kind == _USER_DEFINED and _COMMAND.fullmatch(token))
    )
