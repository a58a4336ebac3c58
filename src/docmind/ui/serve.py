"""The app's process: Streamlit serves the pages, and meanwhile the library and the models are opened.

Streamlit runs the first page only once a browser asks for it, which would leave a start's first seconds unused.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from streamlit import file_util
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App
from streamlit.web.server.starlette import starlette_websocket

from docmind.private_files import keep_private
from docmind.resources import app_folder

# Without it Streamlit's page looks for its server beneath the address of a page first, and the browser logs two errors.
_SERVER = "<script>window.__streamlit = { BACKEND_BASE_URL: window.location.origin };</script>"


_HEADERS = {
    "X-Frame-Options": "DENY",  # no other page shows ours within itself
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address names a chat
}


def main() -> None:
    """Serve the pages until Ctrl-C, with the options of Streamlit that the command line gives as JSON."""
    keep_private()
    options = json.loads(sys.argv[1])
    script = app_folder() / "app.py"
    # Streamlit finds that out by itself when app.py has run once. Until then it would run a page of the folder 'pages'
    # alone, and a window that was open before a restart would lose the first question asked in it.
    PagesManager.uses_pages_directory = False
    logging.getLogger("uvicorn.error").addFilter(is_no_departure)
    threading.Thread(target=_open_early, name="opening", daemon=True).start()
    only_own_pages()
    # Streamlit takes this for what was started, and looks for its configuration and for imports next to it.
    sys.argv = [str(script)]
    App(script, routes=_pages(script.parent / "pages"), middleware=[Middleware(WithHeaders)]).run(config=options)


def only_own_pages() -> None:
    """Let no page but our own speak to the app.

    Streamlit takes any that says it is from this machine, whatever its port, and to know this machine's names it asks
    another one on the web. A page of the same address is let in before that is asked.
    """
    if not hasattr(starlette_websocket, "is_url_from_allowed_origins"):
        raise RuntimeError("Streamlit decides otherwise whose pages may speak to it. Install the pinned version.")
    starlette_websocket.is_url_from_allowed_origins = _allow_none


def _allow_none(url: str) -> bool:  # noqa: ARG001 - Streamlit's function has it
    return False


class WithHeaders:
    """Tells the browser with each answer what other pages may not do with ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with those headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, with_headers)


def _pages(folder: Path) -> list[Route]:
    """Streamlit's own page under the address of each of ours, told where its server is."""
    index = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    page = index.replace("<head>", f"<head>{_SERVER}", 1)

    async def show(_: Request) -> HTMLResponse:
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    return [Route(f"/{file.stem}", show) for file in folder.glob("*.py")]


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
