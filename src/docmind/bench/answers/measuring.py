"""Measure: every part that is asked for, on one half of the set or on both, in one report."""

from __future__ import annotations

import importlib
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from docmind.bench.answers.evaluation_set import Half, read_set
from docmind.bench.answers.run import Measured, Run
from docmind.bench.corpus import Progress
from docmind.bench.report import Figure, Plot, Report, number
from docmind.errors import SettingsError
from docmind.models.choose import choose
from docmind.settings import Settings

# What can be measured, and the module that does it, imported when it is asked for.
PARTS: Mapping[str, str] = {
    "answerable": "answerable",
    "follow-ups": "follow_ups",
    "near-miss": "near_miss",
    "absent": "absent",
    "other-scope": "other_scope",
    "checker": "checker",
    "cache": "cache",
    "multi-part": "multi_part",
    "whole": "whole",
}


_LONGEST_SIZE = 9  # digits of how many things to try


def bench_answers(
    settings: Settings,
    data: Path,
    *,
    parts: Sequence[str] = (),
    questions: int | None = None,
    half: Half | Literal["both"] = "all",
    out: Path | None = None,
    progress: Progress = lambda *_: None,
) -> Report:
    """Measure answers over an evaluation set.

    Args:
        settings: Engine, model and the rest; the libraries are the benchmark's own.
        data: The set; `evaluation_set.py` says its form.
        parts: What to measure, each a name or 'name=size'; nothing means everything.
        questions: Size of each part that names none itself.
        half: Which half of the documents is asked about; 'all' does not split, 'both' reports each half by itself.
        out: Where libraries and answers are kept, so that a run that broke goes on; None keeps nothing.
        progress: Told how far it is.

    Raises:
        SettingsError: the folder is not of that form, or there is no such part.
    """
    sizes = _sizes(parts, questions)
    whole = read_set(data)
    halves: tuple[Half, ...] = ("first", "second") if half == "both" else (half,)
    measured: dict[Half, list[Measured]] = {}
    with ExitStack() as stack:
        folder = out / "answers" if out else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for each in halves:
            run = Run(settings, whole.half(each), folder, progress=progress)
            if not run.data.questions:
                raise SettingsError(f"There is no question about the {each} half of the documents in {data}.")
            measured[each] = [_measure(part, replace(run, wanted=size)) for part, size in sizes.items()]
    choice = choose(settings)
    return Report(
        f"answers-{Path(choice.model_name).name.removesuffix('.gguf')}",
        figures=tuple(
            _named(figure, each, half) for each in halves for found in measured[each] for figure in found.figures
        ),
        setting={
            "engine": choice.engine,
            "model": choice.model_name,
            "data": f"{len(whole.documents)} documents, {len(whole.questions)} questions; {_HALVES[half]}",
            "parts": ", ".join(sizes),
        },
        plots=tuple(
            replace(plot, title=f"{plot.title} ({_HALVES[each]})")
            for each in halves
            for plot in (*_verdicts(measured[each]), *(plot for found in measured[each] for plot in found.plots))
        ),
        details=tuple(
            {"half": each, **detail} for each in halves for found in measured[each] for detail in found.details
        ),
        rows=_side_by_side(measured["first"], measured["second"]) if half == "both" else (),
    )


_HALVES = {
    "all": "all asked about",
    "first": "first half asked about",
    "second": "second half asked about",
    "both": "each half asked about by itself",
}


def _sizes(parts: Sequence[str], questions: int | None) -> dict[str, int | None]:
    sizes: dict[str, int | None] = {}
    for part in parts or PARTS:
        name, _, size = part.strip().partition("=")
        if name not in PARTS or (size and not _is_size(size)):
            raise SettingsError(
                f"`--parts {part}` cannot be measured. There are: {', '.join(PARTS)}; each may have a size of at least "
                f"1, as in {next(iter(PARTS))}=40."
            )
        sizes[name] = int(size) if size else questions
    return sizes


def _is_size(text: str) -> bool:
    return text.isdecimal() and len(text) <= _LONGEST_SIZE and int(text) >= 1


def _measure(part: str, run: Run) -> Measured:
    module: Any = importlib.import_module(f"docmind.bench.answers.{PARTS[part]}")
    found: Measured = module.measure(run)
    return found


def _named(figure: Figure, each: Half, half: str) -> Figure:
    return replace(figure, name=f"{figure.name} ({each} half)") if half == "both" else figure


def _verdicts(measured: Sequence[Measured]) -> list[Plot]:
    """What became of the questions of each part, where its records say a verdict."""
    counts = {
        str(details[0]["part"]): Counter(str(detail["verdict"]) for detail in details)
        for found in measured
        if (details := [detail for detail in found.details if "verdict" in detail and "part" in detail])
    }
    kinds = dict.fromkeys(verdict for counted in counts.values() for verdict in sorted(counted))
    series = {kind: [100 * counted[kind] / counted.total() for counted in counts.values()] for kind in kinds}
    return [Plot("bars", "What became of the questions", "% of questions", series, tuple(counts))] if counts else []


def _side_by_side(first: Sequence[Measured], second: Sequence[Measured]) -> tuple[tuple[str, ...], ...]:
    """The halves in two columns: what was only made right by looking at the first shows at once."""
    others = {figure.name: figure for found in second for figure in found.figures}
    rows = [("figure", "first half", "second half", "target")]
    rows += [
        (figure.name, _value(figure), _value(others.get(figure.name)), str(figure.target or ""))
        for found in first
        for figure in found.figures
    ]
    return tuple(rows)


def _value(figure: Figure | None) -> str:
    return "-" if figure is None or figure.value is None else f"{number(figure.value)} {figure.unit}".rstrip()
