"""The words of an export for people, as Markdown, DOCX and the page to print share them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from docmind.plain_text import apart, readable
from docmind.records import Locator

HOW_TO_CHECK = (
    "With DocMind, ",
    "docmind verify FILE",
    " checks whether these quotations still stand in the documents.",
)
"""What stands before a command, the command, and what stands behind it."""

_BULLETS = ("• ", "- ")
UNSUPPORTED = "(not supported by the documents)"


def told(answer: Mapping[str, Any]) -> str:
    """An answer with the numbers of its sources behind each sentence, or a note that it has none."""
    if not answer["sentences"]:
        return str(answer["answer"])
    return " ".join(marked(sentence) for sentence in answer["sentences"])


def sources_heading(answer: Mapping[str, Any]) -> str:
    """What the citations of an answer are."""
    return "Sources" if answer["found"] else "Closest passages, which may not answer this"


def source(citation: Mapping[str, Any]) -> str:
    """A citation with its place and its words."""
    place = Locator.from_values(citation["locator"]).words(citation["document"])
    return f"[{citation['n']}] {apart(place)}: “{apart(citation['quote'])}”"


def written_by(answer: Mapping[str, Any]) -> str:
    """Who wrote an answer, when, and what it knows nothing of."""
    quoted = answer["engine"] == "quoted" or answer["model"] == "none"  # by rules, without a model
    who = "Quoted from the documents" if quoted else f"Written by {readable(answer['model'])} ({answer['engine']})"
    when = f" on {_moment(answer['answered'])}" if answer["answered"] else ""
    left = " Question and passages went to another machine." if answer["left_machine"] else ""
    told = [
        f" {words}: {readable(', '.join(answer[names]))}."
        for words, names in (
            ("Asked only of", "asked_of"),
            ("Nothing that answers it was found in", "nothing_in"),
            ("Not asked any more", "not_asked"),
            ("Not read yet when it was asked", "unread"),
        )
        if answer.get(names)
    ]
    return f"{who}{when}.{''.join(told)}{left}"


def body(record: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[tuple[bool, str]]:
    """The paragraphs of an answer or statements of an analysis: whether each is an item of a list, and its words."""
    if record["kind"] == "analysis" and answer["sentences"]:
        return ((True, marked(sentence)) for sentence in answer["sentences"])
    return _paragraphs(told(answer))


def _paragraphs(text: str) -> Iterator[tuple[bool, str]]:
    """The paragraphs of an answer's text: whether each is an item of a list, and its words without the bullet."""
    blocks: list[str] = []
    for line in text.splitlines():
        if blocks and not line.lstrip().startswith(_BULLETS):
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
    for words in filter(None, (block.strip() for block in blocks)):
        item = words.startswith(_BULLETS)
        yield item, words[2:].lstrip() if item else words


def titled_by_question(record: Mapping[str, Any]) -> bool:
    """Whether a record is one answer under its question, which need not be said twice."""
    return [answer["question"] for answer in record["answers"]] == [record["title"]]


def _moment(answered: str) -> str:
    when = datetime.fromisoformat(answered).astimezone(UTC)
    return f"{when.day} {when:%B %Y, %H:%M} UTC"


def marked(sentence: Mapping[str, Any]) -> str:
    """A sentence with the numbers of its sources behind it, or a note that it has none."""
    marks = "".join(f" [{number}]" for number in sentence["citations"])
    text = readable(sentence["text"])
    if sentence["supported"]:
        return f"{text}{marks}"
    doubted = [f"“{readable(sentence['text'][doubt['start'] : doubt['end']])}”" for doubt in sentence["doubts"]]
    if sentence["partly"] and doubted:
        return f"{text}{marks} (the documents do not support {', '.join(doubted)})"
    return f"{text} {UNSUPPORTED}"
