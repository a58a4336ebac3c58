"""An evaluation set: documents, and questions whose answers are known, in a folder of one form.

    documents/        the documents, in any format that is read, in subfolders too
    questions.jsonl   on each line an object with
        question      in the user's words
        document      the file in documents/ that answers it
        answer        the words that answer it, as the document has them, or a list of several ways to say it
        passage       the text of the document that they stand in; may be missing
        id            may be missing: the line's number then

What else a line says is left alone.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from docmind.errors import SettingsError
from docmind.ingestion.sources import expand
from docmind.plain_text import readable, shortened

Half = Literal["all", "first", "second"]

_SHOWN = 60  # characters of what somebody wrote, repeated in a message
_WANTED = (
    "This benchmark needs --data FOLDER with documents/ and questions.jsonl "
    "(question, document and answer on each line; docs/benchmarks/answers.md)"
)


@dataclass(frozen=True, slots=True)
class EvaluationQuestion:
    """A question whose answer is known.

    Attributes:
        id: What tells it from the others.
        question: In the user's words.
        document: Name of the document that answers it, as the library calls it.
        answers: The words that answer it, each enough by itself.
        passage: The text of the document around them; '' where it is not known.
    """

    id: str
    question: str
    document: str
    answers: tuple[str, ...]
    passage: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Documents and questions.

    Attributes:
        folder: The folder of the documents.
        documents: Every document's file by its name in the library, in the order of the names.
        questions: The questions of the half that is measured.
    """

    folder: Path
    documents: dict[str, Path]
    questions: tuple[EvaluationQuestion, ...]

    def half(self, half: Half) -> EvaluationSet:
        """The questions about the first or the second half of the documents, in the order of their names."""
        if half == "all":
            return self
        names = list(self.documents)
        middle = (len(names) + 1) // 2
        chosen = set(names[:middle] if half == "first" else names[middle:])
        return replace(self, questions=tuple(each for each in self.questions if each.document in chosen))


def read_set(data: Path) -> EvaluationSet:
    """Read the set in a folder.

    Raises:
        SettingsError: it is not of that form; the message says which line.
    """
    folder, path = data / "documents", data / "questions.jsonl"
    if not path.is_file() or not folder.is_dir():
        raise SettingsError(f"{_WANTED}; {data} has not both.")
    documents = {name: file for file, name in sorted(expand([folder]), key=lambda pair: pair[1])}
    questions = []
    try:
        # Not `splitlines`: JSON may hold the other ends of lines that Unicode knows.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{_WANTED}; {path} is no text in UTF-8 ({error}).") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}). Check its permissions.") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                asked = _question(json.loads(line), number)
            except (ValueError, TypeError, RecursionError) as error:
                raise SettingsError(f"Line {number} of {path} cannot be used: {error}. {_WANTED}.") from error
            if asked.document not in documents:
                document = readable(asked.document)
                raise SettingsError(f"Line {number} of {path} asks about {document}, which is not in {folder}.")
            questions.append(asked)
    if not questions:
        raise SettingsError(f"{_WANTED}; {path} is empty.")
    return EvaluationSet(folder, documents, tuple(questions))


def shuffled(questions: Iterable[EvaluationQuestion], seed: str) -> list[EvaluationQuestion]:
    """The questions in an order that the seed decides, one of each document in turn.

    So the first few are spread over the documents, and a smaller sample is the beginning of a larger one.
    """
    by_document: defaultdict[str, list[EvaluationQuestion]] = defaultdict(list)
    for each in questions:
        by_document[each.document].append(each)
    chance = random.Random(seed)  # noqa: S311 - the same every time is what is wanted
    queues = [by_document[name] for name in sorted(by_document)]
    for queue in queues:
        chance.shuffle(queue)
    chance.shuffle(queues)
    rounds = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(rounds) for queue in queues if turn < len(queue)]


def _question(values: Any, number: int) -> EvaluationQuestion:
    """The question of a line; what is wrong with it is raised in words."""
    if not isinstance(values, dict):
        raise TypeError("it is no JSON object")
    texts = {name: _text(values, name) for name in ("question", "document")}
    given = values.get("answer")
    answers = [given] if isinstance(given, str) else given
    if not isinstance(answers, Sequence) or not answers or not all(isinstance(each, str) and each for each in answers):
        raise TypeError(f"'answer' should be a text or a list of texts, and is {_shown(given)}")
    passage = _text(values, "passage") if values.get("passage") else ""
    return EvaluationQuestion(str(values.get("id", number)), answers=tuple(answers), passage=passage, **texts)


def _text(values: dict[str, Any], name: str) -> str:
    text = values.get(name)
    if not isinstance(text, str):
        raise TypeError(f"'{name}' should be a text, and is {_shown(text)}")
    return text


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    text = json.dumps(value, ensure_ascii=False)
    return readable(shortened(text, _SHOWN))
