"""An analysis: the finished result, every statement of it with its places in the documents."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.whole.request import Kind, Length


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement.

    Attributes:
        sentence: The statement and the citations that support it.
        label: What it belongs to: a date, a name, a document; '' where it stands by itself.
        count: In how many sentences a name stands, this one among them; 0 where nothing was counted.
    """

    sentence: AnswerSentence
    label: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Statements that belong together, under a heading; '' for none."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class AnalysedDocument:
    """A document as it was read: its id, name and bytes, and how many of its parts (of ten) are cited."""

    id: str
    name: str
    sha256: str
    pages: int | None
    tenths_cited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """Event, always the last: the finished analysis.

    Attributes:
        kind: What was asked for.
        length: How much of it.
        documents: What was read.
        parts: The result.
        citations: The places, numbered from 1.
        question: The user's words; '' where only a kind was chosen.
        left_out: Statements that a model wrote and nothing supports; they are not shown.
        notes: What the reader should know, in sentences.
        method: How the documents were read, in words.
        verbatim: Whether every statement is a sentence of a document, letter for letter, or a row beneath what stands
            over its table.
        prompt_tokens: Tokens that the model read, all prompts together.
        written_tokens: Tokens that it wrote.
        estimated_seconds: What was said before it started; None where nothing could be said.
        seconds: What it took.
        first_seconds: From handing the model its first text to its first word; None where it was not asked.
        engine: What wrote it; '' where no model was asked.
        model: Its model.
        device: What computed it.
        left_machine: Whether text went to another machine.
        made: When it was finished, in seconds since 1970.
    """

    kind: Kind
    length: Length
    documents: tuple[AnalysedDocument, ...]
    parts: tuple[Part, ...]
    citations: tuple[Citation, ...]
    question: str = ""
    left_out: int = 0
    notes: tuple[str, ...] = ()
    method: str = ""
    verbatim: bool = True
    prompt_tokens: int = 0
    written_tokens: int = 0
    estimated_seconds: float | None = None
    seconds: float = 0.0
    first_seconds: float | None = None
    engine: str = ""
    model: str = ""
    device: str = ""
    left_machine: bool = False
    made: float = field(default_factory=time.time)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All statements, in order."""
        return tuple(entry for part in self.parts for entry in part.entries)

    @property
    def nothing(self) -> str:
        """What to say where it holds no statement."""
        return " ".join(("Nothing of that kind was found in the documents.", *self.notes))

    @property
    def gist(self) -> str:
        """Its first statement; '' where there is none."""
        return next((entry.sentence.text for entry in self.entries), "")

    @property
    def title(self) -> str:
        """What it is, in words."""
        of = ", ".join(document.name for document in self.documents)
        kind = f"{self.length} summary" if self.kind == "summary" else self.kind
        return f"{kind.capitalize()}: {of}"


@dataclass(frozen=True, slots=True)
class Planned:
    """Event, before anything takes long: how the documents are read, in words, and the seconds it takes, if known."""

    method: str
    prompt_tokens: int
    written_tokens: int
    seconds: float | None

    @property
    def words(self) -> str:
        """All of it in a line: 'Read in full by the model · about 900 tokens to read and 300 to write · about 40 s'."""
        parts = [self.method]
        if self.prompt_tokens:
            parts.append(f"about {self.prompt_tokens:,} tokens to read and {self.written_tokens:,} to write")
        if self.seconds is not None:
            parts.append(f"about {duration(self.seconds)}")
        return " · ".join(parts)


def duration(seconds: float) -> str:
    """Seconds in words: '40 s', '3 min'."""
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"


@dataclass(frozen=True, slots=True)
class Progress:
    """Event: what is being done, in words, and how far it is."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Event, the last where the user ended it; what was read so far is kept, and the next run goes on from there."""
