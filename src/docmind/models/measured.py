"""What was measured on this machine, remembered so that it is measured once: speeds of a model in an engine, say.

Each measurement is a small file beside the models, named by the machine, the model and whatever else it depends on.
Any of them may be deleted; what it said is then measured again.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from docmind.models.hardware import cuda_devices
from docmind.private_files import make_for_others, open_up
from docmind.settings import Settings

Values = TypeVar("Values", bound=BaseModel)


def recall(form: type[Values], settings: Settings, *depends_on: str) -> Values | None:
    """What was measured, in its form; None where it was not, on this machine and with all of this the same."""
    try:
        return form.model_validate_json(_file(settings, form, depends_on).read_bytes())
    except (OSError, ValidationError):  # never measured, or by a version that measured something else
        return None


def remember(values: BaseModel, settings: Settings, *depends_on: str) -> None:
    """Remember what was measured; where that cannot be written, it is measured again next time."""
    file = _file(settings, type(values), depends_on)
    with suppress(OSError):
        make_for_others(file.parent)
        handle, written = tempfile.mkstemp(dir=file.parent, prefix=".")
        with os.fdopen(handle, "w", encoding="utf-8") as output:
            output.write(values.model_dump_json(indent=2))
        open_up(Path(written))
        Path(written).replace(file)


def _file(settings: Settings, form: type[BaseModel], depends_on: tuple[str, ...]) -> Path:
    digest = hashlib.sha256("\n".join([_machine(), *depends_on]).encode()).hexdigest()[:24]
    return settings.models_path / ".measured" / f"{form.__name__.lower()}-{digest}.json"


@functools.cache  # asking for CUDA devices starts a program
def _machine() -> str:
    """What tells one machine from another as far as speed goes: processor, cores, CUDA devices."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        processor = next(line for line in lines if line.startswith(("model name", "flags"))).strip()
    except (OSError, StopIteration):  # not Linux, or a processor that says less
        processor = platform.processor()
    return "\n".join([processor, str(os.cpu_count()), *(card.name for card in cuda_devices())])
