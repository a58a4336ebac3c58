"""Answers that are kept, so that a run that was broken off goes on, and a repeated one is quick.

One is found again by question, history, documents and their versions, settings, model, and the code that answered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from llama_index.core.schema import BaseNode, TextNode

from docmind.answering.ask import ask
from docmind.answering.events import Answer, Retrieved
from docmind.answering.grounding import ground
from docmind.answering.question import Question
from docmind.answering.stored import from_stored, to_stored
from docmind.bench.code_version import code_version
from docmind.models.choose import choose
from docmind.settings import Settings
from docmind.workspace import Workspace

# Where a model lies and how the app is opened change no answer.
_OF_NO_MATTER = {"data_dir", "models_dir", "model", "fetch_writer", "port", "server_key", "qdrant_key", "max_file_mib"}


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, and what it was made from.

    Attributes:
        answer: What `ask` ended with.
        passages: The retrieved passages' texts, best first.
        nearest: The sentence nearest to the question: its text, and the figures of its relevance.
    """

    answer: Answer
    passages: tuple[str, ...]
    nearest: dict[str, Any]


class KeptAnswers:
    """Answers in a file of JSON lines; a line that was cut short by a crash is passed over.

    Args:
        path: The file, which need not exist.
        settings: What questions are asked with.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        values = settings.model_dump(mode="json", exclude=_OF_NO_MATTER)
        self._setting = [values, choose(settings).model_name, code_version()]
        self._known = dict(_lines(path)) if path.is_file() else {}

    def ask(self, workspace: Workspace, question: Question, documents: Sequence[str], *, again: bool) -> Asked:
        """Answer a question, or take the answer that was kept.

        Args:
            workspace: The library.
            question: What is asked.
            documents: The documents asked, with their versions: what the answer depends on.
            again: Ask even if it was answered before.
        """
        history = [asdict(turn) for turn in question.history]
        key = _hash(json.dumps([question.text, history, question.thinking, list(documents), self._setting]))
        if not again and (known := self._known.get(key)):
            answer = from_stored(known["answer"])
            if isinstance(answer, Answer):
                return Asked(answer, tuple(known["passages"]), known["nearest"])
        asked = _ask(workspace, question)
        kept = {"answer": to_stored(asked.answer), "passages": asked.passages, "nearest": asked.nearest}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            # A line of its own, even after one that a crash cut short.
            file.write(f"\n{json.dumps({'key': key, **kept}, ensure_ascii=False)}\n")
        self._known[key] = kept
        return asked


def _ask(workspace: Workspace, question: Question) -> Asked:
    found: tuple[BaseNode, ...] = ()
    answer: Answer | None = None
    for event in ask(workspace, question):
        if isinstance(event, Retrieved):
            found = tuple(item.node for item in event.passages)
        elif isinstance(event, Answer):
            answer = event
    assert answer is not None  # noqa: S101 - the last event by definition
    return Asked(answer, tuple(node.get_content() for node in found), _nearest(workspace, answer, found))


def _nearest(workspace: Workspace, answer: Answer, found: Sequence[BaseNode]) -> dict[str, Any]:
    """The sentence that was shown first, or is shown where nothing answers, and how near it is to the question."""
    shown = answer.preview or next(iter(answer.citations), None)
    node = next((node for node in found if shown and node.get_content() == shown.passage), None)
    if shown is None or node is None:
        return {}
    # The sentence alone: comparing all of them once more would take as long as most answers do.
    alone = TextNode(text=shown.quote, metadata=node.metadata)
    evidence = ground(answer.question, [alone], workspace.embedder).evidence
    best = max(evidence, key=lambda item: item.relevance, default=None)
    if best is None:
        return {"text": shown.quote}
    figures = {"relevance": best.relevance, "similarity": best.similarity, "shared": best.shared}
    return {"text": shown.quote, **{name: round(value, 3) for name, value in figures.items()}}


def _lines(path: Path) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            values = json.loads(line)
            found.append((values["key"], values))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
