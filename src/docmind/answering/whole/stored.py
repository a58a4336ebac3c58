"""Analyses as the catalogue keeps them: plain JSON values with the number of their form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from docmind.answering.whole.analysis import Analysis

FORM = 1


def to_stored(analysis: Analysis) -> dict[str, Any]:
    """What to keep of an analysis; `from_stored` gives it back."""
    return {"form": FORM, **_analyses().dump_python(analysis, mode="json")}


def from_stored(values: Mapping[str, Any]) -> Analysis | None:
    """The analysis that was kept; None where this version cannot read it. A new field needs a default."""
    try:
        return _analyses().validate_python({name: value for name, value in values.items() if name != "form"})
    except (ValidationError, TypeError, ValueError, OverflowError):
        return None


@cache
def _analyses() -> TypeAdapter[Analysis]:
    return TypeAdapter(Analysis)
