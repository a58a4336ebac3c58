"""Questions whose evidence is known, in a file: a JSON object on each line, or CSV with the same names as columns.

    question   in the user's words
    document   the file that answers it, by its path inside the folder of documents
    pages      the 1-based pages that hold the evidence, as [3, 4]; in CSV '3 4'
    answer     the words that answer it, or `answers`, a list of several ways to say it; needed where there are no pages

What else a line says is left alone.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docmind.errors import SettingsError
from docmind.ingestion.sources import expand
from docmind.plain_text import readable, shortened

HELP = "docs/benchmarks/retrieval.md shows the form"
_WRONG = (ValueError, TypeError, RecursionError)  # what a line that is not of the form ends in
_LONGEST_NUMBER = 9  # digits of a page's number
_SHOWN = 60  # characters of what somebody wrote, repeated in a message


@dataclass(frozen=True, slots=True)
class RetrievalQuestion:
    """A question and where its evidence stands: on these pages, or, where there are none, in one of these texts.

    Attributes:
        line: Where it stands in its file, from 1.
        question: In the user's words.
        document: The file that answers it, by its path inside the folder of documents.
        pages: 1-based pages of that document, each of which is a piece of the evidence.
        answers: Words that answer it, each enough by itself.
    """

    line: int
    question: str
    document: str
    pages: frozenset[int] = frozenset()
    answers: tuple[str, ...] = ()

    @property
    def pieces(self) -> int:
        """Pieces of evidence that there are to find: the pages, or the one answer."""
        return len(self.pages) or 1


def in_folder(data: Path) -> tuple[Path, Path]:
    """The folder of documents and the file of questions that lie in a data folder.

    Raises:
        SettingsError: one of them is missing.
    """
    documents = next((data / name for name in ("pdfs", "documents") if (data / name).is_dir()), None)
    questions = next((data / name for name in ("questions.jsonl", "questions.csv") if (data / name).is_file()), None)
    if documents is None or questions is None:
        missing = "no folder 'documents' or 'pdfs'" if documents is None else "no questions.jsonl or questions.csv"
        raise SettingsError(f"{data} has {missing}. A data folder holds both; {HELP}.")
    return documents, questions


def read_questions(path: Path, documents: Path) -> list[RetrievalQuestion]:
    """The questions of a file, in its order.

    Args:
        path: The file; CSV where its name ends so.
        documents: The folder of the documents that they ask about.

    Raises:
        SettingsError: it is not of that form, or asks about a document that is not there; the message names the line.
    """
    names = {name for _, name in expand([documents])}
    questions = []
    try:
        for line, values in (_of_csv if path.suffix.lower() == ".csv" else _of_json)(path):
            try:
                questions.append(_question(line, values))
            except _WRONG as error:
                raise SettingsError(f"Line {line} of {path} cannot be used: {error}. {HELP}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is no text in UTF-8 ({error}). Save it as UTF-8 and try again.") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}). Check its permissions.") from error
    if not questions:
        raise SettingsError(f"{path} holds no question; {HELP}.")
    for asked in questions:
        if asked.document not in names:
            near = next((name for name in sorted(names) if Path(name).name == Path(asked.document).name), None)
            hint = f"; write it as {readable(near)}" if near else ""
            raise SettingsError(
                f"Line {asked.line} of {path} asks about {_cut(asked.document)}, which is not among the documents in "
                f"{documents}{hint}."
            )
    return questions


def _of_json(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    # Not `splitlines`: JSON may hold the other ends of lines that Unicode knows.
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if line.strip():
            try:
                values = json.loads(line)
            except _WRONG as error:
                raise SettingsError(f"Line {number} of {path} is no JSON ({error}). {HELP}.") from error
            if not isinstance(values, dict):
                raise SettingsError(f"Line {number} of {path} is no JSON object. {HELP}.")
            yield number, values


def _of_csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        try:
            for row in rows:
                values = {name: value for name, value in row.items() if name and value and value.strip()}
                if "pages" in values:
                    values["pages"] = [_number(text) for text in re.split(r"[\s,;]+", values["pages"].strip())]
                yield rows.line_num, values
        except csv.Error as error:
            raise SettingsError(f"Line {rows.reader.line_num} of {path} is no CSV ({error}). {HELP}.") from error


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else text


def _question(line: int, values: Mapping[str, Any]) -> RetrievalQuestion:
    """The question of a line; what is wrong with it is raised as what Python calls it."""
    question, document = _text(values, "question"), _text(values, "document")
    if values.get("pages") is not None:
        pages = values["pages"]
        if not isinstance(pages, list) or not pages or not all(type(page) is int and page >= 1 for page in pages):
            raise TypeError(f"'pages' should be a list of numbers from 1, as [3, 4], and is {_shown(values, 'pages')}")
        return RetrievalQuestion(line, question, document, pages=frozenset(pages))
    name = "answers" if values.get("answers") is not None else "answer"
    given = values.get(name)
    if given is None:
        raise TypeError("it has neither 'pages' nor 'answer'")
    answers = [given] if isinstance(given, str) else given
    if (
        not isinstance(answers, list)
        or not answers
        or not all(isinstance(each, str) and each.strip() for each in answers)
    ):
        raise TypeError(f"'{name}' should be a text or a list of texts, and is {_shown(values, name)}")
    return RetrievalQuestion(line, question, document, answers=tuple(answers))


def _text(values: Mapping[str, Any], name: str) -> str:
    text = values.get(name)
    if not isinstance(text, str) or not text.strip():
        raise TypeError(f"'{name}' should be a text, and is {_shown(values, name)}")
    return text


def _shown(values: Mapping[str, Any], name: str) -> str:
    if values.get(name) is None:
        return "missing"
    return _cut(json.dumps(values[name], ensure_ascii=False))


def _cut(text: str) -> str:
    return readable(shortened(text, _SHOWN))
