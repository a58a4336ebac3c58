"""A process that holds an open library with every model loaded and waits, so that its memory can be measured.

`start` runs it as `python -m docmind.bench.resident QUESTION`; it says 'ready' once, and ends when its input does.
"""

from __future__ import annotations

import sys

from docmind.answering.ask import ask
from docmind.settings import load_settings
from docmind.workspace import Workspace


def main() -> None:
    """Open, answer one question, say so, wait."""
    with Workspace(load_settings()) as workspace:
        workspace.warm_up()
        for _ in ask(workspace, sys.argv[1]):
            pass
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
