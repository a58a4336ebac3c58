"""Map-reduce: a model reads a document part by part, then what it wrote of the parts; every statement is proved.

A statement that nothing in its part supports is left out and counted. A part of which nothing is left speaks for
itself, by its key sentence, and so does every tenth of the document that no statement comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from docmind.answering.evidence import Evidence
from docmind.answering.whole.analysis import Entry, Part, Progress
from docmind.answering.whole.condense import key_sentences
from docmind.answering.whole.dictation import EndedByUser, Tally, dictate
from docmind.answering.whole.places import Places
from docmind.answering.whole.plan import Plan, keep_plan, longest_answer, longest_prompt, prompt_tokens
from docmind.answering.whole.prompts import part_text, statements_text, task, whole_text
from docmind.answering.whole.prove import items, prove, prove_items, statements
from docmind.answering.whole.quoting import LONG, items_of, listed, tenth_words, topic
from docmind.answering.whole.reading import Source
from docmind.answering.whole.request import Request
from docmind.checking import Checker
from docmind.embeddings import Embedder
from docmind.engines import Engine
from docmind.storage.analyses import Analyses

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Desk:
    """What writing about a document takes.

    Attributes:
        engine: The model.
        embedder: Compares meanings.
        threshold: Score (0 to 1) from which a statement is supported.
        checker: A model that is asked too, where there is one.
        kept: Where what was written lies.
        stopped: Whether the user ended it.
        tally: Counts what is read and written.
        places: Numbers the citations.
    """

    engine: Engine
    embedder: Embedder
    threshold: float
    checker: Checker | None
    kept: Analyses
    stopped: Callable[[], bool]
    tally: Tally
    places: Places


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it.

    Attributes:
        parts: The statements under their headings.
        left_out: How many were left out.
        said: Whether the model wrote anything of it.
    """

    parts: tuple[Part, ...]
    left_out: int
    said: bool


def in_full(request: Request, source: Source, plan: Plan, desk: Desk) -> Generator[Progress, None, Written]:
    """The model reads all of the document in one prompt, in order, with page marks.

    Raises:
        EndedByUser, EngineError: see `dictate`.
    """
    text = whole_text(_title(source), source.passages)
    wanted = task(request.kind, plan.part_statements, request.question, part=False)
    entries, left_out, said = yield from _written(
        request,
        desk,
        source,
        text,
        wanted,
        plan.part_statements,
        source.evidence,
        Progress("The model reads all of it", 0, 1),
    )
    keep_plan(desk.kept, source.document.id, desk.engine, request, plan)
    covered = _with_every_tenth((Part("", tuple(entries)),), source, desk.places, request)
    return Written(covered, left_out, said)


def condensed(request: Request, source: Source, plan: Plan, desk: Desk) -> Generator[Progress, None, Written]:
    """The model reads the key sentences part by part, then what it wrote of the parts.

    Raises:
        EndedByUser, EngineError: see `dictate`.
    """
    steps = plan.parts + bool(plan.summary_statements)
    groups = _groups(request, source, plan)
    parts: list[Part] = []
    left_out, said = 0, False
    told: list[Evidence] = []
    for number, group in enumerate(groups):
        where = _where(source, group)
        wanted = task(request.kind, plan.part_statements, request.question, part=True)
        room = plan.part_statements if request.kind != "list" else max(6, len(group) // 2)
        read_from = partial(part_text, _title(source), where)
        sentences = _that_fit([source.evidence[place] for place in group], read_from, wanted, room, desk)
        text = read_from(sentences)
        entries, lost, said_here = yield from _written(
            request,
            desk,
            source,
            text,
            wanted,
            room,
            sentences,
            Progress("The model reads the key sentences", number, steps),
        )
        if number == 0:
            keep_plan(desk.kept, source.document.id, desk.engine, request, plan)
        left_out += lost
        said |= said_here
        if not entries and request.kind != "list":
            entries = [desk.places.quoted(_telling(sentences))]
        parts.append(Part(where, tuple(entries[: room if request.kind == "list" else plan.part_statements + 2])))
        told += sentences
    covered = _with_every_tenth(parts, source, desk.places, request)
    if not plan.summary_statements or len(groups) < 2:
        return Written(covered if request.kind == "summary" else _one(covered), left_out, said)
    told_of_parts = [entry.sentence.text for part in parts for entry in part.entries]
    wanted = task(request.kind, plan.summary_statements, request.question, part=False)
    read_again = partial(statements_text, _title(source))
    told_of_parts = _that_fit(told_of_parts, read_again, wanted, plan.summary_statements, desk)
    summary, lost, _ = yield from _written(
        request,
        desk,
        source,
        read_again(told_of_parts),
        wanted,
        plan.summary_statements,
        told,
        Progress("The model reads what it wrote", plan.parts, steps),
    )
    head = (Part("In short", tuple(summary)),) if summary else ()
    return Written((*head, *covered), left_out + lost, said)


def _written(
    request: Request,
    desk: Desk,
    source: Source,
    text: str,
    wanted: str,
    room: int,
    evidence: Sequence[Evidence],
    progress: Progress,
) -> Generator[Progress, None, tuple[list[Entry], int, bool]]:
    if desk.stopped():
        raise EndedByUser
    yield progress
    dictated = yield from dictate(
        desk.engine,
        text,
        wanted,
        longest_answer(room),
        desk.kept,
        source.document.id,
        desk.stopped,
        desk.tally,
        progress,
    )
    proved = partial(
        prove,
        evidence=evidence,
        embedder=desk.embedder,
        threshold=desk.threshold,
        places=desk.places,
        checker=desk.checker,
    )
    if request.kind != "list":
        lines = statements(dictated.text, cut_short=dictated.cut_short)
        return *proved(lines), bool(lines)
    lines = items(dictated.text, cut_short=dictated.cut_short)
    kind = items_of(topic(request.question))
    belong = [line for line in lines if kind is None or kind.search(line)]
    entries, left_out = prove_items(belong, evidence, desk.places, proved)
    return entries, left_out + len(lines) - len(belong), bool(lines)


def _that_fit(
    items: Sequence[Item], text_of: Callable[[Sequence[Item]], str], wanted: str, room: int, desk: Desk
) -> list[Item]:
    """What one prompt has room for: all of it, or where the window is small as much as fits, spread over all of it."""
    most = longest_prompt(desk.engine, room)
    chosen = list(items)
    while len(chosen) > 1 and (tokens := prompt_tokens(desk.engine, text_of(chosen), wanted, room)) > most:
        fewer = max(1, min(len(chosen) - 1, len(chosen) * most // tokens))
        chosen = [items[number * len(items) // fewer] for number in range(fewer)]
    return chosen


def _groups(request: Request, source: Source, plan: Plan) -> list[list[int]]:
    """The key sentences of each part, in reading order; of a list, those that are near to what it wants."""
    most = plan.parts * plan.part_sentences
    if request.kind == "list":
        chosen = listed(source, topic(request.question), most=most, near=0.7)
    else:
        chosen = key_sentences(source, most)
    size = -(-len(chosen) // max(1, plan.parts))
    return [chosen[begin : begin + size] for begin in range(0, len(chosen), max(1, size))]


def _where(source: Source, group: Sequence[int]) -> str:
    pages = [source.evidence[place].node.metadata.get("page") for place in group]
    known = [int(page) for page in pages if page]
    if not known:
        return ""
    return f"Page {known[0]}" if known[0] == known[-1] else f"Pages {known[0]} to {known[-1]}"


def _telling(sentences: Sequence[Evidence]) -> Evidence:
    """The sentence nearest to what all of them say."""
    return max(sentences, key=lambda item: sum(float(item.vector @ other.vector) for other in sentences))


def _with_every_tenth(parts: Sequence[Part], source: Source, places: Places, request: Request) -> tuple[Part, ...]:
    """The parts, with a key sentence of each tenth that nothing comes from; lists are of what there is."""
    if request.kind == "list":
        return tuple(parts)
    by_text = {item.text: tenth for item, tenth in zip(source.evidence, source.tenths, strict=True)}
    quotes = {
        citation.n: by_text.get(citation.quote)
        for citation in places.citations
        if citation.document_id == source.document.id
    }
    missing = [tenth for tenth in source.there() if tenth not in set(quotes.values())]
    if not missing or len(source.evidence) < LONG:
        return tuple(parts)
    best = {source.tenths[place]: place for place in key_sentences(source, 1)}

    def begins(part: Part) -> int:
        found = [quotes.get(number) for entry in part.entries for number in entry.sentence.citations]
        return min((tenth for tenth in found if tenth is not None), default=0)

    added = [
        (tenth, Part(tenth_words(source, tenth), (places.quoted(source.evidence[best[tenth]]),))) for tenth in missing
    ]
    return tuple(
        part for _, part in sorted([*((begins(part), part) for part in parts), *added], key=lambda pair: pair[0])
    )


def _one(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Several parts as one, without headings."""
    return (Part("", tuple(entry for part in parts for entry in part.entries)),)


def _title(source: Source) -> str:
    return source.document.title or source.document.name
