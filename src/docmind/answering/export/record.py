"""The record: what an export holds for programs, numbered and sealed with a checksum, and reading it back.

Whoever changes the meaning of a field raises `FORM`; new fields may join. The checksum tells damage and clumsy changes;
it is no signature, and whoever forges a whole record forges it too. What it quotes is held against the documents.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter, ValidationError

import docmind
from docmind.answering.export.checkable import CheckableCitation, checkable, sha256_of_text
from docmind.answering.export.shelf import Shelf
from docmind.errors import ExportError

if TYPE_CHECKING:
    from docmind.answering.events import Answer  # brings LlamaIndex, which verifying does not need

FORM = 1
MARK = "docmind_export"
"""The field that tells a record from other JSON; its value is the form."""

MAX_QUOTATIONS = 10_000
_NEWER = "It was written by a newer DocMind ({version}). Upgrade DocMind to check it."
_DAMAGED = "It is no export of DocMind's, or a damaged one: {what}. Export the answer again."

Kind = Literal["answer", "chat", "analysis"]
Record = dict[str, Any]


def record_of(answers: Sequence[Answer], shelf: Shelf, *, kind: Kind = "answer", title: str = "") -> Record:
    """Answers as a record.

    Args:
        answers: In the order of the chat.
        shelf: The library's documents, to find the quotations in.
        kind: What they are together.
        title: What to call them; '' takes the first question.
    """
    entries = [answer_entry(answer, checkable(answer.citations, shelf)) for answer in answers]
    return seal(kind, title or (answers[0].question if answers else ""), entries)


def answer_entry(answer: Answer, citations: Sequence[CheckableCitation]) -> dict[str, Any]:
    """One answer as JSON values."""
    return {
        "question": answer.question,
        "asked_as": answer.asked_as,
        "answer": answer.text,
        "found": answer.found,
        "stopped": answer.stopped,
        "sentences": [{**dataclasses.asdict(item), "verdict": item.verdict} for item in answer.sentences],
        "citations": [citation.values() for citation in citations],
        "asked_of": answer.asked_of,
        "nothing_in": answer.nothing_in,
        "not_asked": answer.not_asked,
        "unread": [document.name for document in answer.unread],
        "engine": answer.engine,
        "model": answer.model,
        "device": answer.device,
        "left_machine": answer.left_machine,
        "answered": moment(answer.answered),
    }


def seal(kind: Kind, title: str, entries: Sequence[Mapping[str, Any]]) -> Record:
    """A record of entries, each a `question`, an `answer`, its `sentences` and `citations`, and whatever else.

    Args:
        kind: What they are together.
        title: What to call them.
        entries: JSON values; the citations are those of `CheckableCitation.values`.
    """
    record = {
        MARK: FORM,
        "docmind_version": docmind.__version__,
        "kind": kind,
        "title": title,
        "exported": moment(datetime.now(UTC).timestamp()),
        "answers": [dict(entry) for entry in entries],
    }
    # Tuples become lists, and lone surrogates question marks, so that a record is equal to what is read back.
    plain = json.loads(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))
    return {**plain, "sha256": checksum(plain)}


def checksum(record: Mapping[str, Any]) -> str:
    """The SHA-256 of a record without its own checksum, written as compact JSON with sorted keys."""
    values = {name: value for name, value in record.items() if name != "sha256"}
    return sha256_of_text(json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True))


def written(record: Record) -> str:
    """A record as JSON text, fit for people too."""
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def moment(seconds: float | None) -> str | None:
    """A time in seconds since 1970 as ISO 8601 in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


# Read back, trusting nothing.


@dataclass(frozen=True, slots=True)
class ClaimedSentence:
    """A sentence, whether it is said to be supported, and by which citations."""

    text: str
    supported: bool
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClaimedAnswer:
    """What an export says was asked, answered and quoted."""

    question: str
    answer: str
    sentences: tuple[ClaimedSentence, ...]
    citations: tuple[CheckableCitation, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an export says.

    Attributes:
        docmind_version: What wrote it.
        kind: What it holds.
        title: What it is called.
        exported: When it was written, in words.
        answers: What was asked and answered.
        intact: Whether it is as it was written.
        text_intact: Whether the text for people around it is, where that can be told.
    """

    docmind_version: str
    kind: str
    title: str
    exported: str
    answers: tuple[ClaimedAnswer, ...]
    intact: bool
    text_intact: bool = True


def read_record(text: str) -> Claim:
    """What a record says.

    Raises:
        ExportError: it is none, is damaged, of a newer form, or larger than any export.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExportError(_DAMAGED.format(what="its JSON cannot be read")) from error
    if not isinstance(values, dict) or MARK not in values:
        raise ExportError(_DAMAGED.format(what=f"there is no '{MARK}' in it"))
    form = values[MARK]
    if type(form) is not int or form < 1:  # true is an int to Python
        raise ExportError(_DAMAGED.format(what="its form is no number"))
    if form > FORM:
        raise ExportError(_NEWER.format(version=str(values.get("docmind_version", "unknown"))[:20]))
    try:
        claim = _claims().validate_python({**values, "intact": _is_intact(values)})
    except (ValidationError, RecursionError) as error:
        raise ExportError(_DAMAGED.format(what="fields are missing or wrong")) from error
    if sum(len(answer.citations) for answer in claim.answers) > MAX_QUOTATIONS:
        raise ExportError("It quotes more than any answer does. Export fewer answers at a time.")
    return claim


@cache
def _claims() -> TypeAdapter[Claim]:
    return TypeAdapter(Claim)


def _is_intact(values: Mapping[str, Any]) -> bool:
    return values.get("sha256") == checksum(values)
