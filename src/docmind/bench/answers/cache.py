"""Cache: which paraphrases are answered from it, which look-alikes wrongly, and how long a hit takes."""

from __future__ import annotations

import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from docmind.answering.ask import ask
from docmind.answering.cache import AnswerCache, Embedding, Scope
from docmind.answering.events import Answer
from docmind.answering.question import Question
from docmind.answering.remembering import ground_of, scope_of
from docmind.answering.understanding import understand
from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.bench.answers.look_alikes import look_alikes
from docmind.bench.answers.paraphrases import paraphrases
from docmind.bench.answers.run import Measured, Run, share
from docmind.bench.corpus import fill, library_settings, sample_questions, samples_folder
from docmind.bench.report import Plot, Target, median_of
from docmind.embeddings import Embedder, open_embedder
from docmind.workspace import Workspace

_QUESTIONS = 170
_FULL = 10_000  # answers among which a hit is timed
_NEIGHBOURS = 3  # other questions of the article, the nearest in meaning, whose answer is another
_TEXT = "x" * 5_000  # about what an answer with its citations takes
# Each is another text, whose vector is made anew.
_WAYS = ("{}?", "Please, {}", "Hello, {}", "Tell me, {}", "{} Thanks!")
_BATCH = 500

Kind = dict[str, Any]


def measure(run: Run) -> Measured:
    """Questions are kept, then asked in other words, then look-alikes of them; last, hits are timed among many."""
    questions = run.sample("cache")[: run.size(_QUESTIONS)]
    folder = run.folder / "cache"
    embedder = open_embedder(run.settings)
    shutil.rmtree(folder, ignore_errors=True)
    details = [*_paraphrased(run, questions, embedder, folder), *_mistaken(run, questions, embedder, folder)]
    seconds = _timed(run, folder)
    again = [each for each in details if each["part"] == "cache: the same question"]
    others = [each for each in details if each["part"] == "cache: another question"]
    wrong = [each for each in (*again, *others) if each["verdict"] == "wrong"]
    return Measured(
        (
            share("cache: paraphrases and repeats answered", _count(again, "hit"), len(again), Target(">=", 80)),
            share("cache: look-alikes answered", _count(others, "wrong"), len(others), Target("<=", 0.5)),
            share("cache: another answer than the question's", len(wrong), len(again) + len(others), Target("<=", 0.5)),
            median_of(
                f"cache: a hit among {_FULL:,} answers", seconds, "s", Target("<=", 0.05), of="hits",
                note="from the question to the answer, the question embedded",
            ),
        ),
        tuple(details),
        (_by_kind("Paraphrases answered from the cache", again, "hit"),
         _by_kind("Look-alikes answered from the cache", others, "wrong")),
    )  # fmt: skip


def _paraphrased(run: Run, questions: Sequence[EvaluationQuestion], embedder: Embedder, folder: Path) -> list[Kind]:
    """All questions are kept together; each is asked in other words."""
    cache, scope = _cache(embedder, folder / "paraphrases"), Scope("*", "all", "all")
    for number, each in enumerate(questions, start=1):
        cache.put(each.question, scope, each.id, lambda: True)
        run.progress("cache: keeping", number, len(questions))
    found = []
    for number, each in enumerate(questions, start=1):
        for kind, asked in paraphrases(each.question, each.id).items():
            given = cache.get(asked, scope)
            verdict = "missed" if given is None else "hit" if given == each.id else "wrong"
            found.append(_record("cache: the same question", kind, each.question, asked, verdict))
        run.progress("cache: paraphrases", number, len(questions))
    cache.close()
    return found


def _mistaken(run: Run, questions: Sequence[EvaluationQuestion], embedder: Embedder, folder: Path) -> list[Kind]:
    """Each question is kept in a scope of its own, where a question that only looks like it is asked."""
    articles: defaultdict[str, list[EvaluationQuestion]] = defaultdict(list)
    for each in run.data.questions:
        articles[each.document].append(each)
    near = _neighbours(questions, articles, embedder)
    cache, found = _cache(embedder, folder / "look-alikes"), []
    for number, each in enumerate(questions, start=1):
        scope = Scope("*", each.id, "all")
        cache.put(each.question, scope, each.id, lambda: True)
        made = [*look_alikes(each, articles[each.document]), *(("other question", other) for other in near[each.id])]
        for kind, asked in made:
            verdict = "missed" if cache.get(asked, scope) is None else "wrong"
            found.append(_record("cache: another question", kind, each.question, asked, verdict))
        run.progress("cache: look-alikes", number, len(questions))
    cache.close()
    return found


def _neighbours(
    questions: Sequence[EvaluationQuestion], articles: Mapping[str, Sequence[EvaluationQuestion]], embedder: Embedder
) -> dict[str, list[str]]:
    """For each question those about the same document that are nearest in meaning and have another answer."""
    found = {}
    vectors: dict[str, np.ndarray[Any, Any]] = {}
    for name in dict.fromkeys(each.document for each in questions):
        texts = [each.question for each in articles[name]]
        made = np.array(embedder.model.get_text_embedding_batch(texts), dtype=np.float32)
        vectors[name] = made / np.linalg.norm(made, axis=1, keepdims=True)
    for each in questions:
        article = articles[each.document]
        place = next(at for at, other in enumerate(article) if other.id == each.id)
        likeness = vectors[each.document] @ vectors[each.document][place]
        order = [article[at] for at in np.argsort(-likeness) if at != place]
        found[each.id] = [other.question for other in order if not _same_answer(each, other)][:_NEIGHBOURS]
    return found


def _same_answer(one: EvaluationQuestion, other: EvaluationQuestion) -> bool:
    """Whether an answer of one is part of an answer of the other, so that both may ask the same."""
    pairs = ((a.casefold(), b.casefold()) for a in one.answers for b in other.answers)
    return any(a in b or b in a for a, b in pairs)


def _timed(run: Run, folder: Path) -> list[float]:
    """Seconds of whole questions that are answered from a full cache, through `answering.ask`."""
    settings = library_settings(run.settings, folder / "full").model_copy(
        update={"cache": True, "cache_entries": 2 * _FULL, "engine": "extractive"}
    )
    with Workspace(settings) as workspace:
        fill(workspace, samples_folder())
        workspace.warm_up()
        embedder, chance = workspace.embedder, np.random.default_rng(1)
        others = {f"filler {number}": vector for number, vector in enumerate(_directions(chance, embedder.dimensions))}

        def embed(text: str) -> Sequence[float]:
            return others[text] if text in others else embedder.model.get_query_embedding(text)

        embedding = Embedding(embedder.name, embedder.dimensions, embed, embedder.count_tokens)
        cache = workspace.keep(
            AnswerCache, lambda: AnswerCache(settings.data_dir / "cache", lambda: embedding, 2 * _FULL, 1.0)
        )
        questions = [text for text in sample_questions() if _ask(workspace, text)[0].found]
        asked = Question(questions[0])
        ground = ground_of(workspace, asked, understand(asked, settings.thinking))
        assert ground is not None  # noqa: S101 - the cache is on and the engine needs no model
        fillers = list(others)[: _FULL - cache.statistics().entries]
        for begin in range(0, len(fillers), _BATCH):
            cache.put_all(dict.fromkeys(fillers[begin : begin + _BATCH], _TEXT), scope_of(ground))
            run.progress("cache: filling", begin, _FULL)
        assert cache.statistics().entries == _FULL  # noqa: S101 - nothing was evicted, and nothing failed
        hits = [_ask(workspace, way.format(text)) for way in _WAYS for text in questions]
    shutil.rmtree(folder, ignore_errors=True)
    return [seconds for answer, seconds in hits if answer.from_cache]


def _directions(chance: np.random.Generator, dimensions: int) -> list[list[float]]:
    return chance.normal(size=(_FULL, dimensions)).astype(np.float32).tolist()  # type: ignore[no-any-return]  # of numbers


def _ask(workspace: Workspace, question: str) -> tuple[Answer, float]:
    started = time.perf_counter()
    *_, answer = ask(workspace, question)
    assert isinstance(answer, Answer)  # noqa: S101 - the last event by definition
    return answer, time.perf_counter() - started


def _cache(embedder: Embedder, folder: Path) -> AnswerCache:
    embedding = Embedding(embedder.name, embedder.dimensions, embedder.model.get_query_embedding, embedder.count_tokens)
    return AnswerCache(folder, lambda: embedding, _FULL, 1.0)


def _record(part: str, kind: str, kept: str, asked: str, verdict: str) -> Kind:
    return {"part": part, "kind": kind, "kept": kept, "asked": asked, "verdict": verdict}


def _count(details: Sequence[Kind], verdict: str) -> int:
    return sum(each["verdict"] == verdict for each in details)


def _by_kind(title: str, details: Sequence[Kind], verdict: str) -> Plot:
    tried = Counter(str(each["kind"]) for each in details)
    found = Counter(str(each["kind"]) for each in details if each["verdict"] == verdict)
    return Plot(
        "bars", title, "% of questions", {verdict: [100 * found[kind] / tried[kind] for kind in tried]}, tuple(tried)
    )
