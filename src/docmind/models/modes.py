"""Which of the models on this machine can think before they answer, and which answer at once."""

from __future__ import annotations

from typing import Literal

from docmind.settings import Settings

Mode = Literal["plain", "tools", "thinking"]


def models_with_mode(mode: Mode, settings: Settings) -> tuple[str, ...]:
    """The language models on this machine that the catalogue knows to have this mode, best first."""
    from docmind.models.installed import installed  # noqa: PLC0415 - models are described with `Mode`

    return tuple(
        entry.name
        for entry in installed(settings)
        if entry.kind == "language" and entry.model is not None and mode in entry.model.modes
    )
