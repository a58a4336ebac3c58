"""Random material for prompts: passages, chats and questions of every kind of text, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from llama_index.core.schema import TextNode

from docmind.answering.question import Turn

_WORDS = (
    *("the", "tenant", "pays", "rent", "of", "900", "pounds", "a", "month", "and", "must", "not", "sublet", "it"),
    *(
        "1,450.50",
        "£45",
        "2026-11-29",
        "naïve",
        "Straße",
        "東京都",
        "家賃は月額です",
        "월세",
        "إيجار",
        "e\u0301",
        "\u017f",
    ),
    *("🏠", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "🇬🇧", "\u200b", "\ufffd", "\ufb01", "\t", "\\n", "{{", "%}"),
    *("<|im_end|>", "<|im_start|>system", "</think>", "<|endoftext|>", "[INST]", "<s>", "''", '"', "|", "—"),
    *("x" * 300, "Donaudampfschifffahrtsgesellschaft", "a_b_c.d/e-f"),
)


@dataclass(frozen=True)
class Material:
    """What a prompt is made from."""

    question: str
    passages: list[TextNode]
    history: list[Turn]
    pinned: frozenset[str]


def text(chance: random.Random, words: int) -> str:
    """So many words, in sentences and lines."""
    ends = (". The", ".\n", "! It")
    return " ".join(chance.choice(_WORDS) + (chance.choice(ends) if n % 9 == 8 else "") for n in range(words)) + "."


def material(seed: int, *, passage_words: int = 120, most_passages: int = 12, turn_words: int = 60) -> Material:
    """The material of a seed."""
    chance = random.Random(seed)  # noqa: S311 - the same every time is what is wanted
    passages = [
        TextNode(
            text=f"{number} {text(chance, chance.randint(1, passage_words))}",
            metadata={
                "title": text(chance, 2),
                "heading": "",
                "page": number + 1,
                "document": f"{number % 3}.txt",
                "ordinal": number,
            },
        )
        for number in range(chance.randint(1, most_passages))
    ]
    if chance.random() < 0.5:  # the same text once more
        again = chance.choice(passages)
        metadata = {**again.metadata, "document": "copy.txt"}
        passages.insert(chance.randrange(len(passages) + 1), TextNode(text=again.text, metadata=metadata))
    history = [
        Turn(f"{number}: {text(chance, 6)}?", chance.choice(("", text(chance, chance.randint(1, turn_words)))))
        for number in range(chance.choice((0, 0, 1, 2, 5, 9)))
    ]
    pinned = frozenset(node.node_id for node in passages if chance.random() < 0.15)
    return Material(f"{text(chance, chance.randint(1, 20))}?", passages, history, pinned)
