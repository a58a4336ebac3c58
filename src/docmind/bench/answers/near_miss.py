"""Near-miss: the document is in scope, and what is asked is not in it.

Half of these questions ask for a fact that was removed from their document, the others were changed to ask for
something that their document lacks.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

from docmind.bench.answers.changed_questions import changed
from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.bench.answers.removed_facts import without_fact
from docmind.bench.answers.run import Measured, Run
from docmind.bench.answers.unanswerable import accepted, record
from docmind.bench.report import Target

_QUESTIONS = 80
_WRITER, _SMALL = Target("<=", 10), Target("<=", 25)
# A fact can be taken out of a text; taking it out of another format would make another document of it.
_TEXT = (".md", ".txt")


def measure(run: Run) -> Measured:
    """How many are shown as answered, in all and by how they were made."""
    size = run.size(_QUESTIONS)
    texts = {
        name: path.read_text(encoding="utf-8", errors="replace")
        for name, path in run.data.documents.items()
        if path.suffix.lower() in _TEXT
    }
    questions = [each for each in run.sample("near-miss") if each.document in texts]
    removed = _removed(run, questions, texts, (size + 1) // 2)
    altered = _changed(run, questions, texts, size - len(removed))
    target = run.target(_WRITER, _SMALL)
    details = [*removed, *altered]
    figures = [
        accepted("near-miss: accepted", details, target),
        accepted("near-miss: accepted, fact removed", removed),
        accepted("near-miss: accepted, question changed", altered, note=_by_kind(altered)),
    ]
    return Measured(tuple(figures), tuple(details))


def _removed(run: Run, questions: list[EvaluationQuestion], texts: dict[str, str], size: int) -> list[dict[str, Any]]:
    """Ask for facts that are no longer there."""
    chosen: list[tuple[str, EvaluationQuestion]] = []
    folder = run.folder / "near-miss-documents"
    for each in questions:
        if len(chosen) == size:
            break
        if left := without_fact(texts[each.document], each):
            # Named by what is left: two facts of one paragraph leave the same document, which a library holds once.
            name = f"{hashlib.sha256(left.encode()).hexdigest()[:12]}/{each.document}"
            _write(folder / name, left)
            chosen.append((name, each))
    if not chosen:
        return []
    details = []
    with run.library(folder, "near-miss-library") as library:
        for number, (name, each) in enumerate(chosen, start=1):
            asked = library.ask(each.question, [name])
            details.append(record("near-miss", "fact removed", each, each.question, each.document, asked))
            run.progress("near-miss, fact removed", number, len(chosen))
    return details


def _changed(run: Run, questions: list[EvaluationQuestion], texts: dict[str, str], size: int) -> list[dict[str, Any]]:
    """Ask for what never was there."""
    chosen: list[tuple[EvaluationQuestion, str, str]] = []
    of_kind: Counter[str] = Counter()
    for each in questions:
        if len(chosen) == size:
            break
        made = changed(each, texts[each.document])
        if made:  # the kind of which there are fewest so far, so that no kind outweighs the others
            kind, question = min(made.items(), key=lambda item: of_kind[item[0]])
            of_kind[kind] += 1
            chosen.append((each, kind, question))
    details = []
    with run.library() as library:
        for number, (each, kind, question) in enumerate(chosen, start=1):
            asked = library.ask(question, [each.document])
            details.append(record("near-miss", kind, each, question, each.document, asked))
            run.progress("near-miss, question changed", number, len(chosen))
    return details


def _by_kind(details: list[dict[str, Any]]) -> str:
    tried = Counter(detail["kind"] for detail in details)
    hits = Counter(detail["kind"] for detail in details if detail["verdict"] == "accepted")
    return ", ".join(f"{kind} {hits[kind]} of {tried[kind]}" for kind in sorted(tried))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
