"""Which code made something that is kept, so that it is made anew once that code has changed."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_NOT_ANSWERING = ("bench", "cli", "ui")


@functools.cache
def code_version(*parts: str) -> str:
    """A hash of the code of some parts of the package, or of everything that answers; it changes when they do."""
    roots = [path for part in parts for path in (_PACKAGE / part, _PACKAGE / f"{part}.py")] or [
        path for path in _PACKAGE.iterdir() if path.name not in _NOT_ANSWERING
    ]
    files = sorted(file for root in roots for file in ([root] if root.is_file() else root.rglob("*.py")))
    text = "".join(f"{file.relative_to(_PACKAGE)}\n{file.read_text(encoding='utf-8')}" for file in files)
    return hashlib.sha256(text.encode()).hexdigest()
