"""Private files: what DocMind keeps is open to its owner alone, what it exports is as the user's umask says."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from docmind.settings import Settings
from docmind.storage.catalog import open_catalog
from docmind.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows keeps users apart by other means than modes")

USUAL_UMASK = 0o022


def docmind(data_dir: Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """The command as a user of the usual umask starts it."""
    chosen = {"DATA_DIR": data_dir, "ENGINE": "extractive", "EMBEDDER": "hash", "PORT": free_port()}
    settings = {f"DOCMIND_{name}": str(value) for name, value in chosen.items()}
    command = [str(Path(sys.executable).with_name("docmind")), *map(str, arguments)]
    return subprocess.Popen(command, env={**os.environ, **settings}, umask=USUAL_UMASK)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def open_to_others(folder: Path) -> list[str]:
    return [f"{path} {mode(path):o}" for path in (folder, *folder.rglob("*")) if mode(path) & 0o077]


def test_what_a_command_keeps_is_the_users_alone_and_what_it_exports_has_their_umask(tmp_path: Path) -> None:
    data_dir, lease, answer = tmp_path / "data", tmp_path / "lease.txt", tmp_path / "answer.json"
    lease.write_text("The deposit is 500 pounds. It is held by the agent.", encoding="utf-8")
    assert docmind(data_dir, "ingest", lease).wait() == 0
    assert docmind(data_dir, "ask", "How much is the deposit?", "--out", answer).wait() == 0
    assert {"catalog.sqlite", "originals"} <= {path.name for path in data_dir.iterdir()}
    assert open_to_others(data_dir) == []
    assert mode(answer) == 0o644


def test_what_the_app_keeps_is_the_users_alone(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    app = docmind(data_dir, "--no-browser")
    try:
        deadline = time.monotonic() + 60
        while not (data_dir / "catalog.sqlite-shm").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert (data_dir / "catalog.sqlite").exists()
        assert open_to_others(data_dir) == []
    finally:
        app.send_signal(signal.SIGINT)
        app.wait(timeout=60)


def test_a_data_folder_that_lets_others_in_is_closed_when_it_is_opened(plain_settings: Settings) -> None:
    Workspace(plain_settings).close()
    for opened in (Workspace, open_catalog):
        plain_settings.data_dir.chmod(0o2755)
        opened(plain_settings).close()
        assert plain_settings.data_dir.stat().st_mode & 0o7777 == 0o2700


def test_a_folder_that_everybody_shares_stays_shared(plain_settings: Settings) -> None:
    plain_settings.data_dir.mkdir()
    plain_settings.data_dir.chmod(0o1777)
    Workspace(plain_settings).close()
    assert plain_settings.data_dir.stat().st_mode & 0o7777 == 0o1777
