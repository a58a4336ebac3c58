"""Where the files are that DocMind brings along: the app, its pages, the sample documents."""

from __future__ import annotations

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
