"""An analysis in the form of answers: for the chat, which shows answers, and for exports, which hold them."""

from __future__ import annotations

from dataclasses import replace

from docmind.answering.citations import AnswerSentence
from docmind.answering.events import Answer, Read
from docmind.answering.whole.analysis import Analysis, Entry, Part


def as_answer(analysis: Analysis, *, bullets: bool = False) -> Answer:
    """All of an analysis as one answer; each statement on a line of its own where bullets are wished."""
    sentences = tuple(
        _labelled(entry, ("\n• " if number else "• ") if bullets else "")
        for number, entry in enumerate(analysis.entries)
    )
    lines = [line for part in analysis.parts for line in ([part.heading] if part.heading else []) + _lines(part)]
    return Answer(
        question=analysis.question or analysis.title,
        text="\n".join(lines) or analysis.nothing,
        found=bool(sentences),
        stopped=False,
        draft=None,
        sentences=sentences,
        citations=analysis.citations,
        read=Read(
            documents=len(analysis.documents),
            chunks=len({citation.passage for citation in analysis.citations}),
            prompt_tokens=analysis.prompt_tokens,
            context_window=0,
            whole=True,
        ),
        retrieve_seconds=0.0,
        first_token_seconds=analysis.first_seconds,
        total_seconds=analysis.seconds,
        tokens_per_second=None,
        engine=analysis.engine or "quoted",
        model=analysis.model or "none",
        device=analysis.device,
        left_machine=analysis.left_machine,
        answered=analysis.made,
    )


def as_answers(analysis: Analysis, title: str) -> list[Answer]:
    """Each part of an analysis as an answer of its own, with the places that it cites.

    Args:
        analysis: The analysis.
        title: What it is called, which a part without a heading of its own answers.
    """
    whole = replace(as_answer(analysis), question=analysis.question or title)
    answers = []
    for part in analysis.parts:
        numbers = {number for entry in part.entries for number in entry.sentence.citations}
        answers.append(
            replace(
                whole,
                question=part.heading or title,
                text="\n".join(_lines(part)),
                sentences=tuple(_on_one_line(_labelled(entry)) for entry in part.entries),
                citations=tuple(citation for citation in analysis.citations if citation.n in numbers),
            )
        )
    return answers or [whole]


def _on_one_line(sentence: AnswerSentence) -> AnswerSentence:
    """Of a row, what stands over it apart from it; exports have no other way to."""
    return replace(sentence, text=sentence.text.replace("\n", " / "))


def _lines(part: Part) -> list[str]:
    return [f"• {_labelled(entry).text}" for entry in part.entries]


def _labelled(entry: Entry, before: str = "") -> AnswerSentence:
    """The statement with what it belongs to before it."""
    said = entry.sentence.text.casefold().startswith(f"{entry.label.casefold()}:")  # a line of a form, say
    return entry.sentence.behind(f"{before}{entry.label}: " if entry.label and not said else before)
