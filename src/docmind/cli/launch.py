"""Opens the app: Streamlit on this machine's loopback address, then the browser."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from contextlib import suppress
from pathlib import Path

from docmind.environment import process_environment
from docmind.errors import DocMindError, ModelNotFoundError, SettingsError
from docmind.models import ModelKind, find_model, needs_weights
from docmind.private_files import as_the_user_has_it
from docmind.resources import app_folder
from docmind.settings import Settings

_ADDRESS = "127.0.0.1"
_START_SECONDS = 60.0


def open_app(settings: Settings, *, browser: bool = True, fetch_writer: bool = False) -> int:
    """Run the app until it is stopped with Ctrl-C.

    Args:
        settings: Names the port.
        browser: Whether to open the user's browser once the app answers.
        fetch_writer: Whether the app fetches the writer where the user has not said in the settings.

    Returns:
        The app's exit status.

    Raises:
        SettingsError: the port is taken.
    """
    if _answers(settings.port):
        raise SettingsError(
            f"Port {settings.port} is in use; DocMind may be open already at {url(settings)}. Use that window, or "
            "choose another port with DOCMIND_PORT."
        )
    options = {
        "server.address": _ADDRESS,
        "server.port": settings.port,
        "server.maxUploadSize": settings.max_file_mib,
        "server.headless": True,  # Streamlit opens a browser by itself otherwise
        "browser.gatherUsageStats": False,
        "logger.level": "warning",
    }
    command = [sys.executable, "-P", "-m", "docmind.ui.serve", json.dumps(options)]
    # Closing the terminal ends this process; the app must not stay behind with the library open.
    for ending in (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])):
        signal.signal(ending, signal.default_int_handler)
    as_the_user_has_it()  # the browser may be started here; the app takes its own umask
    # Streamlit obeys a folder `.streamlit` where it is started: ours, not one that somebody else may have made.
    with subprocess.Popen(
        command,
        cwd=app_folder(),
        env=process_environment(**told(settings, fetch_writer=fetch_writer)),
        stdout=subprocess.DEVNULL,
    ) as app:
        try:
            _wait_until_open(settings.port, app)
            print(f"DocMind is open at {url(settings)} (Ctrl-C closes it).", file=sys.stderr)  # noqa: T201 - a command's own words
            if browser:
                webbrowser.open(url(settings))
            return app.wait()
        except KeyboardInterrupt:
            app.terminate()
            return 0


def url(settings: Settings) -> str:
    """Where the app is."""
    return f"http://{_ADDRESS}:{settings.port}"


def told(settings: Settings, *, fetch_writer: bool = False) -> dict[str, str]:
    """What the app is told through its environment: paths as the user means them, in relation to where the user is.

    Args:
        settings: The user's.
        fetch_writer: As in `open_app`.
    """
    wish = fetch_writer and "fetch_writer" not in settings.model_fields_set
    return _paths(settings) | ({"DOCMIND_FETCH_WRITER": "true"} if wish else {})


def _paths(settings: Settings) -> dict[str, str]:
    paths = {name: getattr(settings, name) for name in ("data_dir", "models_dir", "server_tokenizer")}
    kinds: dict[str, ModelKind] = {"model": "language", "embedder": "embedding"}
    for name, kind in kinds.items():
        value = getattr(settings, name)
        is_path = len(Path(value).parts) > 1 or value.endswith(".gguf")
        if is_path and (kind == "embedding" or needs_weights(settings)):  # a server's model may be called anything
            with suppress(ModelNotFoundError):  # the app itself says so
                paths[name] = find_model(value, kind, settings)
    return {f"DOCMIND_{name.upper()}": str(path) for name, path in paths.items() if path}


def _wait_until_open(port: int, app: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(port):
        if app.poll() is not None:
            raise DocMindError("The app ended while starting; the lines above say why. `docmind doctor` may help.")
        if time.monotonic() > deadline:
            app.terminate()
            raise DocMindError(f"The app did not start within {_START_SECONDS:.0f} s. Run `docmind doctor`.")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((_ADDRESS, port)) == 0
