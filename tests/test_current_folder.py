"""A folder that somebody else made redirects nothing: neither by settings in it nor by modules in it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from docmind.environment import import_nothing_from_here
from docmind.models import starter_models

DOCMIND = Path(sys.executable).with_name("docmind")
# Whatever is run with `python -m`, imported by that, or imported by what Python itself starts for a library.
MODULES = ("pip", "streamlit", "docmind", "encodings", "multiprocessing", "threading", "json", "httpx", "click")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder whose settings, modules and Streamlit files all want to be obeyed."""
    folder = tmp_path / "downloaded"
    (folder / ".streamlit").mkdir(parents=True)
    settings = (
        'DOCMIND_ENGINE="openai_compatible"\nDOCMIND_SERVER_URL="http://192.0.2.1/v1"\n'
        f'DOCMIND_ALLOW_REMOTE_SERVER="true"\nDOCMIND_DATA_DIR="{folder / "library"}"\n'
    )
    for name in (".env", "docmind.env", ".streamlit/secrets.toml"):
        (folder / name).write_text(settings, encoding="utf-8")
    (folder / ".streamlit" / "config.toml").write_text('[server]\nbaseUrlPath = "obeyed"\n', encoding="utf-8")
    for name in MODULES:
        (folder / name).mkdir()
        for module in ("__init__.py", "__main__.py"):
            (folder / name / module).write_text(f"open({str(caught(folder))!r}, 'a').write('{name} ')\n")
    (folder / "sitecustomize.py").write_text(f"open({str(caught(folder))!r}, 'a').write('sitecustomize ')\n")
    (folder / "lease.txt").write_text("The rent is 900 pounds a month.", encoding="utf-8")
    return folder


def caught(folder: Path) -> Path:
    """Where the folder's modules note that they were imported."""
    return folder.parent / "caught.txt"


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """What `docmind` runs with; its output is not buffered away."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOCMIND_", "STREAMLIT_"))}
    return {**kept, "DOCMIND_DATA_DIR": str(folder.parent / "data"), **settings}


def docmind(folder: Path, *arguments: str, status: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `docmind` in the folder."""
    done = subprocess.run(
        [DOCMIND, *arguments],
        cwd=folder,
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done


def test_asking_in_a_folder_obeys_none_of_its_settings_and_imports_none_of_its_modules(hostile: Path) -> None:
    hashing = {"DOCMIND_EMBEDDER": "hash"}
    docmind(hostile, "ingest", "lease.txt", DOCMIND_ENGINE="extractive", **hashing)  # reads it in another process
    # With the engine left to DocMind, the folder's server would be asked.
    refused = docmind(hostile, "ask", "How much is the rent?", status=1, **hashing)
    assert "docmind models pull" in refused.stderr
    assert not (hostile / "library").exists()
    assert not caught(hostile).exists()


def test_fetching_a_model_runs_the_true_pip(hostile: Path) -> None:
    name = next(model.name for model in starter_models() if model.kind == "embedding")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "DOCMIND_MODELS_DIR": str(hostile)}
    assert "pip's last words" in docmind(hostile, "models", "pull", name, status=1, **nowhere).stderr
    assert not caught(hostile).exists()


def test_the_doctor_says_which_settings_file_is_read(hostile: Path, tmp_path: Path) -> None:
    def settings_check(**settings: str) -> dict[str, object]:
        said = docmind(hostile, "doctor", "--json", status=1, DOCMIND_MODELS_DIR=str(hostile), **settings)
        checks = json.loads(said.stdout)["checks"]
        return next(check for check in checks if check["name"] == "Settings")

    elsewhere = tmp_path / "config" / "docmind" / "docmind.env"
    assert str(elsewhere) in str(settings_check(XDG_CONFIG_HOME=str(tmp_path / "config"))["detail"])
    (tmp_path / "mine.env").write_text("DOCMIND_ENGIN=vllm\n", encoding="utf-8")
    found = settings_check(DOCMIND_ENV_FILE=str(tmp_path / "mine.env"))
    assert str(tmp_path / "mine.env") in str(found["detail"])
    assert "DOCMIND_ENGINE" in str(found["fix"])
    assert not caught(hostile).exists()


def test_what_a_library_starts_imports_nothing_from_the_folder_either(
    hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Engines have processes started with `python -c`, as `multiprocessing` does."""
    command = [sys.executable, "-c", "import multiprocessing"]
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    subprocess.run(command, cwd=hostile, check=True)
    assert caught(hostile).exists()  # it would be obeyed
    caught(hostile).unlink()
    import_nothing_from_here()
    subprocess.run(command, cwd=hostile, check=True)
    assert not caught(hostile).exists()


def test_the_app_obeys_nothing_of_the_folder_it_is_opened_in(hostile: Path, models_dir: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {"DOCMIND_PORT": str(port), "DOCMIND_MODELS_DIR": str(models_dir), "DOCMIND_DATA_DIR": "data"}
    with subprocess.Popen(
        [DOCMIND, "--no-browser"], cwd=hostile, env=environment(hostile, **told), stderr=subprocess.PIPE, text=True
    ) as app:
        assert app.stderr
        try:
            assert f"http://127.0.0.1:{port}" in app.stderr.readline()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:  # no `/obeyed` before it
                assert answer.status == 200
            (child,) = (int(line) for line in Path(f"/proc/{app.pid}/task/{app.pid}/children").read_text().split())
            variables = Path(f"/proc/{child}/environ").read_text(encoding="utf-8").split("\0")
            assert f"DOCMIND_DATA_DIR={hostile / 'data'}" in variables  # as the user means it
            assert "PYTHONSAFEPATH=1" in variables
        finally:
            app.send_signal(signal.SIGINT)
            app.wait(30)
    assert not caught(hostile).exists()
