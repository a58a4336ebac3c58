"""The app's process: Streamlit serves the pages, and meanwhile the library and the models are opened.

Streamlit runs the first page only once a browser asks for it, which would leave a start's first seconds unused.
"""

from __future__ import annotations

import logging
import sys
import threading

from starlette.requests import ClientDisconnect
from starlette.websockets import WebSocketDisconnect
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli


def main() -> None:
    """Run Streamlit's own command line with what stands on this one."""
    # Streamlit finds that out by itself when app.py has run once. Until then it would run a page of the folder 'pages'
    # alone, and a window that was open before a restart would lose the first question asked in it.
    PagesManager.uses_pages_directory = False
    logging.getLogger("uvicorn.error").addFilter(is_no_departure)
    threading.Thread(target=_open_early, name="opening", daemon=True).start()
    sys.exit(cli.main(prog_name="streamlit"))


def is_no_departure(record: logging.LogRecord) -> bool:
    """Whether it tells of more than of a window that was closed in the middle of an upload or of an answer."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, ClientDisconnect | WebSocketDisconnect)


def _open_early() -> None:
    # Imported here, in the thread, because the libraries behind it take seconds.
    from docmind.ui.app_state import open_early  # noqa: PLC0415 - see above

    open_early()


if __name__ == "__main__":
    main()
