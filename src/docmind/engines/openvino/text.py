"""Text of tokens as they arrive: the same as if all were decoded at once, however long the answer."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping, Sequence

import openvino_genai as genai

_UNFINISHED_CHARACTER = "\ufffd"  # what decoding gives for half of a character
_CONTEXT = 6  # tokens before new ones that may change how they are written
_TOGETHER = 32  # tokens decoded anew at each step at most
_PROBE = "Grüße, 你好 🦩!\n\n  two  spaces, don 't, 1,234.5 naïve ( “quoted” ) a.b ;\t#"

Decode = Callable[[Sequence[int]], str]  # what more tokens add to the text


def decoder_of(tokenizer: genai.Tokenizer) -> Callable[[], Decode]:
    """What makes a decoder for each answer.

    Most tokenizers are byte-pair ones, whose text is the bytes of the tokens one after the other: looking them up takes
    a fiftieth of the time of the tokenizer itself. Whether this is one is found out by trying.
    """
    words = {number: written for written, number in tokenizer.get_vocab().items()}
    ids = [int(number) for number in tokenizer.encode(_PROBE, add_special_tokens=False).input_ids.data[0]]
    if all(number in words for number in ids) and _by_bytes(words)(ids) == tokenizer.decode(ids):
        return lambda: _by_bytes(words)
    return lambda: by_window(tokenizer)


def _by_bytes(words: Mapping[int, bytes]) -> Decode:
    # A character that is not finished waits, and one that never is, is left out, as OpenVINO's own decoding does.
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    return lambda ids: decoder.decode(b"".join(words.get(number, b"") for number in ids))


def by_window(tokenizer: genai.Tokenizer) -> Decode:
    """Decodes the last few tokens anew, for tokenizers that write a token differently after others."""
    recent: list[int] = []
    told = ""  # of the text of `recent`

    def decode(ids: Sequence[int]) -> str:
        nonlocal told
        recent.extend(ids)
        # Special tokens are kept: the output parser tells thinking and calls of tools by them.
        text = str(tokenizer.decode(recent, skip_special_tokens=False))
        if text.endswith(_UNFINISHED_CHARACTER):
            return ""
        added, told = text[len(told) :], text
        if len(recent) > _TOGETHER:
            del recent[:-_CONTEXT]
            told = str(tokenizer.decode(recent, skip_special_tokens=False))
        return added

    return decode
