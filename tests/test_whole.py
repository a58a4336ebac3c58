"""Whole documents: every part is heard, nothing is invented, and what was done is not done twice."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from docmind.answering.analyse import analyse
from docmind.answering.whole.analysis import Analysis, Planned
from docmind.answering.whole.condense import key_sentences, readable
from docmind.answering.whole.reading import read
from docmind.answering.whole.request import KINDS, Kind, Length, Request, kind_of
from docmind.errors import LibraryError
from docmind.ingestion.ingest import ingest
from docmind.json_forms import analysis_values
from docmind.workspace import Workspace

_THINGS = ("bridge", "harbour", "library", "garden", "tower", "market", "school", "mill", "station", "museum")


def finished(workspace: Workspace, request: Request) -> Analysis:
    *_, last = analyse(workspace, request)
    assert isinstance(last, Analysis)
    return last


def of(workspace: Workspace, kind: Kind, *names: str, length: Length = "short", question: str = "") -> Analysis:
    ids = tuple(workspace.catalog.find(name).id for name in names)
    return finished(workspace, Request(kind, ids, length, question=question))


def long_text(sentences: int = 300) -> str:
    """A made-up chronicle: each tenth of it tells of another thing, between headings, rows and notices."""
    chance = random.Random(7)  # noqa: S311 - repeatable, not secret
    lines = []
    for number in range(sentences):
        thing = _THINGS[number * len(_THINGS) // sentences]
        lines.append(
            f"In its year {number} the {thing} of the old town received about {chance.randrange(20, 900)} visitors "
            f"and spent {chance.randrange(2, 90)} pounds on paint."
        )
        if number % 7 == 0:
            lines.append("This notice is printed on every page of the chronicle of the old town.")
        if number % 11 == 0:
            lines.append(f"Visitors {number} 17 23 44 19 | 88 | 12")
    return "\n\n".join(lines)


def test_a_summary_without_a_writer_quotes_sentences_of_the_document_letter_for_letter(
    sample_library: Workspace,
) -> None:
    analysis = of(sample_library, "summary", "residential-lease.pdf")
    assert analysis.verbatim
    assert 3 <= len(analysis.entries) <= 12
    quotes = {citation.n: citation for citation in analysis.citations}
    for entry in analysis.entries:
        (number,) = entry.sentence.citations
        assert entry.sentence.text == quotes[number].quote
        passage = " ".join(quotes[number].passage.split())  # a sentence may run over the end of a line
        assert " ".join(quotes[number].quote.split()) in passage
    assert {citation.locator.page for citation in analysis.citations} == {1, 2, 3, 4}


def test_key_sentences_come_in_order_from_every_tenth_and_none_is_a_row_or_a_notice(
    plain_workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "chronicle.txt"
    path.write_text(long_text(), encoding="utf-8")
    list(ingest(plain_workspace, [path]))
    document = plain_workspace.catalog.find("chronicle.txt")
    source = read(document, list(plain_workspace.store.chunks_of(document.id)), plain_workspace.embedder)
    chosen = key_sentences(source, 25)
    assert chosen == sorted(chosen)
    assert 20 <= len(chosen) <= 25  # no two that say the same
    assert {source.tenths[place] for place in chosen} == set(range(10))
    texts = [source.evidence[place].text for place in chosen]
    assert not [text for text in texts if "notice" in text or "|" in text]


def test_a_tenth_that_holds_nothing_but_rows_is_heard_as_well(plain_workspace: Workspace, tmp_path: Path) -> None:
    prose = long_text(120)
    rows = "\n\n".join(f"Timber and stone bought, lot {number} | {number * 3} | {number * 7}" for number in range(40))
    path = tmp_path / "chronicle.txt"
    path.write_text(f"{prose}\n\n{rows}", encoding="utf-8")
    list(ingest(plain_workspace, [path]))
    analysis = of(plain_workspace, "summary", "chronicle.txt")
    assert analysis.documents[0].tenths_cited == tuple(range(10))


def test_what_every_page_repeats_is_no_prose(plain_workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "chronicle.txt"
    path.write_text(long_text(60), encoding="utf-8")
    list(ingest(plain_workspace, [path]))
    document = plain_workspace.catalog.find("chronicle.txt")
    source = read(document, list(plain_workspace.store.chunks_of(document.id)), plain_workspace.embedder)
    levels = readable(source.evidence)
    notices = [level for level, item in zip(levels, source.evidence, strict=True) if "notice" in item.text]
    assert notices
    assert max(notices) < max(levels)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("comparison", "contradictions")])
def test_every_statement_of_every_kind_has_its_place(sample_library: Workspace, kind: Kind) -> None:
    analysis = of(sample_library, kind, "meeting-minutes.txt", question="list all the sums of money")
    assert analysis.kind == kind
    numbers = {citation.n for citation in analysis.citations}
    for entry in analysis.entries:
        assert entry.sentence.supported
        assert set(entry.sentence.citations) <= numbers
        assert entry.sentence.citations
    assert analysis.entries or kind == "open questions"
    json.dumps(analysis_values(analysis))


def test_several_documents_are_told_one_after_the_other_under_their_names(sample_library: Workspace) -> None:
    analysis = of(sample_library, "key points", "meeting-minutes.txt", "quarterly-report.pdf")
    assert [part.heading for part in analysis.parts] == ["meeting-minutes.txt", "quarterly-report.pdf"]
    assert len({citation.document_id for citation in analysis.citations}) == 2


def test_a_list_holds_what_was_asked_for(sample_library: Workspace) -> None:
    analysis = of(sample_library, "list", "residential-lease.pdf", question="List all fees and costs the tenant pays")
    assert any("£1,450" in entry.sentence.text for entry in analysis.entries)
    assert not any("prams" in entry.sentence.text for entry in analysis.entries)


def test_what_cannot_be_met_is_said_before_anything_is_read(sample_library: Workspace) -> None:
    with pytest.raises(LibraryError, match="two documents"):
        of(sample_library, "comparison", "residential-lease.pdf")
    with pytest.raises(LibraryError, match="Say what to list"):
        of(sample_library, "list", "residential-lease.pdf")
    with pytest.raises(LibraryError, match="Choose at least one"):
        finished(sample_library, Request("summary", ()))
    with pytest.raises(LibraryError, match="There are: summary"):
        kind_of("poem")
    assert kind_of("Action-Items") == "action items"


@pytest.mark.parametrize("suffix", [".json", ".md", ".docx"])
def test_an_exported_analysis_is_checked_again(sample_library: Workspace, tmp_path: Path, suffix: str) -> None:
    from docmind.answering.export.files import read_export
    from docmind.answering.export.verify import verify
    from docmind.answering.whole.as_answers import as_answers
    from docmind.exporting import export_answers, library_shelf

    analysis = of(sample_library, "timeline", "meeting-minutes.txt")
    path = tmp_path / f"timeline{suffix}"
    answers = as_answers(analysis, "The days of March")  # as the user has called it since
    assert {answer.question for answer in answers} == {"The days of March"}
    export_answers(sample_library, answers, path, kind="analysis", title="The days of March")
    verification = verify(read_export(path), library_shelf(sample_library))
    assert verification.holds
    assert len(verification.checked) == len(analysis.citations)
    if suffix == ".md":
        assert "\n- 31 December 2025: The balance" in path.read_text(encoding="utf-8").replace("\\", "")


def test_a_question_of_that_kind_is_answered_from_the_whole_document(sample_library: Workspace) -> None:
    from docmind.answering.ask import ask
    from docmind.answering.events import Answer, Retrieved, Token
    from docmind.answering.question import Question

    lease = sample_library.catalog.find("residential-lease.pdf").id
    first, *between, answer = ask(sample_library, Question("Give me a timeline of this document", (lease,)))
    assert isinstance(first, Retrieved)
    assert isinstance(between[0], Planned)
    assert between[0].words.startswith("Sentences of the documents, quoted · about ")
    assert isinstance(answer, Answer)
    assert (answer.read.whole, answer.read.documents, answer.read.tokens_words) == (True, 1, "")
    assert [event.text for event in between if isinstance(event, Token)] == [answer.text]
    assert answer.found
    assert "28 February 2027" in answer.text
    assert {citation.document_id for citation in answer.citations} == {lease}
    assert all(citation.document_sha256 for citation in answer.citations)
