"""Remember: an answer is kept, and given again to the same question while everything it rests on is as it was.

What it rests on is told at the beginning, when the question is looked for, and looked at again before the answer is
kept: where a document changed while it was written, it is not.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from docmind.answering.cache import AnswerCache, Embedding, Scope
from docmind.answering.events import Answer, FromCache
from docmind.answering.follow_up import leans_on_history
from docmind.answering.question import Question
from docmind.answering.stored import from_stored, to_stored
from docmind.answering.understanding import Understood
from docmind.errors import DocMindError, ModelNotFoundError
from docmind.models import choose, find_reranker
from docmind.models.weights import weights_if_known
from docmind.storage.versions import state_of
from docmind.workspace import Workspace

_PACKAGE = Path(__file__).parent.parent
_ALL = "*"  # in place of the ids of documents, where all are asked
# Settings that no answer depends on. Whatever else there is, or comes, belongs to the circumstances of an answer.
_ELSEWHERE = {
    "data_dir", "models_dir", "gpu_memory_share", "server_key", "allow_remote_server", "keep_alive", "qdrant_key",
    "embed_batch_size", "max_file_mib", "parse_seconds", "parse_memory_mib", "fetch_writer", "port", "kv_cache_gib",
    "cache", "cache_entries", "cache_days",
}  # fmt: skip

# Words that point back into a chat, at least where there is one.
_LEANS = re.compile(
    r"^(?:and|but|or|so|also|then|what about|how about)\b"
    r"|\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|same|ones?|former|latter)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What an answer rests on, besides the words of its question.

    Attributes:
        documents: The ids that were asked, as JSON; '*' for all.
        state: A digest of their versions.
        engine: What is to answer.
        model: With which model.
        weights: What identifies its weights, because another may come under the same name; '' where nobody knows.
        rest: A digest of whatever else decides how the answer turns out.
    """

    documents: str
    state: str
    engine: str
    model: str
    weights: str
    rest: str


def ground_of(workspace: Workspace, question: Question, understood: Understood) -> Ground | None:
    """What an answer to a question would rest on now; None where nothing is to be remembered."""
    if not workspace.settings.cache:
        return None
    current = workspace.current_engine
    if engine := current.if_open:
        engine_name, model_name, weights = engine.engine_name, engine.model_name, engine.weights
    else:
        try:
            choice = choose(current.settings, current.hardware)
        except DocMindError:  # the question meets it too, where it matters
            return None
        engine_name, model_name, weights = choice.engine, choice.model_name, weights_if_known(choice.path)
    settings = current.settings.model_dump(mode="json", exclude=_ELSEWHERE)
    chat = [asdict(turn) for turn in question.history] if _leans(understood) else []
    circumstances = [
        version_of(_PACKAGE),
        settings,
        understood.thinking,
        chat,
        understood.pinned,
        understood.evenly,
        workspace.catalog.fact("embedder"),
        workspace.catalog.index.fingerprint,
        _reranker(workspace),
    ]
    # What is pinned may lie outside the documents asked.
    documents = _ALL if understood.scope is None or understood.pinned else json.dumps(sorted(set(understood.scope)))
    return Ground(documents, _state(workspace, documents), engine_name, model_name, weights, _digest(circumstances))


def _reranker(workspace: Workspace) -> str:
    """The model that decides which passages are read first, where there is one: another may have come since."""
    try:
        found = find_reranker(workspace.settings)
    except ModelNotFoundError:  # the answer says so
        return ""
    return found.name if found else ""


def _leans(question: Understood) -> bool:
    """Whether a question took something from the chat before it, or would have needed to."""
    return question.asked_as is not None or leans_on_history(question.asked) or bool(_LEANS.search(question.text))


def recall(workspace: Workspace, question: Understood, ground: Ground, started: float) -> Answer | None:
    """The answer that was kept for this question, if any.

    Args:
        workspace: The open library.
        question: What is asked; the text that stands alone is what is looked for.
        ground: What an answer would rest on now.
        started: When it was asked (`time.perf_counter`).
    """
    answers = kept_answers(workspace)
    kept = answers.get(question.text, scope_of(ground))
    if kept is None:
        answers.count(hit=False)
        return None
    values = json.loads(kept)
    answer = from_stored(values["answer"])
    if not isinstance(answer, Answer):
        return None
    took = time.perf_counter() - started
    saved = max(0.0, answer.total_seconds - took)
    answers.count(hit=True, seconds_saved=saved)
    return replace(
        answer,
        question=question.asked,
        asked_as=question.asked_as,
        retrieve_seconds=0.0,
        first_token_seconds=None,
        tokens_per_second=None,
        total_seconds=round(took, 4),
        from_cache=FromCache(answer.asked_as or answer.question, values["kept"], round(saved, 2)),
    )


def remember(workspace: Workspace, question: str, ground: Ground, answer: Answer) -> bool:
    """Keep an answer that was found, whole and proved, unless a document changed while it was written."""
    if answer.stopped or not answer.found or not answer.citations:
        return False
    engine = workspace.current_engine.if_open
    wrote = engine is not None and (engine.engine_name, engine.model_name) == (answer.engine, answer.model)
    weights = engine.weights if engine and wrote else ground.weights
    actual = replace(ground, engine=answer.engine, model=answer.model, weights=weights)
    text = json.dumps({"kept": time.time(), "answer": to_stored(answer)}, ensure_ascii=False)
    return kept_answers(workspace).put(
        question, scope_of(actual), text, lambda: _state(workspace, ground.documents) == ground.state
    )


def forget_stale(workspace: Workspace) -> None:
    """Delete the answers that rest on documents which have changed; call it whenever one has.

    Raises:
        LibraryError: they cannot be deleted.
    """
    kept_answers(workspace).drop_where(_changes(workspace))


def _changes(workspace: Workspace) -> Callable[[str, str], bool]:
    """A function that says whether documents are in another state now; it looks once for each choice of documents."""
    now: dict[str, str] = {}

    def changed(documents: str, state: str) -> bool:
        if documents not in now:
            now[documents] = _state(workspace, documents)
        return now[documents] != state

    return changed


def kept_answers(workspace: Workspace) -> AnswerCache:
    """The library's cache; it is opened when something is looked for."""
    return workspace.keep(AnswerCache, lambda: _open(workspace))


def _open(workspace: Workspace) -> AnswerCache:
    def embedding() -> Embedding:
        name, dimensions = workspace.catalog.fact("embedder"), workspace.catalog.fact("dimensions")
        return Embedding(
            name or "none",
            int(dimensions or 1),
            # The model itself is opened when the first question is compared: dropping answers needs none.
            lambda text: workspace.embedder.model.get_query_embedding(text),  # noqa: PLW0108 - late on purpose
            lambda texts: workspace.embedder.count_tokens(texts),  # noqa: PLW0108
        )

    settings = workspace.settings
    return AnswerCache(
        settings.data_dir / "cache",
        embedding,
        settings.cache_entries,
        settings.cache_days,
        lambda documents, state: _state(workspace, documents) != state,
    )


def scope_of(ground: Ground) -> Scope:
    """What an answer rests on, as the cache knows it."""
    circumstances = [ground.engine, ground.model, ground.weights, ground.rest, ground.documents]
    return Scope(ground.documents, ground.state, _digest(circumstances))


def _state(workspace: Workspace, documents: str) -> str:
    return state_of(workspace.catalog, None if documents == _ALL else json.loads(documents))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


@cache
def version_of(package: Path) -> str:
    """A digest of the code that answers: its prompts, its checks. Nobody has to count versions, nor may forget to.

    Args:
        package: The folder of DocMind's code.
    """
    digest = hashlib.sha256()
    read = [package / name for name in ("dates.py", "sentences.py", "tables.py")]
    files = [*read, *(package / "answering").rglob("*"), *(package / "retrieval").rglob("*.py")]
    for file in sorted(files):
        if file.suffix in (".py", ".txt"):
            digest.update(file.read_bytes())
    return digest.hexdigest()
