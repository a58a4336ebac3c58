"""Special tokens: strings such as '<|im_end|>' that a tokenizer reads as commands wherever in a text they stand.

In text of documents and users they are broken, or whoever wrote it could end the user's turn and begin another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

_UNKNOWN, _CONTROL, _USER_DEFINED = 2, 3, 4  # token types of GGUF files; source: enum llama_token_type in llama.h

# What turns, thoughts and calls of tools are marked with in so many families that it is broken whatever the vocabulary.
_ALWAYS = r"<([|\uff5c])[^<>\s]{1,64}\1>|</?(?:think|tool_call|tool_response)>"
_LOOKS_SPECIAL = re.compile(rf"{_ALWAYS}|<[|\uff5c].+|\[/?[A-Z_]+\]", re.DOTALL)
_IN_TEMPLATES = re.compile(r"<+[^<>\s]{1,64}>+|\[/?[A-Z_]{2,32}\]|\[\|[^\s|]{1,32}\|\]")
# Of widespread families, for vocabularies that nobody hands out, besides what is broken always.
_FAMILIAR = frozenset({"<s>", "</s>", "<unk>", "<pad>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"}) | {
    *("[INST]", "[/INST]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]"),
    *("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"),
}


def special_tokens(tokens: Iterable[tuple[str, bool]], template: str = "") -> frozenset[str]:
    """The special ones of a vocabulary's tokens.

    Args:
        tokens: What it matches whole in a text, each with whether it is marked as control. What is not may be special
            too, but some vocabularies add line breaks, runs of spaces and tags of HTML, which are text.
        template: The chat template, '' where it is not known: the marks in it are special.
    """
    return frozenset(
        token
        for token, control in tokens
        if token
        and (control or _LOOKS_SPECIAL.fullmatch(token) or (len(token) > 2 and token[0] in "<[" and token in template))
    )


def special_tokens_of_gguf(metadata: Mapping[str, Any]) -> frozenset[str]:
    """The special ones of a GGUF file's tokens.

    Args:
        metadata: By the names of the GGUF specification: 'tokenizer.ggml.tokens' and so on.
    """
    types = metadata.get("tokenizer.ggml.token_type") or ()
    kinds = zip(metadata.get("tokenizer.ggml.tokens") or (), types, strict=False)
    return special_tokens(
        ((token, kind != _USER_DEFINED) for token, kind in kinds if kind in (_UNKNOWN, _CONTROL, _USER_DEFINED)),
        str(metadata.get("tokenizer.chat_template") or ""),
    )


def candidates(rendered: str) -> frozenset[str]:
    """What may be special in a vocabulary that nobody hands out; those that become one token are.

    Args:
        rendered: Conversations in the model's template.
    """
    return _FAMILIAR | frozenset(_IN_TEMPLATES.findall(rendered))


def escape(text: str, special: frozenset[str]) -> str:
    """Text from a document or a user with every special token broken, so that it stays text."""
    pattern = _pattern(special)
    # A space after the first character keeps it readable; once more in case breaking one formed another.
    for _ in range(2):
        text = pattern.sub(lambda match: f"{match[0][0]} {match[0][1:]}", text)
    return text


@lru_cache(maxsize=8)
def _pattern(special: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join([*map(re.escape, sorted(special, key=len, reverse=True)), _ALWAYS]))
