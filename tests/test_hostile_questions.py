"""Questions that nobody means: as long as a book, made to keep a pattern busy, of no words at all, full of orders."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.expected import defines_role, has_what_is_asked_for
from docmind.answering.follow_up import leans_on_history
from docmind.answering.grounding import ground
from docmind.answering.question import Question, Turn
from docmind.answering.refusal import answer_score
from docmind.answering.understanding import understand
from docmind.bench.answers.evaluation_set import read_set
from docmind.cli import console
from docmind.errors import LibraryError, SettingsError
from docmind.ingestion.ingest import ingest
from docmind.languages import language_of_question
from docmind.ui.language_notice import LANGUAGES
from docmind.workspace import Workspace
from passages import passage

CHARACTERS = 100_000
BEFORE = (Turn("How much is the rent of Flat 3 in 2020?", "The rent is 900 pounds.", "The rent is 900 pounds."),)
RENT = passage("The rent is 900 pounds a month, says Elena Marsh (the landlord). It is due on 1 May.", "lease")
PATIENCE = 3.0  # seconds of the processor; the patterns took from ten seconds to hours


def repeated(words: str) -> str:
    return (words * (CHARACTERS // len(words) + 1))[:CHARACTERS]


@pytest.mark.parametrize("words", ["what ", "it "])
def test_no_question_keeps_the_patterns_busy(words: str, plain_workspace: Workspace) -> None:
    question, began = repeated(words) + " Landlord?", time.process_time()
    grounding = ground("How much is the rent?", [RENT], plain_workspace.embedder)
    understood = understand(Question(question, None, BEFORE), "auto")
    assert understood.asked_as is None or understood.text.startswith("How long is")
    leans_on_history(question)
    answer_score(question, grounding.evidence[:1], grounding.evidence)
    for one, other in ((question, RENT.get_content()), ("Who is the landlord?", question), ("When?", question)):
        has_what_is_asked_for(one, other)
        defines_role(one, other, ())
    assert time.process_time() - began < PATIENCE


def test_what_is_no_text_in_a_question_counts_as_question_marks(plain_workspace: Workspace, tmp_path: Path) -> None:
    """A command line gives bytes that are no UTF-8 as lone surrogates."""
    (tmp_path / "lease.txt").write_text(RENT.get_content(), encoding="utf-8")
    assert [outcome.error for outcome in ingest(plain_workspace, [tmp_path / "lease.txt"])] == [None]
    *_, answer = ask(plain_workspace, "How much is the rent a month \udcff?")
    assert isinstance(answer, Answer)
    assert answer.question == "How much is the rent a month ??"
    assert "900" in answer.text
    with pytest.raises(LibraryError, match="empty"):
        understand(Question(" \n\t"), "auto")


@pytest.mark.parametrize(
    "line",
    [
        b'{"question": ' + b"[" * 100_000,
        b"\xff\xfe{}",
        b'{"question": "Q?", "document": "\x1b[31m\xe2\x80\xae.txt", "answer": "A"}'.replace(b"\x1b", b"\\u001b"),
        b"1e999",
    ],
    ids=["deep", "no text", "steers the terminal", "number"],
)
def test_an_evaluation_set_that_is_none_is_said_to_be_none(line: bytes, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text("A", encoding="utf-8")
    (tmp_path / "questions.jsonl").write_bytes(line)
    with pytest.raises(SettingsError, match=r"questions\.jsonl") as refused:
        read_set(tmp_path)
    assert "\x1b" not in str(refused.value)
    assert "\u202e" not in str(refused.value)


def test_words_with_any_end_of_line_in_them_come_back_from_an_evaluation_set(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text("A", encoding="utf-8")
    passage = "one\u2028two\x85three\u2029four\x0cfive\nsix"
    line = {"question": "Q?", "document": "a.txt", "answer": "A", "passage": passage}
    text = "\ufeff" + 2 * (json.dumps(line, ensure_ascii=False) + "\r\n")  # as an editor on Windows keeps it
    (tmp_path / "questions.jsonl").write_text(text, encoding="utf-8")
    assert [each.passage for each in read_set(tmp_path).questions] == [passage] * 2


def test_nothing_that_is_said_steers_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with console.output(as_json=False) as out:
        out.line("lease\u202e.txt: “a\x9b31m\x1b[2Jb\rc”\n\tend")
    console.notice("\x1b]0;title\x07")
    said = capfd.readouterr()
    mark = "\N{REPLACEMENT CHARACTER}"
    assert said.out == f"lease{mark}.txt: “a{mark}31m{mark}[2Jb c”\n\tend\n"
    assert said.err == f"{mark}]0;title{mark}\n"


def test_the_language_of_a_long_question_is_told_without_keeping_it() -> None:
    question = "Wie hoch ist die monatliche Miete? " * 10_000
    held = sys.getrefcount(question)
    assert language_of_question(question, LANGUAGES) == "de"
    assert sys.getrefcount(question) == held
