"""Questions that need more than a sentence: summaries, comparisons, lists and arithmetic.

Made by rule from the documents of the half that is measured. What is judged is every number that a statement shows as
supported: it has to stand in the sentences that the statement cites, or be the right result of a calculation whose
numbers stand there. This is looked at here by other means than those of the check that answers go through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from docmind.answering.events import Answer
from docmind.bench.answers.run import Library, Measured, Run, share
from docmind.bench.report import Figure, Target
from docmind.sentences import split_sentences

_EACH = 10
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_CALCULATION = re.compile(r"^(.*?)\s=\s(-?[^=]+)$")
# '118 tackles and 4 interceptions': two things counted in one sentence.
# A year counts nothing, nor does the number in a name: 'the 1901 census', 'X.25 services'.
_COUNTED = re.compile(r"(?<![\w.,/-])(?!(?:1[5-9]|20)\d\d )(\d[\d,]*) ((?:[a-z]{3,} )?[a-z]{4,}s)\b")
_TIME = re.compile(r"\b(?:seconds|minutes|hours|days|weeks|months|years|decades|times|percent)$")
_LISTS = ("dates", "sums of money", "people that are named", "percentages", "numbers of people")

Kind = Literal["summary", "comparison", "list", "arithmetic"]


@dataclass(frozen=True, slots=True)
class Task:
    """A question that needs more than a sentence; `expected` is the right result of a calculation."""

    kind: Kind
    question: str
    documents: tuple[str, ...]
    expected: Decimal | None = None


def measure(run: Run) -> Measured:
    """Whether every number shown in a supported statement stands in what it cites."""
    with run.library() as library:
        names = list(dict.fromkeys(each.document for each in run.sample("multi-part")))
        tasks = _tasks(names, library)
        # As many of each kind, so that a smaller run is of all kinds too.
        wanted = tasks[: run.size(4 * _EACH)]
        details = []
        for number, task in enumerate(wanted):
            run.progress("multi-part", number, len(wanted))
            details.append(_looked_at(task, library.ask(task.question, task.documents).answer))
    return Measured(tuple(_figures(details)), tuple(details))


def _tasks(names: Sequence[str], library: Library) -> list[Task]:
    """Ten of each kind, in turn."""
    summaries = [Task("summary", "Summarise this document.", (name,)) for name in names[:_EACH]]
    pairs = list(zip(names[::2], names[1::2], strict=False))
    comparisons = [Task("comparison", "Compare these documents.", pair) for pair in pairs[:_EACH]]
    lists = [
        Task("list", f"List all the {_LISTS[number % len(_LISTS)]} in this document.", (name,))
        for number, name in enumerate(names[:_EACH])
    ]
    arithmetic = list(_calculations(names, library))[:_EACH]
    kinds = (summaries, comparisons, lists, arithmetic)
    return [kind[number] for number in range(_EACH) for kind in kinds if number < len(kind)]


def _calculations(names: Sequence[str], library: Library) -> Iterator[Task]:
    """Sums and differences of two things that a document counts, in one sentence where there is such a one."""
    for number, name in enumerate(names):
        together: tuple[list[tuple[str, str]], str] | None = None
        apart: list[tuple[str, str]] = []
        for sentence in split_sentences(library.text(name)):
            counted = [(amount, noun) for amount, noun in _COUNTED.findall(sentence) if not _TIME.search(noun)]
            # What the sentence is about, so that no other of its kind is meant.
            about = " ".join(word for word in re.findall(r"\w+", sentence)[1:] if word[0].isupper())
            if len(counted) == 2 and counted[0][1] != counted[1][1] and about and together is None:
                together = (counted, f" ({about})")
            elif len(counted) == 1 and counted[0][1] not in {noun for _, noun in apart}:
                apart += counted
        chosen = together or ((apart[:2], "") if len(apart) > 1 else None)
        if chosen is None:
            continue
        ((one, first), (other, second)), about = chosen
        values = Decimal(one.replace(",", "")), Decimal(other.replace(",", ""))
        asked = f"the {first} and the {second}{about}?"
        if number % 2:
            yield Task("arithmetic", f"What is the sum of {asked}", (name,), sum(values, Decimal()))
        else:
            yield Task("arithmetic", f"What is the difference between {asked}", (name,), abs(values[0] - values[1]))


def _looked_at(task: Task, answer: Answer) -> dict[str, Any]:
    quotes = {citation.n: citation.read_alone for citation in answer.citations}
    shown, wrong, uncited = 0, [], 0
    results = []
    for sentence in answer.sentences:
        if not sentence.supported:
            continue
        if not sentence.citations:
            uncited += 1
        cited = _numbers(" ".join(quotes.get(number, "") for number in sentence.citations))
        text = sentence.text.lstrip("\n• ")
        if calculation := _CALCULATION.match(text.split(": ", 1)[-1]):
            ours, results_in = _numbers(calculation[1]), _numbers(calculation[2])
            ours -= {Decimal(2)} if calculation[1].rstrip().endswith("/ 2") else set()  # of an average
            right = _right(calculation[1], calculation[2])
            results += list(results_in)
            shown += len(ours) + 1
            wrong += [str(number) for number in ours - cited] + ([] if right else [calculation[2]])
        else:
            numbers = _numbers(text)
            shown += len(numbers)
            wrong += [str(number) for number in numbers - cited]
    verdict = ""
    if task.expected is not None:
        verdict = "right" if task.expected in results else "wrong" if results else "not computed"
    return {
        "kind": task.kind,
        "question": task.question,
        "documents": list(task.documents),
        "answer": answer.text,
        "statements": sum(sentence.supported for sentence in answer.sentences),
        "numbers": shown,
        "wrong": wrong,
        "uncited": uncited,
        "verdict": verdict,
        "seconds": answer.total_seconds,
    }


def _numbers(text: str) -> set[Decimal]:
    return {Decimal(found.replace(",", "")) for found in _NUMBER.findall(text)}


def _right(calculation: str, result: str) -> bool:
    """Whether a calculation of two numbers comes to its result, up to rounding."""
    numbers = [Decimal(found.replace(",", "")) for found in _NUMBER.findall(calculation)]
    sign = -1 if result.strip().startswith("-") else 1
    (told,) = [sign * Decimal(found.replace(",", "")) for found in _NUMBER.findall(result)][:1] or [Decimal("NaN")]
    if calculation.rstrip().endswith("/ 2"):
        exact = sum(numbers[:2], Decimal()) / 2
    elif calculation.lstrip().startswith("("):
        exact = (numbers[0] - numbers[1]) / numbers[2] * 100
    else:
        one, other = numbers[:2]
        exact = {"+": one + other, "-": one - other}.get(
            next((sign for sign in ("+", "-") if f" {sign} " in calculation), "/"),
            one / other * (100 if "%" in result else 1) if other else Decimal("NaN"),
        )
    return abs(exact - told) <= Decimal("0.01")


def _figures(details: Sequence[dict[str, Any]]) -> Iterator[Figure]:
    numbers = sum(each["numbers"] for each in details)
    wrong = sum(len(each["wrong"]) for each in details)
    statements = sum(each["statements"] for each in details)
    uncited = sum(each["uncited"] for each in details)
    yield share("multi-part: numbers that stand in what is cited", numbers - wrong, numbers)
    yield Figure("multi-part: wrong numbers shown as supported", wrong, "", Target("<=", 0), note=f"of {numbers}")
    yield Figure("multi-part: supported statements without a place", uncited, "", Target("<=", 0),
                 note=f"of {statements}")  # fmt: skip
    answered = sum(each["statements"] > 0 for each in details)
    yield share("multi-part: questions with a supported statement", answered, len(details))
    computed = [each["verdict"] for each in details if each["verdict"]]
    yield share("multi-part: calculations right", computed.count("right"), len(computed))
    yield Figure("multi-part: calculations wrong", computed.count("wrong"), "", Target("<=", 0),
                 note=f"{computed.count('not computed')} of {len(computed)} not computed")  # fmt: skip
