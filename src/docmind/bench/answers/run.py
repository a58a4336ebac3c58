"""A run: what every part of the benchmark is given, and the library that it asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docmind.answering.question import Question, Turn
from docmind.bench.answers.evaluation_set import EvaluationQuestion, EvaluationSet, shuffled
from docmind.bench.answers.keeping import Asked, KeptAnswers
from docmind.bench.corpus import Progress, kept_library
from docmind.bench.intervals import wilson
from docmind.bench.report import Figure, Plot, Spread, Target
from docmind.engines.options import best_style_for
from docmind.models.choose import choose
from docmind.models.facts import weight_bytes
from docmind.settings import Settings
from docmind.storage.catalog import Document
from docmind.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Measured:
    """What a part found: its figures, one record for each thing tried, and pictures where they tell more."""

    figures: tuple[Figure, ...]
    details: tuple[Mapping[str, Any], ...] = ()
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What a part is given.

    Attributes:
        settings: Engine, model and the rest, as the user set them.
        data: The documents, all of them, and the questions of the half that is measured.
        folder: Where libraries and answers are kept.
        wanted: How many things to try; None leaves it to the part.
        progress: Told how far it is.
    """

    settings: Settings
    data: EvaluationSet
    folder: Path
    wanted: int | None = None
    progress: Progress = lambda *_: None

    def size(self, default: int) -> int:
        """How many things to try."""
        return default if self.wanted is None else self.wanted

    def sample(self, purpose: str) -> list[EvaluationQuestion]:
        """The questions in the order of this purpose, one of each document in turn; take as many as are wanted."""
        return shuffled(self.data.questions, purpose)

    @property
    def quotes(self) -> bool:
        """Whether the engine quotes instead of writing, so that the targets of the small starter apply."""
        if self.settings.engine == "extractive" or self.settings.answer_style == "quote":
            return True
        if self.settings.answer_style == "write":
            return False
        path = choose(self.settings).path
        return path is not None and best_style_for(weight_bytes(path)) == "quote"

    def target(self, writer: Target | None, small: Target | None) -> Target | None:
        """The target that applies to the engine."""
        return small if self.quotes else writer

    @contextmanager
    def library(self, documents: Path | None = None, name: str = "library") -> Iterator[Library]:
        """An open library of all documents, or of those in another folder; kept for the next run.

        Args:
            documents: A folder of documents.
            name: Tells this library from others in the run's folder.
        """
        given = documents or self.data.folder
        with kept_library(self.settings, self.folder / name, given, self.progress) as (workspace, by_name):
            yield Library(workspace, by_name, KeptAnswers(self.folder / "answers.jsonl", self.settings))


class Library:
    """Documents that can be asked, and the answers that they gave before.

    Args:
        workspace: The open library.
        documents: Its documents, by the names that questions call them.
        kept: The answers.
    """

    def __init__(self, workspace: Workspace, documents: Mapping[str, Document], kept: KeptAnswers) -> None:
        self.workspace = workspace
        self._kept = kept
        self._documents = documents

    def text(self, name: str) -> str:
        """All that was read of a document."""
        return "\n\n".join(node.get_content() for node in self.workspace.store.chunks_of(self._documents[name].id))

    def ask(
        self, question: str, scope: Sequence[str] | None = None, history: Sequence[Turn] = (), *, again: bool = False
    ) -> Asked:
        """Answer a question, or say what was answered before by the same code, settings, model and documents.

        Args:
            question: What is asked.
            scope: Names of the documents to ask; None asks all.
            history: Earlier turns.
            again: Ask even if it was answered before.
        """
        chosen = list(self._documents.values()) if scope is None else [self._documents[name] for name in scope]
        ids = None if scope is None else tuple(each.id for each in chosen)
        versions = sorted(f"{each.name} {each.sha256}" for each in chosen)
        return self._kept.ask(self.workspace, Question(question, ids, tuple(history)), versions, again=again)


def share(name: str, hits: int, total: int, target: Target | None = None, note: str = "") -> Figure:
    """A share in percent with its Wilson interval; without anything tried, no figure."""
    if not total:
        return Figure(name, None, "%", target, note=note or "nothing could be tried")
    low, high = wilson(hits, total)
    spread = Spread(round(100 * low, 1), None, round(100 * high, 1), "Wilson 95%")
    counted = f"{hits} of {total}"
    return Figure(name, round(100 * hits / total, 1), "%", target, spread, f"{counted}; {note}" if note else counted)
