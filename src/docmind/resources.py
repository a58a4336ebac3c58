"""Where the files are that DocMind brings along, and what room there is for others."""

from __future__ import annotations

import shutil
from pathlib import Path

from docmind.errors import DocMindError


def app_folder() -> Path:
    """Where app.py, its pages and the samples are: inside an installed package, or at the top of a checkout.

    Raises:
        DocMindError: in neither place.
    """
    package = Path(__file__).parent
    for folder in (package / "_app", package.parents[1]):
        if (folder / "app.py").is_file():
            return folder
    raise DocMindError("The app's files are missing from this installation. Install docmind again.")


def free_disk(folder: Path) -> tuple[int, Path]:
    """Free bytes where a folder is or would be made, and the folder that was looked at, which exists."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free, existing
