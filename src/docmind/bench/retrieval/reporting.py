"""The report: each measure of the whole search with its interval, and beside it what each stage finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from docmind.bench.intervals import Values, bootstrap, wilson
from docmind.bench.report import Figure, Plot, Report, Spread, Target
from docmind.bench.retrieval.metrics import DEPTHS, RANKING_DEPTH, Ranks, measures
from docmind.bench.retrieval.stages import WHOLE

_TARGETS = {f"hit@{max(DEPTHS)}": Target(">=", 82.9)}
_OF_RANKING = ("MRR", "nDCG")  # told between 0 and 1, as everybody tells them; the others are shares, in per cent
_INTERVAL = "bootstrap 95%"
_STAR = "the 95% interval of the difference, a paired bootstrap, does not hold 0"


def report_of(
    found: Mapping[str, Sequence[Ranks]],
    setting: Mapping[str, Any],
    details: Sequence[Mapping[str, Any]],
    seconds: Sequence[float],
) -> Report:
    """The report of all questions.

    Args:
        found: Where each question's evidence stands, by stage, the questions in the same order in each.
        setting: What was measured on.
        details: One record for each question.
        seconds: What each question took from its words to its passages.
    """
    values = {stage: np.array([list(measures(each).values()) for each in ranks]) for stage, ranks in found.items()}
    names = list(measures(found[WHOLE][0]))
    shown = [name for name in names if not name.startswith("hit@")]
    stages = {stage: _figures(names, its, stage) for stage, its in values.items()}
    differences = {
        stage: _differences(names, its - values[WHOLE], stage) for stage, its in values.items() if stage != WHOLE
    }
    return Report(
        "retrieval",
        figures=tuple(sorted([*stages[WHOLE].values(), _time(seconds)], key=lambda figure: figure.target is None)),
        setting={**setting, **({"a star": _STAR} if differences else {})},
        plots=tuple(_plots(names, values)),
        details=tuple(details),
        rows=tuple(_rows(shown, stages, differences)) if differences else (),
        tabled=tuple(
            figure
            for by_stage in (stages, differences)
            for stage, figures in by_stage.items()
            if stage != WHOLE
            for figure in figures.values()
        ),
    )


def _time(seconds: Sequence[float]) -> Figure:
    """What a question takes, embedding, search and reranking together; the first opens what the others find open."""
    warm = [1000 * each for each in seconds[1:] or seconds]
    low, median, late, high = (float(np.percentile(warm, share)) for share in (0, 50, 99, 100))
    spread = Spread(round(low, 1), round(median, 1), round(high, 1), f"{len(warm)} questions")
    return Figure(
        "a warm question to its passages", round(median, 1), "ms", Target("<=", 60), spread, f"p99 {late:.1f} ms"
    )


def _figures(names: Sequence[str], values: Values, stage: str) -> dict[str, Figure]:
    """A figure for each measure, by the measure's name."""
    lows, highs = bootstrap(values)
    total = len(values)
    figures = {}
    for name, mean, low, high, column in zip(names, values.mean(axis=0), lows, highs, values.T, strict=True):
        ends, of, note = (low, high), _INTERVAL, ""
        if name.startswith("hit@"):
            hits = int(column.sum())
            ends, of, note = wilson(hits, total), "Wilson 95%", f"{hits} of {total}"
        spread = Spread(_told(name, ends[0]), None, _told(name, ends[1]), of)
        target = _TARGETS.get(name) if stage == WHOLE else None
        figures[name] = Figure(_named(name, stage), _told(name, mean), _unit(name), target, spread, note)
    return figures


def _differences(names: Sequence[str], values: Values, stage: str) -> dict[str, Figure]:
    """What a stage finds more than the whole search, by the measure's name; `values` are differences, a row each."""
    lows, highs = bootstrap(values)
    return {
        name: Figure(
            f"{_named(name, stage)}, less that of {WHOLE}", _told(name, mean), _unit(name), None,
            Spread(_told(name, low), None, _told(name, high), f"{_INTERVAL}, paired"),
        )
        for name, mean, low, high in zip(names, values.mean(axis=0), lows, highs, strict=True)
    }  # fmt: skip


def _rows(
    names: Sequence[str], stages: Mapping[str, Mapping[str, Figure]], differences: Mapping[str, Mapping[str, Figure]]
) -> list[tuple[str, ...]]:
    """Two tables in one: what each stage reaches, and how far it is from the whole search."""
    heading = ("", *(f"{name}, %" if _unit(name) else name for name in names))
    nothing = ("",) * len(names)
    return [
        heading,
        *((stage, *(_plain(name, figures[name].value) for name in names)) for stage, figures in stages.items()),
        ("", *nothing),
        (f"less {WHOLE}", *nothing),
        *((stage, *(_difference(name, figures[name]) for name in names)) for stage, figures in differences.items()),
    ]


def _plots(names: Sequence[str], values: Mapping[str, Values]) -> list[Plot]:
    total = len(values[WHOLE])
    means = {stage: dict(zip(names, its.mean(axis=0).tolist(), strict=True)) for stage, its in values.items()}
    plots = [
        Plot(
            "bars", f"Evidence among the first places found (n = {total})", "% of the evidence",
            {stage: [100 * its[f"recall@{depth}"] for depth in DEPTHS] for stage, its in means.items()},
            tuple(f"first {depth}" for depth in DEPTHS),
        )
    ]  # fmt: skip
    if len(values) > 1:
        ranking = [f"{name}@{RANKING_DEPTH}" for name in _OF_RANKING]
        plots.append(
            Plot(
                "bars", f"How far up the evidence stands (n = {total})", "0 to 1",
                {stage: [its[name] for name in ranking] for stage, its in means.items()}, tuple(ranking),
            )
        )  # fmt: skip
    return plots


def _named(name: str, stage: str) -> str:
    return name if stage == WHOLE else f"{stage}: {name}"


def _unit(name: str) -> str:
    return "" if name.startswith(_OF_RANKING) else "%"


def _told(name: str, value: float) -> float:
    """A measure between 0 and 1 in its unit, rounded."""
    return round(100 * float(value), 1) if _unit(name) else round(float(value), 3)


def _plain(name: str, value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}" if _unit(name) else f"{value:.3f}"


def _difference(name: str, figure: Figure) -> str:
    """A difference, with a star where its interval lies on one side of 0."""
    assert figure.value is not None and figure.spread is not None  # noqa: S101 - as `_differences` makes it
    sure = figure.spread.low > 0 or figure.spread.high < 0
    return f"{figure.value:+.{1 if _unit(name) else 3}f}{'*' if sure else ' '}"
