"""An engine compared with its bare library on the same model: what the engine's own work costs for each token."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from benchmarks.bare_openvino import open_bare
from benchmarks.processes import processor_seconds
from docmind.bench.scenarios import Plan
from docmind.bench.timing import Pair
from docmind.engines import PRECISE, Engine
from docmind.models import Choice, weight_bytes

_GIB = 2**30
_TWICE = 3  # times a model's size that must be free before it is opened a second time, since opening takes more
_FIRST_NUMBER, _COUNTED = 1_000, 24  # lines of the text that the engine and its library both go on with


def over_library(engine: Engine, choice: Choice, plan: Plan) -> tuple[tuple[Pair, ...], str]:
    """The engine compared with its library, or why it is not: the model is opened a second time for it."""
    if choice.path is None or (choice.engine, engine.device) != ("openvino", "CPU"):
        return (), "compared for OpenVINO on a processor only"
    if psutil.virtual_memory().available < _TWICE * weight_bytes(choice.path) + _GIB:
        return (), "there is not enough free memory to open the model twice"
    text = counting_text(_FIRST_NUMBER, _COUNTED)
    return wrapped_over_raw(engine, open_bare(choice), text, plan.pairs, plan.pair_tokens), ""


def counting_text(number: int, lines: int) -> str:
    """Numbers under each other, which every model goes on counting, whatever its chat template."""
    return "".join(f"{counted}\n" for counted in range(number, number + lines))


def wrapped_over_raw(
    engine: Engine, bare: Callable[[str, int], int], text: str, pairs: int, answer_tokens: int
) -> tuple[Pair, ...]:
    """Compare an engine with its bare library, pair by pair, the order turned from pair to pair.

    Args:
        engine: The engine.
        bare: The library alone on the same model: takes a prompt and the longest answer, returns the tokens written.
        text: What both go on writing; their caches know it before anything is timed.
        pairs: How many measurements.
        answer_tokens: Longest answer.
    """

    def wrapped() -> int:
        tokens = 0
        for response in engine.stream_complete(text, formatted=True, max_tokens=answer_tokens, sampling=PRECISE):
            tokens = int(response.additional_kwargs["tokens"])
        return tokens

    def raw() -> int:
        return bare(text, answer_tokens)

    found = []
    for number in range(-1, pairs):  # the first pair warms up
        if number % 2:
            alone, ours = _cost(raw), _cost(wrapped)
        else:
            ours, alone = _cost(wrapped), _cost(raw)
        if number >= 0:
            found.append(Pair(ours[0] / alone[0], ours[1] / alone[1] if alone[1] else None))
    return tuple(found)


def _cost(work: Callable[[], int]) -> tuple[float, float]:
    """Seconds, and seconds of the processor, for each token."""
    started, spent = time.perf_counter(), processor_seconds()
    tokens = max(1, work())
    return (time.perf_counter() - started) / tokens, (processor_seconds() - spent) / tokens
