"""An engine's figures beside those of an earlier report of `docmind bench engine`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docmind.bench.report import aligned, number
from docmind.errors import SettingsError

_COLUMNS = {
    "first token (s)": "first_token_seconds",
    "prefill tok/s": "prefill_tokens_per_second",
    "decode tok/s": "decode_tokens_per_second",
    "total tok/s": "total_tokens_per_second",
}


def earlier_report(path: Path) -> Mapping[str, Any]:
    """The report in a file that `docmind bench engine` wrote.

    Raises:
        SettingsError: there is none in it.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        comparison(report, report)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"{path} is no report of an engine ({type(error).__name__}). Give --against a file that `docmind bench "
            "engine --json` or --out wrote."
        ) from error
    return dict(report)


def comparison(report: Mapping[str, Any], earlier: Mapping[str, Any]) -> str:
    """Medians of both, as 'now (before)', for the scenarios that both have."""
    before = {scenario["name"]: scenario for scenario in earlier["scenarios"]}
    rows = [("now (before)", *_COLUMNS)]
    rows += [
        (now["name"], *(_beside(now[key], before[now["name"]][key]) for key in _COLUMNS.values()))
        for now in report["scenarios"]
        if now["name"] in before
    ]
    return "\n".join([f"beside {earlier['model']} in {earlier['engine']}", *aligned(rows)]) + "\n"


def _beside(now: Mapping[str, float | None], before: Mapping[str, float | None]) -> str:
    return f"{_median(now)} ({_median(before)})"


def _median(figure: Mapping[str, float | None]) -> str:
    value = figure["median"]
    return "-" if value is None else number(value)
