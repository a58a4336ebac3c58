"""What a benchmark returns, and how it is shown: a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from docmind.bench.machine import Machine


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure aims at: at least or at most a value, in the figure's unit."""

    sense: Literal["<=", "<", ">="]
    value: float

    def reached_by(self, value: float) -> bool:
        """Whether a figure is there."""
        match self.sense:
            case "<=":
                return value <= self.value
            case "<":
                return value < self.value
            case ">=":
                return value >= self.value

    def __str__(self) -> str:
        return f"{self.sense} {_number(self.value)}"


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a figure can be trusted.

    Attributes:
        low: Smallest measurement, or lower end of the interval.
        median: Middle measurement; None for an interval.
        high: Largest measurement, or upper end of the interval.
        of: What these are: '3 runs', 'Wilson 95%'.
    """

    low: float
    median: float | None
    high: float
    of: str

    def __str__(self) -> str:
        middle = f" / {_number(self.median)}" if self.median is not None else ""
        return f"{_number(self.low)}{middle} / {_number(self.high)} ({self.of})"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `value` is None where it could not be measured, and `note` says why."""

    name: str
    value: float | None
    unit: str
    target: Target | None = None
    spread: Spread | None = None
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None where there is no target or no figure."""
        if self.target is None or self.value is None:
            return None
        return self.target.reached_by(self.value)


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of the measurements: how they are distributed, or bars in groups."""

    kind: Literal["histogram", "bars"]
    title: str
    axis: str
    series: Mapping[str, Sequence[float]]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What one benchmark found.

    Attributes:
        name: The benchmark.
        figures: What was measured, the figures with a target first.
        setting: What was measured on: model, sizes, how data was made.
        plots: Pictures to draw where a folder is given.
        details: One record per thing tried, for looking into; written where a folder is given.
    """

    name: str
    figures: tuple[Figure, ...]
    setting: Mapping[str, Any]
    plots: tuple[Plot, ...] = ()
    details: tuple[Mapping[str, Any], ...] = ()


def median_of(
    name: str, values: Sequence[float], unit: str, target: Target | None = None, *, of: str = "runs", note: str = ""
) -> Figure:
    """The median of some measurements, with their spread."""
    if not values:
        return Figure(name, None, unit, target, note=note or "nothing could be measured")
    middle = statistics.median(values)
    spread = Spread(min(values), middle, max(values), f"{len(values)} {of}")
    return Figure(name, middle, unit, target, spread, note)


def table(report: Report, setting: Mapping[str, Any], command: str) -> str:
    """A report for people."""
    rows = [("figure", "", "target", "reached", "min / median / max, or interval")]
    for figure in report.figures:
        value = "-" if figure.value is None else f"{_number(figure.value)} {figure.unit}".rstrip()
        reached = {None: "", True: "yes", False: "NO"}[figure.reached]
        spread = str(figure.spread) if figure.spread else ""
        note = f"{spread}; {figure.note}" if spread and figure.note else spread or figure.note
        rows.append((figure.name, value, str(figure.target or ""), reached, note))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [f"{report.name}  ({command})"]
    lines += [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip()
        for row in rows
    ]
    lines += [f"  {key}: {value}" for key, value in setting.items()]
    return "\n".join(lines) + "\n"


def document(
    report: Report, setting: Mapping[str, Any], command: str, machine: Machine, *, complete: bool = False
) -> dict[str, Any]:
    """A report as JSON values.

    Args:
        report: The report.
        setting: What it was measured on.
        command: How to measure it again.
        machine: Where it was measured.
        complete: Also what the plots are drawn from, and the details.
    """
    values: dict[str, Any] = {
        "name": report.name,
        "command": command,
        "figures": [
            {
                "name": figure.name,
                "value": figure.value,
                "unit": figure.unit,
                "target": str(figure.target) if figure.target else None,
                "reached": figure.reached,
                "spread": dataclasses.asdict(figure.spread) if figure.spread else None,
                "note": figure.note or None,
            }
            for figure in report.figures
        ],
        "setting": dict(setting),
        "machine": dataclasses.asdict(machine),
    }
    if complete:
        values["plots"] = [dataclasses.asdict(plot) for plot in report.plots]
        values["details"] = [dict(detail) for detail in report.details]
    return values


def _number(value: float) -> str:
    """Enough digits to compare, no more: three significant ones, and all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
