"""Opens the app: Streamlit on this machine's loopback address, then the browser."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import webbrowser

from docmind.errors import DocMindError, SettingsError
from docmind.resources import app_folder
from docmind.settings import Settings, process_environment

_ADDRESS = "127.0.0.1"
_START_SECONDS = 60.0


def open_app(settings: Settings, *, browser: bool = True) -> int:
    """Run the app until it is stopped with Ctrl-C.

    Args:
        settings: Names the port.
        browser: Whether to open the user's browser once the app answers.

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
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(app_folder() / "app.py")),
        f"--server.address={_ADDRESS}",
        f"--server.port={settings.port}",
        f"--server.maxUploadSize={settings.max_file_mib}",
        # Headless, because otherwise the first start asks for an e-mail address and waits.
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        "--logger.level=warning",
    ]
    # Closing the terminal ends this process; the app must not stay behind with the library open.
    for ending in (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])):
        signal.signal(ending, signal.default_int_handler)
    with subprocess.Popen(command, env=process_environment(), stdout=subprocess.DEVNULL) as app:
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
