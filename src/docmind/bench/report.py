"""What a benchmark returns, and how it is shown: a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from docmind.bench.machine import Machine


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure aims at: at least or at most a value, in the figure's unit."""

    sense: Literal["<=", "<", ">="]
    value: float

    def reached_by(self, value: float) -> bool:
        """Whether a figure is there."""
        if self.sense == ">=":
            return value >= self.value
        return value < self.value or (self.sense == "<=" and value == self.value)

    def __str__(self) -> str:
        return f"{self.sense} {number(self.value)}"


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
        middle = f" / {number(self.median)}" if self.median is not None else ""
        return f"{number(self.low)}{middle} / {number(self.high)} ({self.of})"


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
class Line:
    """Figures over a quantity that grows, each with the lowest and the highest measurement."""

    places: tuple[float, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of the measurements: how they are distributed, bars in groups, or lines over a quantity that grows.

    Attributes:
        kind: Which of them.
        title: What it shows.
        axis: The measured quantity and its unit.
        series: Values by name, for a histogram and for bars.
        groups: Names of the groups of bars.
        lines: Lines by name.
        across: What the lines run over, and its unit.
    """

    kind: Literal["histogram", "bars", "lines"]
    title: str
    axis: str
    series: Mapping[str, Sequence[float]] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    lines: Mapping[str, Line] = field(default_factory=dict)
    across: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What one benchmark found.

    Attributes:
        name: The benchmark.
        figures: What was measured, the figures with a target first.
        setting: What was measured on: model, sizes, how data was made.
        plots: Pictures to draw where a folder is given.
        details: One record per thing tried, for looking into; written where a folder is given.
        rows: A second table, its heading first.
        tabled: Figures that `rows` tells to people; JSON lists them behind the others.
        values: A JSON form of the benchmark's own, with 'hardware' and 'versions', which the machine's are added to.
    """

    name: str
    figures: tuple[Figure, ...]
    setting: Mapping[str, Any]
    plots: tuple[Plot, ...] = ()
    details: tuple[Mapping[str, Any], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    values: Mapping[str, Any] | None = None
    tabled: tuple[Figure, ...] = ()


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
        value = "-" if figure.value is None else f"{number(figure.value)} {figure.unit}".rstrip()
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
    if report.rows:
        lines += ["", *aligned(report.rows), ""]
    lines += [f"  {key}: {value}" for key, value in setting.items()]
    return "\n".join(lines) + "\n"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under each other: names to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]


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
    hardware = dataclasses.asdict(machine)
    values: dict[str, Any] = {
        "name": report.name,
        "command": command,
        **_own_values(report, hardware),
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
            for figure in (*report.figures, *report.tabled)
        ],
        "setting": dict(setting),
        **({"machine": hardware} if report.values is None else {}),
    }
    if complete:
        values["plots"] = [dataclasses.asdict(plot) for plot in report.plots]
        values["details"] = [dict(detail) for detail in report.details]
    return values


def _own_values(report: Report, hardware: dict[str, Any]) -> dict[str, Any]:
    """The benchmark's own JSON form, with the machine in its place there."""
    if report.values is None:
        return {}
    versions = {"python": hardware["python"], **hardware["packages"]}
    computer = {key: value for key, value in hardware.items() if key not in ("python", "packages")}
    return {
        **report.values,
        "hardware": {**computer, **report.values["hardware"]},
        "versions": {**versions, **report.values["versions"]},
    }


def number(value: float) -> str:
    """Enough digits to compare, no more: three significant ones, and all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
