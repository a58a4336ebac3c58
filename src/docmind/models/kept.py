"""Forms made from a model, kept beside the models so that they are made once. They may be deleted at any time.

A form is told apart by the model's place, by the sizes and times of its files, and by what made it; when one of these
changes, another is made and the earlier ones of the same model are removed.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from docmind.private_files import make_for_others, open_up
from docmind.settings import Settings

_FREE_SHARE = 2  # times the model's size that must be free on disk before more is written


def kept_folder(settings: Settings) -> Path:
    """Where compiled and converted models are kept."""
    return settings.models_path / ".compiled"


def kept_form(model: Path, settings: Settings, *made_by: str, kind: str = "") -> Path:
    """The folder of one form, which need not exist.

    Args:
        model: A file, or a folder of files.
        settings: Say where models live.
        made_by: Versions of everything that makes a difference to the form.
        kind: Tells forms apart that a model may have at the same time.

    Raises:
        OSError: the model cannot be looked at.
    """
    real = model.resolve()
    facts = [f"{path.relative_to(real)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in _files_of(real)]
    return kept_folder(settings) / f"{_short_hash(f'{real}{kind}')}-{_short_hash(' '.join([*facts, *made_by]))}"


def folder_to_make(model: Path, kept: Path) -> Path | None:
    """An empty folder beside a form's place, to make it in; None where it cannot be written or the disk is too full."""
    try:
        make_for_others(kept.parent)
        needed = _FREE_SHARE * sum(path.stat().st_size for path in _files_of(model.resolve()))
        if shutil.disk_usage(kept.parent).free < needed:
            return None
        return Path(tempfile.mkdtemp(prefix="making-", dir=kept.parent))
    except OSError:  # a folder that may only be read, say
        return None


def keep(made: Path, kept: Path) -> None:
    """Move a form that is complete to its place, and remove earlier ones of the same model and kind.

    Raises:
        OSError: it cannot be moved; another process may have been first.
    """
    for earlier in kept.parent.glob(f"{kept.name.partition('-')[0]}-*"):
        if earlier != kept:
            shutil.rmtree(earlier, ignore_errors=True)
    open_up(made)
    made.rename(kept)


def _files_of(model: Path) -> list[Path]:
    return [model] if model.is_file() else sorted(path for path in model.rglob("*") if path.is_file())


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
