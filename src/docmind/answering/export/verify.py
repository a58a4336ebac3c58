"""Verify: which quotations of an export still stand in the documents, offline and without any model.

The export is held against itself first (hashes, checksum, numbers of sources), then against the documents: those of the
same bytes, and where there are none, those of the same name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from docmind.answering.export.checkable import CheckableCitation, sha256_of_text
from docmind.answering.export.quotations import Section, Span, locate, search, stands_at
from docmind.answering.export.record import Claim
from docmind.answering.export.shelf import Shelf
from docmind.errors import DocumentError

Verdict = Literal["holds", "changed", "gone", "missing", "altered", "unreadable"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one quotation.

    Attributes:
        answer: The number of its answer in the export, from 1.
        citation: The quotation, as the export has it.
        verdict: 'holds': the document is the same, and it stands there. 'changed': the document was changed, and it
            still stands in it. 'gone': it does not. 'missing': the document is not here. 'altered': the export does
            not match itself or the document. 'unreadable': the document cannot be read.
        where: Where it stands now; () where it does not.
        note: What else there is to say, in words; '' for nothing.
    """

    answer: int
    citation: CheckableCitation
    verdict: Verdict
    where: tuple[Span, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of an export.

    Attributes:
        claim: What it says.
        alterations: How it differs from what was written, in sentences; () where it does not.
        checked: Each of its quotations.
    """

    claim: Claim
    alterations: tuple[str, ...]
    checked: tuple[Checked, ...]

    @property
    def holds(self) -> bool:
        """Whether the export is as it was written, and every quotation holds."""
        return not self.alterations and all(checked.verdict == "holds" for checked in self.checked)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many quotations there are of each verdict."""
        return dict(Counter(checked.verdict for checked in self.checked))


def verify(claim: Claim, shelf: Shelf) -> Verification:
    """Check an export against documents.

    Args:
        claim: What the export says (`read_export`).
        shelf: The documents: the library's, or those of a folder.
    """
    return Verification(claim, tuple(_alterations(claim)), tuple(_checked(claim, shelf)))


def _alterations(claim: Claim) -> Iterator[str]:
    if not claim.intact:
        yield "The record was changed after DocMind wrote it: its checksum does not match."
    if not claim.text_intact:
        yield "The text for people was changed after DocMind wrote it; the record inside was checked."
    for number, answer in enumerate(claim.answers, start=1):
        known = {citation.n for citation in answer.citations}
        for sentence in answer.sentences:
            if sentence.supported and not (sentence.citations and known.issuperset(sentence.citations)):
                yield f"Answer {number} calls a sentence supported whose source is not in the export."
                break


def _checked(claim: Claim, shelf: Shelf) -> Iterator[Checked]:
    for number, answer in enumerate(claim.answers, start=1):
        for citation in answer.citations:
            verdict, where, note = _check(citation, shelf, claim.intact)
            yield Checked(number, citation, verdict, where, note)


def _check(citation: CheckableCitation, shelf: Shelf, intact: bool) -> tuple[Verdict, tuple[Span, ...], str]:
    if sha256_of_text(citation.quote) != citation.quote_sha256:
        return "altered", (), "its words are not those that were exported"
    try:
        same = shelf.with_bytes(citation.document_sha256 or "")
        if same is None:
            other = shelf.named(citation.document)
            return _in_another(citation, shelf.sections(other)) if other else ("missing", (), "")
        verdict, where, note = _in_the_same(citation, shelf.sections(same), intact)
    except DocumentError as error:
        return "unreadable", (), str(error)
    renamed = f"the document is called {same.name} now" if same.name != citation.document else ""
    return verdict, where, "; ".join(filter(None, (note, renamed)))


def _in_the_same(
    citation: CheckableCitation, sections: Sequence[Section], intact: bool
) -> tuple[Verdict, tuple[Span, ...], str]:
    """In the bytes that were quoted."""
    if citation.spans and stands_at(citation.quote, citation.spans, sections):
        return "holds", citation.spans, ""
    found = locate(citation.quote, sections, citation.locator, inside_words=True) or search(citation.quote, sections)
    if not found:
        return "altered", (), "the document is the same, and the quotation does not stand in it"
    if citation.spans and not intact:
        return "altered", found, "its offsets in the document are not those that were exported"
    # Another version of DocMind may read the same bytes a little differently.
    return "holds", found, "at other offsets than exported" if citation.spans else ""


def _in_another(citation: CheckableCitation, sections: Sequence[Section]) -> tuple[Verdict, tuple[Span, ...], str]:
    """In a document of the same name and other bytes."""
    found = locate(citation.quote, sections, citation.locator) or search(citation.quote, sections)
    note = "" if citation.document_sha256 else "the export does not know which version was quoted"
    return ("changed", found, note) if found else ("gone", (), note)
