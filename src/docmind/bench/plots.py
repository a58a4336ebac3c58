"""Draws the plots of a report. matplotlib comes with the `dev` extra and is imported only here."""

from __future__ import annotations

from pathlib import Path

from docmind.bench.report import Plot
from docmind.errors import MissingExtraError


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
    if plot.kind == "histogram":
        for name, values in plot.series.items():
            axes.hist(list(values), bins=60, alpha=0.6, label=name)
        axes.set_xlabel(plot.axis)
        axes.set_ylabel("measurements")
    else:
        width = 0.8 / max(1, len(plot.series))
        for number, (name, values) in enumerate(plot.series.items()):
            places = [group + (number - (len(plot.series) - 1) / 2) * width for group in range(len(plot.groups))]
            axes.bar_label(axes.bar(places, list(values), width, label=name), fmt="%.0f")
        axes.set_xticks(range(len(plot.groups)), plot.groups)
        axes.set_ylabel(plot.axis)
    axes.legend()
    figure.savefig(path, dpi=120)
