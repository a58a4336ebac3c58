"""Places: the citations of an analysis, each sentence of a document once, numbered as it is first used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docmind.answering.citations import AnswerSentence, Citation, cite
from docmind.answering.evidence import Evidence
from docmind.answering.whole.analysis import Entry


class Places:
    """Numbers citations; the same sentence in the same place keeps its number."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Citation] = {}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All of them, in the order of their numbers."""
        return tuple(self._known.values())

    def number(self, citation: Citation) -> int:
        """The number of a place, a new one where it was not cited yet."""
        key = (citation.document_id, citation.place, citation.quote)
        if key not in self._known:
            self._known[key] = replace(citation, n=len(self._known) + 1)
        return self._known[key].n

    def renumbered(self, sentence: AnswerSentence, citations: Sequence[Citation]) -> AnswerSentence:
        """A sentence whose numbers count its own citations, with the numbers that hold here."""
        own = {citation.n: citation for citation in citations}
        return replace(sentence, citations=tuple(self.number(own[n]) for n in sentence.citations))

    def quoted(self, item: Evidence, label: str = "", count: int = 0) -> Entry:
        """A sentence of a document as a statement, a row beneath its table's caption and header: it proves itself."""
        (citation,) = cite([item])
        return Entry(AnswerSentence(item.quoted, True, 1.0, (self.number(citation),)), label, count)
