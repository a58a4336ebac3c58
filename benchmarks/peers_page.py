"""The table of `docmind bench peers`, and the page of the documentation that shows it.

`python -m benchmarks.peers_page artifacts/bench/peers.json` writes the figures of a run into docs/benchmarks/peers.md.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from docmind.bench.report import number
from docmind.bench.retrieval.metrics import DEPTHS

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "peers.md"
_BEGIN, _END = "<!-- figures: written by benchmarks/peers_page.py -->", "<!-- end of figures -->"
_Best = Callable[[Iterable[float]], float]
# Heading, key in a program's record, and which value is best.
_COLUMNS: tuple[tuple[str, str, _Best | None], ...] = (
    ("ingestion, s", "ingestion", min),
    ("pages/s", "pages a second", max),
    ("passages", "passages", None),
    ("search p50, ms", "search", min),
    *((f"first {depth}, %", f"first {depth}", max) for depth in DEPTHS),
    ("peak memory, GiB", "memory", min),
    ("loading, s", "ready", min),
)


def rows_of(programs: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    """A table, its heading first: a row for each program, medians of its rounds."""
    heading = ("", *(heading for heading, _, _ in _COLUMNS))
    return (heading, *((each["program"], *(number(_median(each[key])) for _, key, _ in _COLUMNS)) for each in programs))


def ahead(programs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where another program than the first has the best value: the quantity, the program, its value and the first's."""
    lines = []
    for heading, key, best in _COLUMNS:
        if best is None:
            continue
        values = {each["program"]: _median(each[key]) for each in programs}
        ours, top = next(iter(values.values())), best(values.values())
        if ours != top:
            winner = next(name for name, value in values.items() if value == top)
            lines.append(f"{heading}: {winner} ({number(top)} against {number(ours)})")
    return lines


def figures(report: Mapping[str, Any]) -> str:
    """The figures of a report, in Markdown."""
    programs = report["details"]
    heading, *rows = rows_of(programs)
    machine = report["machine"]
    ratios = [each for each in report["figures"] if each["name"].startswith("ingestion: ")]
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, Python "
        f"{machine['python']}, load {machine['load']} before. {report['setting']['documents']}; "
        f"{report['setting']['embedder']}. Medians of {len(programs[0]['ingestion'])} rounds.",
        "",
        *(f"| {' | '.join(cells)} |" for cells in (heading, ["---", *["--:"] * (len(heading) - 1)], *rows)),
        "",
        "Times as long as DocMind's ingestion:",
        "",
        *(f"- {_program(each)} {number(each['value'])}{_aim(each)}" for each in ratios),
        "",
        "**Where another program is ahead of DocMind:**",
        "",
        *(f"- {line}" for line in ahead(programs) or ["nowhere in this run."]),
        "",
        *(
            f"![{plot['title']}](peers-{order}.png)"
            for order, plot in enumerate(report["plots"], start=1)
        ),
        "",
        "Versions:",
        "",
        *(f"- {key.split(', ')[1]}: {said}" for key, said in report["setting"].items() if key.startswith("versions")),
    ]  # fmt: skip
    return "\n".join(lines)


def write(source: Path, page: Path) -> None:
    """Put a report's figures between the marks of a page, and its plots beside it."""
    report = json.loads(source.read_text(encoding="utf-8"))
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    page.write_text(f"{before}{_BEGIN}\n{figures(report)}\n{_END}{after}", encoding="utf-8")
    for order in range(1, len(report["plots"]) + 1):
        shutil.copy(source.with_name(f"peers-{order}.png"), page.with_name(f"peers-{order}.png"))


def _program(ratio: Mapping[str, Any]) -> str:
    return str(ratio["name"]).removeprefix("ingestion: ").removesuffix(" over DocMind")


def _aim(ratio: Mapping[str, Any]) -> str:
    if not ratio["target"]:
        return ""
    return f" (aim {ratio['target']}: {'reached' if ratio['reached'] else '**not reached**'})"


def _median(values: float | Sequence[float]) -> float:
    return values if isinstance(values, (int, float)) else statistics.median(values)


if __name__ == "__main__":
    write(Path(sys.argv[1]), PAGE)
