"""Answerable: questions that the documents answer, asked of the whole library."""

from __future__ import annotations

from collections import Counter
from typing import Any

from docmind.bench.answers.run import Measured, Run, share
from docmind.bench.answers.scoring import altered, in_the_first_two, stands_in, supported, verdict
from docmind.bench.report import Figure, Target, median_of

_QUESTIONS = 150
_RIGHT = {"writer": Target(">=", 84), "small": Target(">=", 80)}
_WRONG = Target("<=", 8)
_ALTERED = Target("<=", 0)


def measure(run: Run) -> Measured:
    """Right, wrong and refused; whether quotations are the documents' words; how much was read and how long it took."""
    questions = run.sample("answerable")[: run.size(_QUESTIONS)]
    details: list[dict[str, Any]] = []
    passages: list[float] = []
    seconds: list[float] = []
    with run.library() as library:
        for number, each in enumerate(questions, start=1):
            asked = library.ask(each.question)
            answer = asked.answer
            details.append(
                {
                    "part": "answerable",
                    "id": each.id,
                    "question": each.question,
                    "verdict": verdict(answer, each.answers),
                    "gold": list(each.answers),
                    "answer": answer.text,
                    "draft": answer.draft,
                    "document": each.document,
                    "cited": [citation.document for citation in answer.citations],
                    "scores": [sentence.score for sentence in answer.sentences],
                    "supported": len(supported(answer)),
                    "altered": altered(answer),
                    "gold in first two": in_the_first_two(answer, each.answers),
                    "next best": answer.alternative.quote if answer.alternative else None,
                    "gold in passages": stands_in(each.answers, "\n".join(asked.passages)),
                    "gold in nearest": stands_in(each.answers, asked.nearest.get("text", "")),
                    "nearest": asked.nearest,
                }
            )
            passages.append(float(answer.read.chunks))
            seconds.append(answer.total_seconds)
            run.progress("answerable", number, len(questions))
    counts = Counter(detail["verdict"] for detail in details)
    total = len(details)
    quoted = sum(detail["supported"] for detail in details)
    changed = sum(len(detail["altered"]) for detail in details)
    figures = [
        share("answerable: right", counts["right"], total, run.target(_RIGHT["writer"], _RIGHT["small"])),
        share("answerable: wrong", counts["wrong"], total, run.target(_WRONG, None)),
        share("answerable: refused", counts["refused"], total),
        share("answerable: gold in the retrieved passages", sum(d["gold in passages"] for d in details), total),
        share("answerable: gold in the nearest sentence", sum(d["gold in nearest"] for d in details), total),
        median_of("answerable: passages read", passages, "", of="questions"),
        median_of("answerable: whole answer", seconds, "s", of="questions"),
    ]
    if run.quotes:
        figures.insert(
            3, share("answerable: right, or the next best is", sum(d["gold in first two"] for d in details), total)
        )
        figures.insert(
            1,
            Figure(
                "answerable: altered sentences", float(changed), "", _ALTERED, note=f"of {quoted} shown as supported"
            ),
        )
    return Measured(tuple(figures), tuple(details))
