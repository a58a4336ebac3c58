"""History: what of a chat's earlier turns a model is shown with a question.

The last turns stand there word by word, older ones as a line each: the question and the answer's gist, which was
chosen when it was given and is kept with it, so nothing is condensed twice and nothing in a summary was invented. Turns
become lines some at a time, so that between two such moments each prompt begins with the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from docmind.answering.events import LeftOut
from docmind.answering.question import Turn

_VERBATIM = 3  # turns at least that stay word by word, and how many become lines at a time
_MOST_LINES = 24


@dataclass(frozen=True, slots=True)
class ChatSoFar:
    """Earlier turns as a prompt holds them, oldest first.

    Attributes:
        summarised: Those that are a line each.
        turns: Those that stand there word by word.
    """

    summarised: tuple[Turn, ...] = ()
    turns: tuple[Turn, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The older turns, one line each."""
        return tuple(" ".join(f"- {turn.question} {turn.said}".split()) for turn in self.summarised)

    def with_one_more_summarised(self) -> ChatSoFar:
        """The same with the oldest of the whole turns as a line."""
        return ChatSoFar((*self.summarised, self.turns[0]), self.turns[1:])

    def without_oldest(self) -> tuple[Turn, ChatSoFar]:
        """The oldest turn, and the rest."""
        if self.summarised:
            return self.summarised[0], replace(self, summarised=self.summarised[1:])
        return self.turns[0], replace(self, turns=self.turns[1:])

    def __bool__(self) -> bool:
        """Whether there is any turn."""
        return bool(self.summarised or self.turns)


NO_CHAT = ChatSoFar()


def chat_so_far(history: Sequence[Turn]) -> tuple[ChatSoFar, list[LeftOut]]:
    """What is shown of a chat where there is room, and which turns are not shown whole.

    Turns without an answer tell a model nothing and are passed over.
    """
    turns = [turn for turn in history if turn.answer]
    older = max(0, (len(turns) - _VERBATIM) // _VERBATIM * _VERBATIM)
    forgotten = max(0, older - _MOST_LINES)
    left_out = [
        LeftOut(turn.question, "dropped", f"of older turns the last {_MOST_LINES} are told")
        for turn in turns[:forgotten]
    ]
    left_out += [LeftOut(turn.question, "summarised", "older turns are a line each") for turn in turns[forgotten:older]]
    return ChatSoFar(tuple(turns[forgotten:older]), tuple(turns[older:])), left_out
