"""Draws the plots of a report. matplotlib comes with the `dev` extra and is imported only here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from docmind.bench.report import Plot, number
from docmind.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(plot: Plot, path: Path) -> None:
    """Draw a plot into a PNG file.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        # Its own figure class, not pyplot: pyplot keeps global state and asks for a display.
        from matplotlib.figure import Figure  # noqa: PLC0415 - an optional package, and slow to import
    except ImportError as error:
        raise MissingExtraError(
            "Plots need matplotlib: `pip install 'docmind[dev]'`. Without --out no plot is drawn."
        ) from error
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.set_title(plot.title)
    match plot.kind:
        case "histogram":
            _histogram(plot, axes)
        case "bars":
            _bars(plot, axes)
        case "lines":
            _lines(plot, axes)
    if len(plot.lines) + len(plot.series) > 1:
        figure.legend(loc="outside lower center", ncols=3)  # where it covers nothing
    figure.savefig(path, dpi=120)


def _histogram(plot: Plot, axes: Axes) -> None:
    for name, values in plot.series.items():
        axes.hist(list(values), bins=60, alpha=0.6, label=name)
    axes.set_xlabel(plot.axis)
    axes.set_ylabel("measurements")


def _bars(plot: Plot, axes: Axes) -> None:
    width = 0.8 / max(1, len(plot.series))
    for place_in_group, (name, values) in enumerate(plot.series.items()):
        places = [group + (place_in_group - (len(plot.series) - 1) / 2) * width for group in range(len(plot.groups))]
        bars = axes.bar(places, list(values), width, label=name)
        axes.bar_label(bars, [number(value) for value in values], fontsize=8)
    axes.set_xticks(range(len(plot.groups)), plot.groups)
    axes.set_ylabel(plot.axis)


def _lines(plot: Plot, axes: Axes) -> None:
    for order, (name, line) in enumerate(plot.lines.items()):
        (drawn,) = axes.plot(line.places, line.middle, marker="o", linewidth=2, label=name)
        # The band shows the lowest and the highest measurement.
        axes.fill_between(line.places, line.low, line.high, color=drawn.get_color(), alpha=0.2, linewidth=0)
        for place, value in zip(line.places, line.middle, strict=True):
            axes.annotate(
                number(value),
                (place, value),
                xytext=(0, -14 if order % 2 else 7),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
    places = sorted({place for line in plot.lines.values() for place in line.places})
    axes.set_xticks(places, [f"{place:,.0f}" for place in places])
    axes.set_xlabel(plot.across)
    axes.set_ylabel(plot.axis)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter("{x:,g}")
    axes.margins(x=0.06, y=0.15)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
