"""Which of the models on this machine can think before they answer, and which answer at once."""

from __future__ import annotations

from typing import Literal

from docmind.settings import Settings

Mode = Literal["plain", "tools", "thinking"]


def model_with_mode(mode: Mode, settings: Settings) -> str | None:
    """The best language model on this machine that the catalogue knows to have this mode; None where there is none."""
    from docmind.models.present import installed  # noqa: PLC0415 - models are described with `Mode`

    return next(
        (
            entry.name
            for entry in installed(settings)
            if entry.kind == "language" and entry.model is not None and mode in entry.model.modes
        ),
        None,
    )
