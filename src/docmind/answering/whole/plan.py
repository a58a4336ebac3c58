"""Plan: how documents are read for a request, and how long that takes on this machine, before it starts.

A writer reads all of a document where that fits its window, as `budget.py` fits prompts, and is read in reasonable
time. Otherwise it reads the key sentences, part by part, and then what it wrote of the parts. An engine that only
quotes is not asked at all.

The plan follows the engine's speed, which is measured anew in its first openings. So the plan of a run that has
written anything is kept with what it wrote, and made again when that run goes on: other parts would be other texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from docmind.answering.budget import answer_reserve, prompt_limit
from docmind.answering.whole.dictation import step_key
from docmind.answering.whole.prompts import messages, task
from docmind.answering.whole.request import Kind, Length, Request
from docmind.engines import Engine
from docmind.errors import LibraryError
from docmind.settings import Settings
from docmind.storage.analyses import Analyses

Method = Literal["quoted", "in full", "condensed"]

# What a model writes; of the other kinds rules find every instance, which a model would not.
WRITTEN: frozenset[Kind] = frozenset({"summary", "key points", "list"})
_IN_FULL_SECONDS = 120  # a longer wait for the first word wants a wish of its own
_PART_SECONDS = 6  # reading of one part
_PART_TOKENS = (600, 4_000)  # of its key sentences: at least and at most
_PARTS = 10
SENTENCE_TOKENS = 38  # of a key sentence with its place; measured on filings, which write the longest ones
_STATEMENTS: dict[Length, int] = {"short": 2, "detailed": 3}  # of each part
_SUMMARY: dict[Length, int] = {"short": 6, "detailed": 8}  # statements of the whole
_IN_FULL: dict[Length, int] = {"short": 7, "detailed": 16}
_STATEMENT_TOKENS = 45
_LONGER = 1.3  # times the usual length of a statement, which some need
_SEAM_TOKENS = 8  # a text and its instructions may be a few tokens more together than counted apart
_EMBEDDED_A_SECOND = 250  # sentences, on two cores; the embedding model reads them all


@dataclass(frozen=True, slots=True)
class Plan:
    """How one document is read.

    Attributes:
        method: By its own sentences, by the model in full, or by the model from key sentences.
        parts: Parts that the model reads one after the other; 0 where it reads none.
        part_sentences: Key sentences of each part.
        part_statements: Statements to write of each part, or of the whole where it is read in full.
        summary_statements: Statements of the whole, out of those of the parts; 0 for none.
        prompt_tokens: Tokens that the model reads, about.
        written_tokens: Tokens that it writes, about.
        seconds: How long that takes; None where the engine's speed is not known.
    """

    method: Method
    parts: int = 0
    part_sentences: int = 0
    part_statements: int = 0
    summary_statements: int = 0
    prompt_tokens: int = 0
    written_tokens: int = 0
    seconds: float | None = None


_AS_JSON = TypeAdapter(Plan)


def longest_answer(statements: int) -> int:
    """Tokens that so many statements may take; what is kept free for them is what they are asked with."""
    return int(statements * _STATEMENT_TOKENS * _LONGER)


def longest_prompt(engine: Engine, statements: int) -> int:
    """The longest prompt, in tokens, that so many statements are asked with."""
    reserve = answer_reserve(engine.context_window, longest_answer(statements))
    return prompt_limit(engine.context_window, reserve, engine.longest_prompt)


def prompt_tokens(engine: Engine, text: str, wanted: str, statements: int) -> int:
    """Tokens of the prompt that a text and a task become, instructions and the model's own marks included."""
    return engine.prepare(messages(text, wanted, engine.escape), max_tokens=longest_answer(statements)).tokens


def quoted(sentences: int) -> Plan:
    """The plan for a document of so many sentences that no model reads."""
    return Plan("quoted", seconds=round(sentences / _EMBEDDED_A_SECOND, 1))


def writes(settings: Settings, engine: Engine) -> bool:
    """Whether the engine is trusted with words of its own; the one without a model only quotes."""
    style = engine.best_style if settings.answer_style == "auto" else settings.answer_style
    return style == "write" and engine.model_name != "none"


def kept_plan(kept: Analyses, document_id: str, engine: Engine, request: Request) -> Plan | None:
    """The plan by which a model began to write about a document for such a request; None where it has not begun."""
    known = kept.step(document_id, _plan_key(engine, request))
    if known is None:
        return None
    try:
        return _AS_JSON.validate_json(known)
    except ValidationError:  # of another version of DocMind
        return None


def keep_plan(kept: Analyses, document_id: str, engine: Engine, request: Request, begun: Plan) -> None:
    """Keep the plan of a run that has written something, so that it goes on with the same parts.

    Without its time, which is estimated anew for each run.
    """
    lasting = replace(begun, seconds=None)
    kept.keep_step(document_id, _plan_key(engine, request), _AS_JSON.dump_json(lasting).decode())


def _plan_key(engine: Engine, request: Request) -> str:
    asked = f"plan: {request.kind}, {request.length}, {request.reading}, {request.question}"
    return step_key(engine.model_name, "", asked, 0)


def plan(
    request: Request, tokens: int, sentences: int, engine: Engine, settings: Settings, begun: Plan | None = None
) -> Plan:
    """The plan for one document.

    Args:
        request: What is asked.
        tokens: Length of the document in the model's tokens.
        sentences: How many sentences it has.
        engine: Its window and its speed decide.
        settings: Whether the engine may write.
        begun: The plan by which this was begun before; it holds while the document still fits.

    Raises:
        LibraryError: it is to be read in full, and does not fit.
        EngineError: the prompt cannot be counted.
    """
    embedding = sentences / _EMBEDDED_A_SECOND
    if request.kind not in WRITTEN or not writes(settings, engine):
        return quoted(sentences)
    wanted = task(request.kind, _IN_FULL[request.length], request.question, part=False)
    instructions = prompt_tokens(engine, "", wanted, _IN_FULL[request.length]) + _SEAM_TOKENS
    most = longest_prompt(engine, _IN_FULL[request.length]) - instructions
    fits = tokens <= most
    if request.reading == "in full" and not fits:
        raise LibraryError(
            f"The document has about {tokens:,} tokens and {engine.model_name} reads {max(0, most):,} at once, beside "
            "the question and its answer. Let its key sentences be read instead."
        )
    if begun and (fits or begun.method == "condensed"):
        return _timed(begun, engine, embedding)
    reading = tokens / engine.speed.reads if engine.speed else 0.0
    if fits and (request.reading == "in full" or (request.reading == "auto" and reading <= _IN_FULL_SECONDS)):
        full = Plan(
            "in full",
            parts=1,
            part_statements=_IN_FULL[request.length],
            prompt_tokens=tokens + instructions,
            written_tokens=_IN_FULL[request.length] * _STATEMENT_TOKENS,
        )
        return _timed(full, engine, embedding)
    return _timed(_condensed(request, sentences, engine, instructions), engine, embedding)


def _condensed(request: Request, sentences: int, engine: Engine, instructions: int) -> Plan:
    least, most = _PART_TOKENS
    quick = int(engine.speed.reads * _PART_SECONDS) if engine.speed else least
    room = longest_prompt(engine, _STATEMENTS[request.length])
    part_tokens = max(least, min(most, quick, room // 3))
    of_each = max(4, part_tokens // SENTENCE_TOKENS)
    parts = max(1, min(_PARTS, -(-sentences // of_each)))
    statements, summary = _STATEMENTS[request.length], _SUMMARY[request.length] * (request.kind == "summary")
    again = parts * statements * _STATEMENT_TOKENS + instructions if summary else 0
    return Plan(
        "condensed",
        parts=parts,
        part_sentences=of_each,
        part_statements=statements,
        summary_statements=summary,
        prompt_tokens=parts * (of_each * SENTENCE_TOKENS + instructions) + again,
        written_tokens=(parts * statements + summary) * _STATEMENT_TOKENS,
    )


def _timed(untimed: Plan, engine: Engine, embedding: float) -> Plan:
    speed = engine.speed
    if speed is None or not speed.writes:
        return untimed
    seconds = embedding + untimed.prompt_tokens / speed.reads + untimed.written_tokens / speed.writes
    return replace(untimed, seconds=round(seconds, 1))


def altogether(plans: Sequence[Plan]) -> float | None:
    """Seconds of several plans; None where one of them is not known."""
    known = [item.seconds for item in plans if item.seconds is not None]
    return round(sum(known), 1) if len(known) == len(plans) else None
