"""Which models of the catalogue are best for this machine."""

from __future__ import annotations

from collections.abc import Sequence

from docmind.models.hardware import Hardware
from docmind.models.known_models import KNOWN_MODELS
from docmind.models.overview import Row
from docmind.models.runtimes import is_installed

# Weights that are read for each word. A processor reads some 20 GB a second, so more of them are written more slowly
# than people read.
_READ_AT_A_PROCESSOR = 3_000_000_000
_SMALLEST_WINDOW = 8_192  # tokens; less leaves little room for passages


def recommended(rows: Sequence[Row], hardware: Hardware) -> list[Row]:
    """The models of the catalogue that fit, answer at once and write as fast as one reads, the best first.

    Args:
        rows: As `overview` makes them, in the window that is usual.
        hardware: The machine.
    """
    catalogue = [row for row in rows if row.model and row.facts and "plain" in row.model.modes]
    usable = [
        row
        for row in catalogue
        if row.fit and row.fit.largest_window >= _SMALLEST_WINDOW and row.engine and is_installed(row.engine)
    ]
    on_a_card = [row for row in usable if row.engine == "vllm" and hardware.cuda]
    at_a_processor = [row for row in usable if _is_light(row, hardware)]
    return sorted(on_a_card or at_a_processor, key=_rank)


def _is_light(row: Row, hardware: Hardware) -> bool:
    if row.model is None or row.facts is None or not row.model.parameters:
        return False
    weights = row.facts.weight_bytes
    read = weights * row.model.active_parameters / row.model.parameters
    # Half of the memory is left to everything else that the machine is for.
    return read <= _READ_AT_A_PROCESSOR and weights <= hardware.memory_bytes / 2


def _rank(row: Row) -> int:
    return [model.name for model in KNOWN_MODELS].index(row.name)
