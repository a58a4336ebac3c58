"""The doctor finds what is wrong on a real machine and says what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from docmind.cli.doctor import Check, checks
from docmind.settings import Settings


def by_name(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in checks(settings)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_healthy_machine_is_healthy(settings: Settings) -> None:
    found = by_name(settings.model_copy(update={"port": free_port()}))
    for name in ("Python", "Hardware", "Language model", "Embedding model", "Engine", "Library", "Port", "Network"):
        assert found[name].ok, found[name]
        assert found[name].fix is None
    assert "CPU" in found["Engine"].detail


def test_missing_models_come_with_their_command(tmp_path: Path) -> None:
    found = by_name(Settings(data_dir=tmp_path))
    assert found["Language model"].fix == "docmind models pull smollm2-135m-instruct"
    assert found["Embedding model"].fix == "docmind models pull all-minilm-l6-v2"


def test_no_model_is_missed_where_none_is_needed(tmp_path: Path) -> None:
    found = by_name(Settings(data_dir=tmp_path, engine="extractive", embedder="hash"))
    assert found["Language model"].ok
    assert found["Embedding model"].ok
    assert found["Engine"].ok


def test_a_device_that_is_not_here_is_named(settings: Settings) -> None:
    engine = by_name(settings.model_copy(update={"device": "ABACUS"}))["Engine"]
    assert not engine.ok
    assert "Set DOCMIND_DEVICE to auto or one of: CPU" in engine.detail


def test_a_port_in_use_is_noticed(settings: Settings) -> None:
    script = (
        "import socket\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "print(server.getsockname()[1], flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        port = int(other.stdout.readline())
        found = by_name(settings.model_copy(update={"port": port}))
        other.communicate("\n")
    assert not found["Port"].ok
    assert "DOCMIND_PORT" in (found["Port"].fix or "")
    assert found["Network"].ok  # it listens on the loopback address alone


def test_the_apps_own_port_is_no_problem(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert by_name(settings.model_copy(update={"port": server.getsockname()[1]}))["Port"].ok


def test_listening_to_the_network_is_noticed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")  # noqa: S104 - what the doctor must find
    network = by_name(settings)["Network"]
    assert not network.ok
    assert "127.0.0.1" in (network.fix or "")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="other systems do not list open files to everybody")
def test_a_library_open_elsewhere_is_noticed(settings: Settings) -> None:
    settings.data_dir.mkdir()
    script = "import sys; file = open(sys.argv[1], 'w'); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(settings.data_dir / "catalogue")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout
        other.stdout.readline()
        library = by_name(settings)["Library"]
        other.communicate("\n")
    assert not library.ok
    assert str(other.pid) in library.detail
    assert by_name(settings)["Library"].ok


def test_a_library_that_cannot_be_made_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    library = by_name(settings.model_copy(update={"data_dir": tmp_path / "file" / "data"}))["Library"]
    assert not library.ok
    assert "DOCMIND_DATA_DIR" in (library.fix or "")


def test_more_cache_than_memory_is_noticed(settings: Settings) -> None:
    memory = by_name(settings.model_copy(update={"kv_cache_gib": 1_000_000}))["Memory"]
    assert not memory.ok
    assert "DOCMIND_KV_CACHE_GIB" in (memory.fix or "")


class KnownPages(BaseHTTPRequestHandler):
    """Answers where Ollama and OpenAI's protocol do."""

    def do_GET(self) -> None:
        """Say whether the page is there."""
        self.send_response(200 if self.path in ("/api/version", "/v1/models", "/readyz") else 404)
        self.end_headers()


@pytest.fixture
def answering() -> Iterator[str]:
    """The address of a server that has the pages by which both kinds are known, and no other."""
    with ThreadingHTTPServer(("127.0.0.1", 0), KnownPages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("engine", ["ollama", "openai_compatible"])
def test_a_server_that_answers_is_found(tmp_path: Path, answering: str, engine: str) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "engine": engine, "server_url": answering})
    found = by_name(settings)
    assert found["Server"].ok
    assert "on this machine" in found["Server"].detail
    assert ("OLLAMA_FLASH_ATTENTION=1" in found["Server"].detail) is (engine == "ollama")
    assert "OLLAMA_KV_CACHE_TYPE=q8_0" in found["Server"].detail or engine != "ollama"
    assert found["Language model"].ok  # none is needed here


def test_another_program_at_the_address_is_no_server(tmp_path: Path, answering: str) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "engine": "ollama", "server_url": f"{answering}/other"})
    assert not by_name(settings)["Server"].ok


def test_a_qdrant_server_is_looked_at(tmp_path: Path, answering: str) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "engine": "extractive", "qdrant_url": answering})
    assert by_name(settings)["Vectors"].ok
    silent = settings.model_copy(update={"qdrant_url": f"http://127.0.0.1:{free_port()}"})
    assert not by_name(silent)["Vectors"].ok
    elsewhere = settings.model_copy(update={"qdrant_url": "http://192.0.2.1:6333"})
    assert "DOCMIND_ALLOW_REMOTE_SERVER" in by_name(elsewhere)["Vectors"].detail


@pytest.mark.parametrize("engine", ["ollama", "openai_compatible"])
def test_a_server_that_does_not_answer_comes_with_its_command(tmp_path: Path, engine: str) -> None:
    silent = f"http://127.0.0.1:{free_port()}"
    settings = Settings.model_validate({"data_dir": tmp_path, "engine": engine, "server_url": silent})
    server = by_name(settings)["Server"]
    assert not server.ok
    assert silent in server.detail
    assert "serve" in (server.fix or "")
    assert "DOCMIND_SERVER_URL" in (server.fix or "")


def test_a_server_elsewhere_is_refused_without_asking_it(tmp_path: Path) -> None:
    # An address of the block that is reserved for documentation: nobody could answer there.
    settings = Settings(data_dir=tmp_path, engine="openai_compatible", server_url="http://192.0.2.1:8000/v1")
    server = by_name(settings)["Server"]
    assert not server.ok
    assert "DOCMIND_ALLOW_REMOTE_SERVER" in server.detail


def test_without_a_server_none_is_looked_for(settings: Settings) -> None:
    assert "Server" not in by_name(settings)


def test_a_cache_that_memory_holds_is_no_finding_and_a_larger_one_wants_more(settings: Settings) -> None:
    def wanted(gib: int | None) -> float:
        detail = by_name(settings.model_copy(update={"engine": "openvino", "kv_cache_gib": gib}))["Memory"].detail
        return float(detail.split(", ")[1].split(" GiB wanted")[0])

    # Weights, OpenVINO's overhead, the app and all of the cache, which fills with what was read.
    assert 2.3 <= wanted(1) <= 2.4
    assert wanted(5) == pytest.approx(wanted(1) + 4)
    assert wanted(None) == wanted(1)  # all that the starter's window needs


def test_an_impossible_cache_type_is_found_with_what_there_is(settings: Settings) -> None:
    engine = by_name(settings.model_copy(update={"engine": "openvino", "cache_type": "q4_0"}))["Engine"]
    assert not engine.ok
    assert "DOCMIND_CACHE_TYPE to auto or one of: q8_0, f16, bf16" in engine.detail
    assert "`docmind models`" in (engine.fix or "")
