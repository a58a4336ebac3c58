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
    if all(number in words for number in ids) and ByteDecoder(words)(ids) == tokenizer.decode(ids):
        return lambda: ByteDecoder(words)
    return lambda: WindowDecoder(tokenizer)


class ByteDecoder:
    """Joins the bytes of the tokens; a character that is not finished waits, and one that never is, is left out.

    Args:
        words: The bytes of each token; commands are written out, for the filter that follows.
    """

    def __init__(self, words: Mapping[int, bytes]) -> None:
        self._words = words
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")  # as OpenVINO's own decoding does

    def __call__(self, ids: Sequence[int]) -> str:
        """What more tokens add to the text."""
        return self._decoder.decode(b"".join(self._words.get(number, b"") for number in ids))


class WindowDecoder:
    """Decodes the last few tokens anew, for tokenizers that write a token differently after others.

    Args:
        tokenizer: The model's.
    """

    def __init__(self, tokenizer: genai.Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._told = ""  # of the text of `_ids`

    def __call__(self, ids: Sequence[int]) -> str:
        """What more tokens add to the text; a character that is not finished waits for the rest of it."""
        self._ids.extend(ids)
        text = self._decode()
        if text.endswith(_UNFINISHED_CHARACTER):
            return ""
        added, self._told = text[len(self._told) :], text
        if len(self._ids) > _TOGETHER:
            self._ids = self._ids[-_CONTEXT:]
            self._told = self._decode()
        return added

    def _decode(self) -> str:
        # Commands are kept: the filter that follows tells thinking and calls of tools by them.
        return str(self._tokenizer.decode(self._ids, skip_special_tokens=False))
