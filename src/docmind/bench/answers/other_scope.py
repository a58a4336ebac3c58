"""Other scope: questions asked of one document that is not theirs."""

from __future__ import annotations

import random

from docmind.bench.answers.run import Measured, Run
from docmind.bench.answers.scoring import stands_in
from docmind.bench.answers.unanswerable import accepted, record
from docmind.bench.report import Target

_QUESTIONS = 60
_TARGET = Target("<=", 1)


def measure(run: Run) -> Measured:
    """How many are answered from a document that is about something else and does not hold the answer's words."""
    questions = run.sample("other-scope")[: run.size(_QUESTIONS)]
    names = sorted({each.document for each in run.data.questions})
    details = []
    with run.library() as library:
        texts = {name: library.text(name) for name in names}
        for number, each in enumerate(questions, start=1):
            others = [name for name in names if name != each.document and not stands_in(each.answers, texts[name])]
            if others:
                scope = random.Random(each.id).choice(others)  # noqa: S311 - the same every time is what is wanted
                asked = library.ask(each.question, [scope])
                details.append(record("other-scope", "another document", each, each.question, scope, asked))
            run.progress("other-scope", number, len(questions))
    return Measured((accepted("other-scope: accepted, another document asked", details, _TARGET),), tuple(details))
