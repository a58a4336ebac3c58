"""What the measurements of an engine come to: figures with targets, a table, plots, and one JSON document."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from docmind.bench.memory_sampler import MemorySampler
from docmind.bench.report import Figure, Line, Plot, Report, Target, median_of, number
from docmind.bench.results import Measured, spread_of
from docmind.bench.timing import Pair
from docmind.engines import Engine
from docmind.models import Choice, starter_models

_SIZE_OF_TARGET = 4_096  # tokens of the prompt whose reading has a target
_GIB = 2**30
_AGAIN = "the same prompt again"
_MISSING = "not measured"


_OVERHEAD = Target("<=", 1.03)
_CARD_TARGET = Target("<=", 16)  # GiB: a card sold with 16 GB has that many
# What an engine aims at with the starter model on a processor of two cores.
_TARGETS: Mapping[str, Mapping[str, Target]] = {
    "openvino": {
        "decode": Target(">=", 100),
        "prefill": Target(">=", 1_000),
        "repeat": Target("<=", 0.1),
        "five users": Target(">=", 1.5),
    },
    "vllm": {"five users": Target(">=", 4)},
}


def engine_report(
    engine: Engine,
    choice: Choice,
    sampler: MemorySampler,
    measured: Sequence[Measured],
    pairs: Sequence[Pair],
    uncompared: str = "",
) -> Report:
    """The report.

    Args:
        engine: What was measured.
        choice: How it was opened.
        sampler: How its memory was measured.
        measured: Every scenario.
        pairs: The engine compared with its bare library.
        uncompared: Why there are none; '' where there are.
    """
    # vLLM's form of a starter lies in a folder whose name goes on.
    starter = engine.model_name.startswith(tuple(model.name for model in starter_models()))
    aims = _TARGETS.get(engine.engine_name, {}) if starter and not sampler.on_card else {}
    by_name = {each.scenario.name: each for each in measured}
    long, again = by_name["long answer"].values(), by_name[_AGAIN].values()
    ratios = [pair.time for pair in pairs]
    figures = [
        median_of("decode, long answer", long["decode_tokens_per_second"], "tokens/s", aims.get("decode")),
        *(_prefill(each, aims.get("prefill")) for each in measured if each.scenario.kind == "prefill"),
        median_of(
            f"first token of a repeated prompt ({by_name[_AGAIN].scenario.prompt_tokens:,} tokens)",
            again["first_token_seconds"], "s", aims.get("repeat"),
        ),
        *_gains(measured, aims.get("five users")),
        median_of("engine over its bare library, time of a token", ratios, "x", _OVERHEAD, of="pairs", note=uncompared),
        median_of(
            "the same in processor time", [pair.work for pair in pairs if pair.work is not None], "x", of="pairs",
            note="a busy machine disturbs it less" if pairs else uncompared,
        ),
        *_card_memory(sampler, measured),
    ]  # fmt: skip
    return Report(
        f"engine-{engine.engine_name}" + ("-cuda" if sampler.on_card else ""),
        figures=tuple(figures),
        setting=_setting(engine, choice, sampler),
        plots=_plots(measured, f"{engine.model_name} in {engine.engine_name}"),
        rows=_rows(measured),
        values={
            "engine": engine.engine_name,
            "model": engine.model_name,
            "hardware": {"device": engine.device},
            "versions": {},
            "scenarios": [_entry(each) for each in measured],
            "overhead": {"wrapped_over_raw": spread_of(ratios)},
        },
    )


def _prefill(measured: Measured, target: Target | None) -> Figure:
    size = measured.scenario.prompt_tokens
    speeds = measured.values()["prefill_tokens_per_second"]
    return median_of(f"prefill of {size:,} tokens", speeds, "tokens/s", target if size == _SIZE_OF_TARGET else None)


def _card_memory(sampler: MemorySampler, measured: Sequence[Measured]) -> list[Figure]:
    """The memory of the card, for an engine that computes on one."""
    if not sampler.on_card:
        return []
    peaks = [each.values()["peak_memory_bytes"] for each in measured]
    most = max((peak for each in peaks for peak in each), default=None)
    note = _MISSING if most is None else "DOCMIND_GPU_MEMORY_SHARE limits it"
    return [
        Figure("memory of the card, at most", None if most is None else most / _GIB, "GiB", _CARD_TARGET, note=note)
    ]


def _setting(engine: Engine, choice: Choice, sampler: MemorySampler) -> Mapping[str, Any]:
    setting = {
        "engine": f"{engine.engine_name} on {engine.device}",
        "model": engine.model_name,
        "window": f"{engine.context_window:,} tokens, KV cache {choice.cache_type}",
        "answers at once": engine.parallel_answers,
        "memory": sampler.of,
    }
    return {**setting, "note": engine.note} if engine.note else setting


def _entry(measured: Measured) -> dict[str, Any]:
    scenario = measured.scenario
    figures = {name: spread_of(values) for name, values in measured.values().items()}
    return {
        "name": scenario.name,
        "users": scenario.users,
        "runs": len(measured.rounds),
        "answer_tokens_asked": scenario.answer_tokens,
        **figures,
    }


def _gains(measured: Sequence[Measured], five: Target | None) -> list[Figure]:
    """What all users together get over one alone, run by run."""
    several = {each.scenario.users: each for each in measured if each.scenario.kind == "users"}
    if 1 not in several:
        return []
    alone = several[1].values()["total_tokens_per_second"]
    gains = []
    for users, each in several.items():
        if users > 1:
            ratios = [
                total / one for total, one in zip(each.values()["total_tokens_per_second"], alone, strict=True) if one
            ]
            gains.append(median_of(f"{users} users' total over one user's", ratios, "x", five if users == 5 else None))
    return gains


def _rows(measured: Sequence[Measured]) -> tuple[tuple[str, ...], ...]:
    header = (
        "scenario", "users", "prompt", "answer", "first token (s)", "prefill tok/s", "decode tok/s", "total tok/s",
        "memory (GiB)",
    )  # fmt: skip
    return (header, *(_row(each) for each in measured))


def _row(measured: Measured) -> tuple[str, ...]:
    scenario, written = measured.scenario, measured.median("completion_tokens")
    short = written is not None and written < scenario.answer_tokens  # models end when they think they are done
    cached = "from cache" if scenario.kind == "repeat" else _MISSING
    return (
        scenario.name,
        str(scenario.users),
        _shown(measured, "prompt_tokens"),
        _shown(measured, "completion_tokens") + (f" of {scenario.answer_tokens}" if short else ""),
        _shown(measured, "first_token_seconds"),
        _shown(measured, "prefill_tokens_per_second", missing=cached),
        _shown(measured, "decode_tokens_per_second"),
        _shown(measured, "total_tokens_per_second"),
        _shown(measured, "peak_memory_bytes", per=_GIB),
    )


def _shown(measured: Measured, name: str, *, per: float = 1, missing: str = _MISSING) -> str:
    value = measured.median(name)
    return missing if value is None else number(value / per)


def _plots(measured: Sequence[Measured], title: str) -> tuple[Plot, ...]:
    sizes = {each.median("prompt_tokens") or 0.0: each for each in measured if each.scenario.kind == "prefill"}
    several = {float(each.scenario.users): each for each in measured if each.scenario.kind == "users"}
    wait = {"a new prompt": _line(sizes, "first_token_seconds")}
    reading = {"a new prompt": _line(sizes, "prefill_tokens_per_second")}
    writing = {
        "all of them together": _line(several, "total_tokens_per_second"),
        "each of them": _line(several, "decode_tokens_per_second"),
    }
    length, speed = "tokens in the prompt", "tokens a second"
    return (
        Plot("lines", f"Waiting for the first token: {title}", "seconds", lines=wait, across=length),
        Plot("lines", f"Reading: {title}", speed, lines=reading, across=length),
        Plot("lines", f"Writing for several users: {title}", speed, lines=writing, across="users at once"),
    )


def _line(measured: Mapping[float, Measured], name: str) -> Line:
    """The medians over some places, with lowest and highest; places without a figure are left out."""
    known = {place: values for place, each in measured.items() if (values := each.values()[name])}
    return Line(
        places=tuple(known),
        middle=tuple(statistics.median(values) for values in known.values()),
        low=tuple(min(values) for values in known.values()),
        high=tuple(max(values) for values in known.values()),
    )
