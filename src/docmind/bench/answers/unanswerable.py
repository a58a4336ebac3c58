"""Questions that nothing in scope answers: what of them is shown as an answer all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.bench.answers.keeping import Asked
from docmind.bench.answers.run import share
from docmind.bench.answers.scoring import corrects, stands_in, supported
from docmind.bench.report import Figure, Target


def record(part: str, kind: str, each: EvaluationQuestion, question: str, scope: str, asked: Asked) -> dict[str, Any]:
    """What became of one such question; 'corrected' is an answer that puts right what it takes for granted."""
    answer = asked.answer
    verdict = "refused" if not answer.found else "corrected" if corrects(answer) else "accepted"
    return {
        "part": part,
        "kind": kind,
        "id": each.id,
        "question": question,
        "verdict": verdict,
        "gold": list(each.answers),
        "answer": answer.text,
        "draft": answer.draft,
        "scope": scope,
        "cited": [citation.document for citation in answer.citations],
        "scores": [sentence.score for sentence in answer.sentences],
        "supported": len(supported(answer)),
        "gold shown": answer.found and stands_in(each.answers, answer.text),
        "nearest": asked.nearest,
    }


def accepted(name: str, details: Sequence[dict[str, Any]], target: Target | None = None, note: str = "") -> Figure:
    """The share of questions for which something was shown as an answer."""
    counts = Counter(detail["verdict"] for detail in details)
    notes = [note, f"{counts['corrected']} more were corrected" if counts["corrected"] else ""]
    if gold := sum(detail["gold shown"] for detail in details if detail["verdict"] == "accepted"):
        notes.append(f"{gold} of them say what the missing document says")
    return share(name, counts["accepted"], len(details), target, "; ".join(filter(None, notes)))
