"""An engine without a model: it answers with the sentences of the prompt that share most words with the question.

It invents nothing, needs no memory and is the same every time, which suits tests and machines without models. Where
it is asked to think, it says how it chose, in the tags that thinking models use.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

from llama_index.core.base.llms.types import ChatMessage, MessageRole

from docmind.engines.arrivals import CLOSED
from docmind.engines.base import Engine, Piece, PreparedPrompt
from docmind.engines.options import Options
from docmind.errors import EngineError
from docmind.models.model import Mode
from docmind.records import AnswerStyle
from docmind.sentences import content_terms, split_sentences

_SENTENCES = 2


class ExtractiveEngine(Engine):
    """Quotes instead of writing. What it looks for is the prompt's last line, the rest is what it may quote."""

    engine_name: str = "extractive"
    model_name: str = "none"
    context_window: int = 32_768
    best_style: AnswerStyle = "quote"
    modes: frozenset[Mode] = frozenset({"plain", "thinking"})

    def count_tokens(self, text: str) -> int:
        """Words and marks: this engine has no other tokens."""
        return len(re.findall(r"\w+|[^\w\s]", text))

    def prepare_prompt(self, messages: Sequence[ChatMessage], options: Options) -> PreparedPrompt:
        """See `Engine.prepare_prompt`; it reads the last message of the user: instructions mean nothing to it."""
        text = next((m.content or "" for m in reversed(messages) if m.role == MessageRole.USER), "")
        return PreparedPrompt(tuple(messages), options, self.count_tokens(text), text)

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """The chosen sentences, word by word."""
        chosen = self._choose(prompt.text)
        if prompt.options.thinking:
            yield Piece(f"<think>\n{len(chosen)} sentences share most words with the question.\n</think>\n\n")
        left = prompt.options.max_tokens
        for word in re.findall(r"\S+\s*", " ".join(chosen)):
            if self.queue.closed:
                raise EngineError(CLOSED)
            tokens = self.count_tokens(word)
            left -= tokens
            if left < 0:
                return
            yield Piece(word, tokens)

    def _choose(self, prompt: str) -> list[str]:
        passages, _, question = prompt.rstrip().rpartition("\n")
        wanted = set(content_terms(question))
        scored = [(len(wanted & set(content_terms(sentence))), sentence) for sentence in split_sentences(passages)]
        best = sorted(scored, key=lambda pair: -pair[0])[:_SENTENCES]
        chosen = [sentence for score, sentence in best if score > 0]
        # One sentence that says it all beats two of which one merely shares a word.
        return chosen[:1] if len(best) > 1 and best[0][0] > best[1][0] else chosen
