"""Follow-ups: the second question of two, asked in full and asked as people go on in a conversation.

Two questions about one passage that name the same subject become two turns: in the second the subject gives way to a
pronoun, or is left out where it stands at the end ('And who is the secretary?'). What was understood is looked at too,
and whether questions that name all they are about are left as they are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from docmind.answering.follow_up import rewrite
from docmind.answering.question import Turn
from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.bench.answers.run import Measured, Run, share
from docmind.bench.answers.scoring import normal, verdict
from docmind.bench.report import Figure, Target
from docmind.sentences import content_terms

_TURNS = 40
_FEWER = Target("<=", 5)  # points

_TOKEN = re.compile(r"\w(?:[\w.&-]*\w)?|['’]s?\b|[^\w\s]")
_PREPOSITIONS = frozenset({"of", "in", "on", "at", "by", "for", "from", "to", "with", "about", "during", "into", "as"})
_AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would", "should"}
)
_ARTICLES = frozenset({"the", "a", "an"})

Kind = Literal["pronoun", "left out"]


@dataclass(frozen=True, slots=True)
class TwoTurns:
    """Two questions about one subject.

    Attributes:
        first: The first, which names it.
        second: The second as it stands in the set, which names it too.
        follow_up: The second as it is asked after the first.
        subject: What both name.
        kind: Whether a pronoun takes its place or it is left out.
    """

    first: EvaluationQuestion
    second: EvaluationQuestion
    follow_up: str
    subject: str
    kind: Kind


def measure(run: Run) -> Measured:
    """How many fewer second questions are right than of the same ones asked in full."""
    made = two_turns(run.sample("follow-ups"))[: run.size(_TURNS)]
    details: list[dict[str, Any]] = []
    with run.library() as library:
        for number, turns in enumerate(made, start=1):
            before = library.ask(turns.first.question).answer
            history = (Turn(turns.first.question, before.text if before.found else "", before.gist),)
            full = library.ask(turns.second.question).answer
            after = library.ask(turns.follow_up, history=history).answer
            details.append(
                {
                    "part": "follow-ups",
                    "id": turns.second.id,
                    "kind": turns.kind,
                    "first": turns.first.question,
                    "follow-up": turns.follow_up,
                    "asked as": after.asked_as,
                    "in full": turns.second.question,
                    "as in full": normal(after.asked_as or turns.follow_up) == normal(turns.second.question),
                    "verdict": verdict(after, turns.second.answers),
                    "verdict in full": verdict(full, turns.second.answers),
                    "gold": list(turns.second.answers),
                    "answer": after.text,
                    "answer in full": full.text,
                }
            )
            run.progress("follow-ups", number, len(made))
    total = len(details)
    right = sum(detail["verdict"] == "right" for detail in details)
    in_full = sum(detail["verdict in full"] == "right" for detail in details)
    whole, changed = _left_alone(run.data.questions)
    fewer = round(100 * (in_full - right) / total, 1) if total else None
    return Measured(
        (
            Figure(
                "follow-ups: fewer right than in full", fewer, "points", _FEWER, note=f"of {total} second questions"
            ),
            share("follow-ups: right", right, total),
            share("follow-ups: right in full", in_full, total),
            share("follow-ups: understood, in any words", sum(bool(d["asked as"]) for d in details), total),
            share("follow-ups: understood in the very words", sum(d["as in full"] for d in details), total),
            share("follow-ups: whole questions left as they are", whole - changed, whole),
        ),
        tuple(details),
    )


def two_turns(questions: Sequence[EvaluationQuestion]) -> list[TwoTurns]:
    """Two turns from each passage that two questions about one subject are asked of, in the order of the questions.

    After one from each passage come further ones with other second questions.
    """
    by_passage: defaultdict[tuple[str, str], list[EvaluationQuestion]] = defaultdict(list)
    for each in questions:
        by_passage[each.document, each.passage or each.document].append(each)
    found: list[TwoTurns] = []
    further: list[TwoTurns] = []
    for number, asked in enumerate(by_passage.values()):
        made = [turns for first, second in combinations(asked, 2) if (turns := _turns(first, second))]
        # Kinds in turn, where the passage offers both.
        wanted: Kind = "left out" if number % 2 else "pronoun"
        made.sort(key=lambda turns: turns.kind != wanted)
        others = {turns.second.id: turns for turns in reversed(made)}
        found += made[:1]
        further += [turns for turns in others.values() if turns.second.id != made[0].second.id]
    return found + further


def _turns(first: EvaluationQuestion, second: EvaluationQuestion) -> TwoTurns | None:
    if {normal(each) for each in first.answers} & {normal(each) for each in second.answers}:
        return None
    asked = " ".join(second.question.split())
    words = list(_TOKEN.finditer(asked))
    for start, end in _shared(words, first.question):
        subject = asked[words[start].start() : words[end - 1].end()]
        if left := _left_out(asked, words, start, end):
            return TwoTurns(first, second, left, subject, "left out")
        if replaced := _with_pronoun(asked, words, start, end, second.passage):
            return TwoTurns(first, second, replaced, subject, "pronoun")
    return None


def _shared(words: Sequence[re.Match[str]], other: str) -> Iterator[tuple[int, int]]:
    """Where the second question names what the first one does: the longest runs of words first."""
    texts, others = [word[0] for word in words], [word[0] for word in _TOKEN.finditer(other)]
    for length in range(min(6, len(words) - 2), 0, -1):
        held = {tuple(others[at : at + length]) for at in range(len(others)) if not _inside_a_name(others, at, length)}
        for start in range(1, len(words) - length + 1):
            run = texts[start : start + length]
            if tuple(run) not in held or _inside_a_name(texts, start, length):
                continue
            article = run[0].casefold() in _ARTICLES and length > 1
            named = article or any(text[0].isupper() for text in run)
            ends_well = content_terms(run[-1]) and run[-1][0].isalnum() and (article or run[0][0].isupper())
            if named and ends_well:
                yield start, start + length


def _inside_a_name(texts: Sequence[str], start: int, length: int) -> bool:
    """Whether a run of words is a part of a longer name, as 'Anarchy' is of 'Mark of Anarchy'."""
    before, after = [*texts[max(0, start - 2) : start]], [*texts[start + length : start + length + 2]]
    touches = (before[1:] or before)[-1:] + after[:1]
    if any(text[0].isupper() for text in touches if start > 1 or text not in before):
        return True
    links = frozenset({"of", "on", "v", "and", "&", "de"})
    linked_before = len(before) == 2 and before[1].casefold() in links and before[0][0].isupper() and start > 2
    linked_after = len(after) == 2 and after[0].casefold() in links - {"of", "on"} and after[1][0].isupper()
    return touches[:1] == ["the"] or linked_before or linked_after


def _left_out(asked: str, words: Sequence[re.Match[str]], start: int, end: int) -> str | None:
    """Without the subject, where it stands at the end behind a preposition."""
    at_end = all(not word[0][0].isalnum() for word in words[end:])
    if not at_end or words[start - 1][0].casefold() not in _PREPOSITIONS or start < 5:
        return None
    rest = asked[: words[start - 1].start()].strip()
    return f"And {rest[0].lower()}{rest[1:]}?"


def _with_pronoun(asked: str, words: Sequence[re.Match[str]], start: int, end: int, passage: str) -> str | None:
    """With a pronoun for the subject, where a whole phrase ends there."""
    before = words[start - 1][0].casefold()
    following = words[end][0].casefold() if end < len(words) else "?"
    possessive = following in ("'s", "’s", "'", "’")
    subject = asked[words[start].start() : words[end - 1].end()]
    name = any(word[0].isupper() for word in subject.split())
    phrase_ends = following in _AUXILIARIES | {"?", ",", "."} or (name and following in _PREPOSITIONS)
    verb_follows = (before in ("do", "does", "did") and not following.endswith("s")) or (
        before in ("is", "are", "was", "were") and following.endswith("ed")
    )
    if before not in _PREPOSITIONS | _AUXILIARIES or not (possessive or phrase_ends or verb_follows):
        return None
    forms = _pronoun(subject, f"{asked} {passage}")
    if forms is None:
        return None
    pronoun = forms[2] if possessive else forms[1] if before in _PREPOSITIONS else forms[0]
    stop = words[end].end() if possessive else words[end - 1].end()
    return f"{asked[: words[start].start()]}{pronoun}{asked[stop:]}"


def _pronoun(subject: str, text: str) -> tuple[str, str, str] | None:
    """The forms of the pronoun for a subject, as far as the text around it tells; None where it does not."""
    last = subject.rsplit(maxsplit=1)[-1]
    if last.endswith("s") and not last.endswith(("ss", "us", "is")):
        return "they", "them", "their"
    if subject.split(maxsplit=1)[0].casefold() in _ARTICLES or subject.isupper():
        return "it", "it", "its"
    if re.search(rf"\b(?:the|in|at|on|across) {re.escape(subject)}\b", text, re.IGNORECASE):
        return "it", "it", "its"
    later = text[match.end() :] if (match := re.search(rf"\b{re.escape(last)}\b", text)) else ""
    if re.search(r"\b(?:he|his|him)\b", later):
        return "he", "him", "his"
    if re.search(r"\b(?:she|her|hers)\b", later):
        return "she", "her", "her"
    return None


def _left_alone(questions: Sequence[EvaluationQuestion]) -> tuple[int, int]:
    """Questions of the set, each after one about another document: how many there are, and how many were changed."""
    others = [Turn(each.question, each.answers[0]) for each in questions]
    pairs = [
        (each, before)
        for each, before in zip(questions, others[-(len(others) // 2) :] + others, strict=False)
        if each.question != before.question
    ]
    return len(pairs), sum(rewrite(" ".join(each.question.split()), [before]) is not None for each, before in pairs)
