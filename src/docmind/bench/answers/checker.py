"""Checker: the proof of answers alone, held against statements that are known to be true or false.

No model writes here. Each statement is checked against what the library finds for its question, as an answer would be.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from docmind.answering.citations import align
from docmind.answering.evidence import Evidence, gather
from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.bench.answers.falsify import falsehoods
from docmind.bench.answers.run import Measured, Run, share
from docmind.bench.answers.truths import sentence_of, statement_of, truths
from docmind.bench.report import Figure, Target
from docmind.workspace import Workspace

_QUESTIONS = 300
_PASSAGES = 10
_TRUE, _FALSE, _FALSE_KIND = Target(">=", 90), Target("<=", 8), Target("<=", 20)


def measure(run: Run) -> Measured:
    """True statements that are supported, false ones that are, in all and by how they were made."""
    details: list[dict[str, Any]] = []
    chosen = [(each, found) for each in run.sample("checker") if (found := sentence_of(each))][: run.size(_QUESTIONS)]
    with run.library() as library:
        for number, (each, sentence) in enumerate(chosen, start=1):
            evidence = _evidence(library.workspace, each)
            if any(item.text == sentence for item in evidence):  # what is not found cannot be proved
                other = _other_answer(each, sentence, run.data.questions)
                details += _judged(library.workspace, each, sentence, other, evidence)
            run.progress("checker", number, len(chosen))
    return Measured(tuple(_figures(details)), tuple(details))


def _evidence(workspace: Workspace, each: EvaluationQuestion) -> list[Evidence]:
    vector = workspace.embedder.model.get_query_embedding(each.question)
    found = workspace.retriever(None, _PASSAGES).search(each.question, vector)
    return gather(each.question, [item.node for item in found], workspace.embedder)


def _other_answer(each: EvaluationQuestion, sentence: str, questions: Sequence[EvaluationQuestion]) -> str | None:
    """The answer to another question about the document, of the same look, that the answering sentence has not."""
    look = _look(each.answers[0])
    others = [
        other.answers[0]
        for other in questions
        if other.document == each.document and _look(other.answers[0]) == look and other.answers[0] not in sentence
    ]
    return random.Random(each.id).choice(others) if others else None  # noqa: S311 - the same every time is what is wanted


def _look(answer: str) -> str:
    return "number" if answer[:1].isdigit() else "name" if answer[:1].isupper() else "words"


def _judged(
    workspace: Workspace, each: EvaluationQuestion, sentence: str, other: str | None, evidence: Sequence[Evidence]
) -> Iterator[dict[str, Any]]:
    made = [(True, *each_truth) for each_truth in truths(each, sentence)]
    made += [(False, *falsehood) for falsehood in falsehoods(sentence, each.id)]
    if other:
        made += [(False, "another bare answer", other), (False, "another answer is", f"The answer is {other}.")]
        if stated := statement_of(each.question, other):
            made.append((False, "question and another answer", stated))
    for true, kind, statement in made:
        threshold = workspace.settings.support_threshold
        aligned, _ = align(each.question, statement, evidence, workspace.embedder, threshold)
        supported = bool(aligned) and all(item.supported for item in aligned)
        verdict = ("supported" if supported else "refused") if true else ("accepted" if supported else "found out")
        yield {
            "part": "checker",
            "kind": kind,
            "true": true,
            "id": each.id,
            "question": each.question,
            "statement": statement,
            "sentence": sentence,
            "verdict": verdict,
            "scores": [item.score for item in aligned],
            "doubts": [(item.text[d.start : d.end], d.reason) for item in aligned for d in item.doubts],
            "document": each.document,
        }


def _figures(details: Sequence[dict[str, Any]]) -> Iterator[Figure]:
    for true, name, whole, single in (
        (True, "true statements supported", _TRUE, None),
        (False, "false statements supported", _FALSE, _FALSE_KIND),
    ):
        kinds: defaultdict[str, list[bool]] = defaultdict(list)
        for detail in details:
            if detail["true"] == true:
                kinds[detail["kind"]].append(detail["verdict"] in ("supported", "accepted"))
        every = [hit for hits in kinds.values() for hit in hits]
        yield share(f"checker: {name}", sum(every), len(every), whole)
        for kind, hits in kinds.items():
            target = _TRUE if kind in ("bare answer", "the answer is") else single
            yield share(f"checker: {name}, {kind}", sum(hits), len(hits), target)
