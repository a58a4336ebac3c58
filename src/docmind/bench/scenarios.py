"""What an engine is measured with: how long prompts and answers are, who asks at once, and prompts of a known length.

Lengths are in the model's own tokens; `docmind.engines.trial` makes the prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from llama_index.core.base.llms.types import ChatMessage

from docmind.engines.trial import prompt

Kind = Literal["answer", "prefill", "repeat", "users"]

SHORT_PROMPT = 16  # words
_CLOSE = 0.01  # prompts may be this much shorter than asked for


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing to measure; lengths in tokens.

    Attributes:
        name: For people.
        kind: 'answer' looks at writing, 'prefill' at reading, 'repeat' at reading the same again, 'users' at several
            at once.
        answer_tokens: Longest answer.
        prompt_tokens: Length of the prompt, hit to 1%; 0 for a short one of whatever length.
        users: How many ask at the same time, each something else.
    """

    name: str
    kind: Kind
    answer_tokens: int
    prompt_tokens: int = 0
    users: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        runs: Measurements of each scenario.
        pairs: Measurements of the engine against its bare library; 0 leaves them out.
        pair_tokens: Length of the answers compared there.
        users: How many ask at once.
        quick: Shorter answers and fewer prompts: shows that it works, not how fast.
    """

    runs: int = 5
    pairs: int = 9
    pair_tokens: int = 192
    users: tuple[int, ...] = (1, 2, 5, 8)
    quick: bool = False


def quick_plan(runs: int = 2, users: tuple[int, ...] = (1, 2, 5, 8)) -> Plan:
    """A plan of less than a minute for the starter model on two cores."""
    return Plan(runs=runs, pairs=3, pair_tokens=48, users=users, quick=True)


def scenarios(window: int, plan: Plan) -> tuple[Scenario, ...]:
    """What to measure on an engine with a window of so many tokens, in the order in which it is measured."""
    long, several = (192, 48) if plan.quick else (512, 128)
    heavy = min(16_384, window * 7 // 16) // (4 if plan.quick else 1)
    return (
        Scenario("short answer", "answer", 32),
        Scenario("medium answer", "answer", 128),
        Scenario("long answer", "answer", long),
        Scenario("context-heavy", "answer", 128, heavy),
        *(Scenario(f"prefill {size:,}", "prefill", 16, size) for size in prompt_sizes(window, plan)),
        Scenario("the same prompt again", "repeat", 16, min(3_500, window * 7 // 16)),
        *(Scenario(f"users {users}", "users", several, users=users) for users in plan.users),
    )


def prompt_sizes(window: int, plan: Plan) -> tuple[int, ...]:
    """Growing prompts up to the window: 1K, 2K, 4K and 7.5K of 8K tokens; 32K, 64K, 96K and 120K of 128K."""
    sixteenths = (4, 8, 12, 15) if window >= 65_536 else (2, 4, 8, 15)
    return tuple(window * part // 16 for part in (sixteenths[:2] if plan.quick else sixteenths))


def words_for(tokens: int, count: Callable[[Sequence[ChatMessage]], int], number: int) -> int:
    """How many words make a prompt of so many tokens, or up to 1% fewer.

    Args:
        tokens: What is wanted; 0 for a short prompt.
        count: Counts a prompt's tokens.
        number: Of the prompts to try.
    """
    if tokens == 0:
        return SHORT_PROMPT
    empty = count(prompt(number, 1))
    words = max(1, tokens - empty)
    # Tokens grow nearly evenly with words, so that each try comes close to the mark.
    for _ in range(6):
        counted = count(prompt(number, words))
        if tokens * (1 - _CLOSE) <= counted <= tokens:
            break
        aim = tokens * (1 - _CLOSE / 2) - empty
        words = max(1, int(words * aim / max(1, counted - empty)))
    return words
