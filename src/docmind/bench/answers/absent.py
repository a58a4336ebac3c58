"""Absent: questions whose own document is not among those asked, and any other may be."""

from __future__ import annotations

from docmind.bench.answers.run import Measured, Run
from docmind.bench.answers.unanswerable import accepted, record
from docmind.bench.report import Target

_QUESTIONS = 60
_TARGET = Target("<=", 3)


def measure(run: Run) -> Measured:
    """How many are answered from the other documents."""
    questions = run.sample("absent")[: run.size(_QUESTIONS)]
    details = []
    with run.library() as library:
        for number, each in enumerate(questions, start=1):
            others = [name for name in run.data.documents if name != each.document]
            asked = library.ask(each.question, others)
            details.append(record("absent", "own document absent", each, each.question, "all others", asked))
            run.progress("absent", number, len(questions))
    return Measured((accepted("absent: accepted, own document not there", details, _TARGET),), tuple(details))
