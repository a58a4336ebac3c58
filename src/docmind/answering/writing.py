"""Write: borrow the engine that suits the question, fit the passages into its window, and have it write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, field

from llama_index.core.schema import BaseNode

from docmind.answering.budget import Budget, budget_for, within
from docmind.answering.context import fit_prompt
from docmind.answering.events import Event, LeftOut, LoadingModel, Parts, Token
from docmind.answering.evidence import most_telling
from docmind.answering.generation import Written, generate
from docmind.answering.grounding import Grounding
from docmind.answering.history import chat_so_far
from docmind.answering.shortening import Relevance, place_of, shared_words, without_duplicates
from docmind.answering.understanding import Understood
from docmind.current_engine import CurrentEngine
from docmind.engines import Engine
from docmind.engines.speed import Speed
from docmind.errors import EngineError
from docmind.records import AnswerStyle
from docmind.settings import Settings


@dataclass(frozen=True, slots=True)
class Writer:
    """The engine of an answer, in values that outlive it."""

    engine: str = ""
    model: str = ""
    device: str = ""
    context_window: int = 0
    speed: Speed | None = None
    leaves_machine: bool = False


@dataclass(slots=True)
class Draft:
    """What a model wrote, before anybody judges it.

    Attributes:
        writer: What wrote it.
        written: The text, the thoughts, when they arrived.
        passages: What the model was given, best first; none where it was not asked.
        prompt_tokens: Length of the prompt in the model's tokens.
        style: Whether the model wrote or quoted.
        budget: What it might have been given; None where it was not asked.
        parts: What the prompt was made of; None where there was none.
        prompt_limit: How long it might have been, in tokens.
        left_out: What was found and not read, or not whole.
    """

    writer: Writer = field(default_factory=Writer)
    written: Written = field(default_factory=Written)
    passages: tuple[BaseNode, ...] = ()
    prompt_tokens: int = 0
    style: AnswerStyle = "write"
    budget: Budget | None = None
    parts: Parts | None = None
    prompt_limit: int | None = None
    left_out: tuple[LeftOut, ...] = ()


def write(
    question: Understood,
    passages: Sequence[BaseNode],
    grounding: Grounding,
    current: CurrentEngine,
    settings: Settings,
    stopped: Callable[[], bool],
) -> Generator[Event, None, Draft]:
    """Have a model answer from as many of the passages, best first, as it reads in reasonable time.

    Yields:
        `LoadingModel` where another model is opened first, then what `generate` yields, less a quoting model's words.

    Raises:
        ContextWindowError: not even the question with one passage fits.
        EngineError: the model failed, or did nothing but think.
        DocMindError: what opening a model raises.
    """
    if model := current.model_to_open(thinking=question.thinking):
        yield LoadingModel(model)
    with current.lend(thinking=question.thinking) as engine:
        thinks = engine.options({"thinking": question.thinking}).thinking
        style = _style(settings, engine, thinks=thinks)
        budget = budget_for(settings, style, engine.context_window, engine.speed)
        draft = Draft(writer_of(engine), style=style, budget=budget)
        pinned = pinned_among(passages, question.pinned)
        distinct, duplicates = without_duplicates(passages, pinned)
        chosen = within(budget, distinct, engine.count_tokens, pinned)
        hint = most_telling(grounding.of(chosen) or grounding.evidence)
        history, older = chat_so_far(question.history)
        # Thoughts come before the answer and may take half the window at most.
        thoughts = min(settings.thinking_tokens, engine.context_window // 2) if thinks else 0
        prompt = fit_prompt(
            style,
            question.text,
            chosen,
            hint.text,
            engine,
            budget.answer_tokens + thoughts,
            thinking=question.thinking,
            history=history,
            pinned=pinned,
            relevance=_relevance(question.asks, grounding),
            length=settings.answer_length,
        )
        draft.passages, draft.prompt_tokens = prompt.passages, prompt.tokens
        draft.parts, draft.prompt_limit = prompt.parts, prompt.limit
        not_in_time = _beyond_the_budget(distinct, chosen, pinned, budget, settings)
        draft.left_out = (*duplicates, *(older if style == "write" else ()), *prompt.left_out, *not_in_time)
        for event in generate(engine, prompt, stopped, draft.written):
            # What a quoting model writes only points at a statement: its own letters are shown to nobody.
            if style == "write" or not isinstance(event, Token):
                yield event
    written = draft.written
    if written.thoughts and not (written.text.strip() or written.stopped):
        raise EngineError(
            f"The model thought for {written.tokens:,} tokens without coming to an answer. Raise "
            "DOCMIND_THINKING_TOKENS, or ask without thinking first."
        )
    return draft


def pinned_among(passages: Sequence[BaseNode], pinned: Collection[str]) -> frozenset[str]:
    """The ids of those passages that are pinned, by themselves or with their documents."""
    return frozenset(node.node_id for node in passages if node.node_id in pinned or node.ref_doc_id in pinned)


def _beyond_the_budget(
    found: Sequence[BaseNode],
    chosen: Sequence[BaseNode],
    pinned: Collection[str],
    budget: Budget,
    settings: Settings,
) -> list[LeftOut]:
    """The passages that were found and are more than the question may take, named."""
    why = f"the model is given {budget.passages} passages at most"
    if len(chosen) - sum(node.node_id in pinned for node in chosen) < budget.passages:
        why = f"more cannot be read in {settings.first_word_seconds:g} s"
    read = {node.node_id for node in chosen}
    return [LeftOut(place_of(node), "dropped", why) for node in found if node.node_id not in read]


def _relevance(question: str, grounding: Grounding) -> Relevance:
    """How near a sentence is to the question: as it was computed, or by the words that they share."""
    known = {(item.node.node_id, item.text): item.relevance for item in grounding.evidence}
    shared = shared_words(question)
    return lambda node, sentence: known.get((node.node_id, sentence), shared(node, sentence))


def writer_of(engine: Engine | None) -> Writer:
    """What an answer tells of its engine; of none, nothing."""
    if engine is None:
        return Writer()
    return Writer(
        engine=engine.engine_name,
        model=engine.model_name,
        device=engine.device,
        context_window=engine.context_window,
        speed=engine.speed,
        leaves_machine=engine.leaves_machine,
    )


def budget_of(settings: Settings, engine: Engine) -> Budget:
    """What an engine may be given to read for a question that needs no thinking, and how long it may write."""
    return budget_for(settings, _style(settings, engine, thinks=False), engine.context_window, engine.speed)


def _style(settings: Settings, engine: Engine, *, thinks: bool) -> AnswerStyle:
    if thinks:
        return "write"  # a quotation begun for the model would stand inside its thoughts
    return engine.best_style if settings.answer_style == "auto" else settings.answer_style
