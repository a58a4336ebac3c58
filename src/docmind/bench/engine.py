"""How fast an engine reads and writes, for one user and for several."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from llama_index.core.base.llms.types import ChatMessage

from docmind.bench.engine_report import engine_report
from docmind.bench.memory_sampler import MemorySampler, cards_used, sampler_of
from docmind.bench.report import Report
from docmind.bench.results import Measured
from docmind.bench.scenarios import Plan, Scenario, scenarios, words_for
from docmind.bench.timing import Pair, ask_together
from docmind.engines import PRECISE, Engine, open_engine
from docmind.engines.trial import ask_once, prompt
from docmind.errors import ContextWindowError
from docmind.models import Choice, choose
from docmind.settings import Settings

Progress = Callable[[str, int, int], None]
Compare = Callable[[Engine, Choice, Plan], tuple[tuple[Pair, ...], str]]

_WARM_UP = 32  # tokens
_FIRST_NUMBER = 1_000  # all of one length, so that prompts are too


def bench_engine(
    settings: Settings,
    plan: Plan | None = None,
    progress: Progress = lambda *_: None,
    compare: Compare = lambda *_: ((), "compared with its library in a checkout only"),
) -> Report:
    """Measure the engine and the model of the settings.

    Args:
        settings: What to open; 'auto' takes the best that is here.
        plan: How much to measure.
        progress: Told what is being measured, how many measurements are done and how many there are in all.
        compare: Compares the engine with its bare library, or says why not.

    Raises:
        ModelNotFoundError: the model is missing.
        MissingExtraError: the engine's package is not installed.
        EngineError: it failed while it was measured.
    """
    plan = plan or Plan()
    used_before = cards_used()
    choice = choose(settings)
    engine = open_engine(settings, choice)
    try:
        sampler = sampler_of(used_before, elsewhere=choice.device == "server")
        measured = measure(engine, sampler, plan, progress)
        return engine_report(engine, choice, sampler, measured, *compare(engine, choice, plan))
    finally:
        engine.close()


def measure(
    engine: Engine, sampler: MemorySampler, plan: Plan, progress: Progress = lambda *_: None
) -> tuple[Measured, ...]:
    """Every scenario of a plan on an open engine, which is warmed up before.

    Raises:
        EngineError: it failed; a prompt that it refuses for its length only leaves its scenario unmeasured.
    """
    bench = _Bench(engine, sampler, plan, progress)
    bench.warm_up()
    return bench.measure()


class _Bench:
    """An engine, and prompts that it has not seen."""

    def __init__(self, engine: Engine, sampler: MemorySampler, plan: Plan, progress: Progress) -> None:
        self._engine = engine
        self._sampler = sampler
        self._plan = plan
        self._progress = progress
        self._numbers = itertools.count(_FIRST_NUMBER)
        self._scenarios = scenarios(engine.context_window, plan)
        self._done = itertools.count(1)
        self._words: dict[int, int] = {}

    def prompt(self, tokens: int) -> list[ChatMessage]:
        """A new prompt of so many tokens; 0 for a short one."""
        if tokens not in self._words:
            self._words[tokens] = words_for(tokens, self._count, next(self._numbers))
        return prompt(next(self._numbers), self._words[tokens])

    def warm_up(self) -> None:
        """Have libraries and kernels loaded, as after any user's first question."""
        smallest = min((each.prompt_tokens for each in self._scenarios if each.kind == "prefill"), default=0)
        for tokens in (0, smallest):
            ask_once(self._engine, self.prompt(tokens), _WARM_UP)

    def measure(self) -> tuple[Measured, ...]:
        """All scenarios: one after the other, but those of several users in turns, because they are compared."""
        together = [each for each in self._scenarios if each.kind == "users"]
        alone = [each for each in self._scenarios if each.kind != "users"]
        measured = [self._several(each, self._plan.runs) for each in alone]
        turns = [[self._several(each, 1) for each in together] for _ in range(self._plan.runs)]
        return (*measured, *(Measured.joined(same) for same in zip(*turns, strict=True)))

    def _several(self, scenario: Scenario, runs: int) -> Measured:
        try:
            return self._all_runs(scenario, runs)
        except ContextWindowError:  # some devices read shorter prompts than their window: an NPU with its profile
            return Measured(scenario, (), ())

    def _all_runs(self, scenario: Scenario, runs: int) -> Measured:
        if scenario.kind != "repeat":
            return Measured.joined([self._once(scenario, self._prompts(scenario)) for _ in range(runs)])
        again = [self.prompt(scenario.prompt_tokens)]
        ask_once(self._engine, again[0], scenario.answer_tokens)
        return Measured.joined([self._once(scenario, again) for _ in range(runs)])

    def _once(self, scenario: Scenario, prompts: Sequence[Sequence[ChatMessage]]) -> Measured:
        with self._sampler.sampling() as seen:
            answered = ask_together(self._engine, prompts, scenario.answer_tokens)
        self._progress("measuring", next(self._done), len(self._scenarios) * self._plan.runs)
        return Measured(scenario, (answered,), (max(seen, default=None),))

    def _prompts(self, scenario: Scenario) -> list[list[ChatMessage]]:
        return [self.prompt(scenario.prompt_tokens) for _ in range(scenario.users)]

    def _count(self, messages: Sequence[ChatMessage]) -> int:
        return self._engine.prepare(messages, max_tokens=_WARM_UP, sampling=PRECISE).tokens
