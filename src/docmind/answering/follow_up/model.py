"""A follow-up said anew by a language model, and held to its material.

Asked to rewrite a question, small models answer it, or add what they know. So the model is shown examples, may write
nothing but a question, and what it writes counts only where it says no more than the conversation did: no name, no
number and hardly a word that stands neither in the question nor in the turns before it, and none of the question's own
left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import closing

from llama_index.core.base.llms.types import ChatMessage, MessageRole

from docmind.answering.follow_up.phrases import is_name, words_of
from docmind.answering.follow_up.words import PRONOUNS
from docmind.answering.question import Turn
from docmind.current_engine import CurrentEngine
from docmind.engines import Engine
from docmind.errors import EngineError
from docmind.sentences import content_terms, numbers
from docmind.settings import Settings

_TOLD = (
    "Say the last question of a conversation so that it can be understood alone. Put what it speaks of in the place of "
    "words such as 'it', 'they' or 'that'. Keep all its other words, add nothing else, and do not answer it."
)
_EXAMPLES = (
    (
        ("Who designed the Tide Bridge?", "Ada Brandt designed the Tide Bridge in 1931."),
        ("And when was she born?", "When was Ada Brandt born?"),
    ),
    (
        ("What did the harbour fund earn in 2019?", "It earned 4 million euros."),
        ("And what did it spend?", "What did the harbour fund spend in 2019?"),
    ),
    (
        ("What does the tenant have to repair?", "The tenant repairs the locks."),
        ("How long does the notice period last?", "How long does the notice period last?"),
    ),
)
_SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string", "minLength": 3, "maxLength": 240}},
    "required": ["question"],
}
_TURNS = 2  # that the model is shown
_ANSWER_WORDS = 40  # of each answer
_TOKENS = 96
_READ = 600  # tokens that the model reads for it, about
_MOST_NEW_WORDS = 1
# What a question may lose when it is said anew.
_MAY_GO = frozenset(content_terms(" ".join((*PRONOUNS, "and but so then also what about how one ones else same"))))


SayAnew = Callable[[str, Sequence[Turn]], str | None]


def sayer_of(current: CurrentEngine, settings: Settings, stopped: Callable[[], bool]) -> SayAnew | None:
    """What has the model say a follow-up anew; None where none is open yet, or the one that is open quotes or is slow.

    Args:
        current: Lends the engine. None is opened for this: it would cost more than it gives.
        settings: Whether models may write, and how long they may read before somebody sees something.
        stopped: Asked while the model writes; once it says yes, nothing is said.
    """
    engine = current.if_open
    quotes = engine is None or engine.best_style == "quote" or settings.answer_style == "quote"
    if quotes or engine is None or "plain" not in engine.modes:
        return None
    if engine.speed and _READ / engine.speed.reads > settings.first_word_seconds:
        return None

    def say(question: str, history: Sequence[Turn]) -> str | None:
        with current.lend(thinking=False) as lent:
            return say_anew(lent, question, history, stopped)

    return say


def say_anew(
    engine: Engine, question: str, history: Sequence[Turn], stopped: Callable[[], bool] = lambda: False
) -> str | None:
    """A follow-up as the model says it, where that says no more than the conversation did; None otherwise.

    Args:
        engine: A model that is trusted with words of its own.
        question: In the user's words.
        history: The turns before it, oldest first, one at least.
        stopped: Asked while the model writes; once it says yes, nothing is said.
    """
    shown = history[-_TURNS:]
    messages = [ChatMessage(role=MessageRole.SYSTEM, content=_TOLD)]
    for (asked, said), (follow_up, alone) in _EXAMPLES:
        messages += _exchange(_conversation([Turn(asked, said)], follow_up), alone)
    messages.append(ChatMessage(role=MessageRole.USER, content=engine.escape(_conversation(shown, question))))
    text = ""
    try:
        with closing(engine.stream_chat(messages, max_tokens=_TOKENS, json_schema=_SCHEMA)) as stream:
            for response in stream:
                text = response.message.content or ""
                if stopped():
                    return None
        made = " ".join(str(json.loads(text)["question"]).split())
    except (EngineError, ValueError, KeyError, TypeError):  # it broke off, or cannot be held to a form
        return None
    return made if says_no_more(made, question, shown) else None


def says_no_more(said: str, question: str, history: Sequence[Turn]) -> bool:
    """Whether a text is the question said anew: a question of the conversation's own words, with all of the question's.

    Args:
        said: What a model wrote.
        question: In the user's words.
        history: The turns that the model was shown.
    """
    told = " ".join([question, *(f"{turn.question} {turn.answer}" for turn in history)])
    words = words_of(said)
    if not said.endswith("?") or said.count("?") > 1 or len(words) > 3 * len(words_of(question)) + 12:
        return False
    known = {word.small for word in words_of(told)}
    named = [words[position].small for position in range(len(words)) if is_name(words, position)]
    if any(name not in known for name in named) or numbers(said) - numbers(told):
        return False
    terms, asked = set(content_terms(said)), set(content_terms(question))
    return len(terms - set(content_terms(told))) <= _MOST_NEW_WORDS and asked - _MAY_GO <= terms


def _conversation(turns: Sequence[Turn], question: str) -> str:
    lines = []
    for turn in turns:
        answer = re.findall(r"\S+", turn.answer)
        lines += [f"Question: {turn.question}", f"Answer: {' '.join(answer[:_ANSWER_WORDS])}"]
    return "\n".join([*lines, f"Last question: {question}"])


def _exchange(asked: str, alone: str) -> list[ChatMessage]:
    answer = json.dumps({"question": alone}, separators=(",", ":"))
    return [ChatMessage(role=MessageRole.USER, content=asked), ChatMessage(role=MessageRole.ASSISTANT, content=answer)]
