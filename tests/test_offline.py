"""Nothing leaves the machine: watched from inside Python, and with no network at all."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLES = REPOSITORY / "data" / "samples"

# Stands before the program: whatever reaches for another machine or starts a process is written down and refused.
GUARD = """
import sys

tried = []

def watch(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            tried.append(f"{event} {address}")
            raise PermissionError(event)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto"):
        if not {"127.0.0.1", "::1", "localhost", None, "", b"localhost"} & {arguments[0]}:
            tried.append(f"{event} {arguments}")
            raise PermissionError(event)
    elif event == "urllib.Request":
        tried.append(f"{event} {arguments[0]}")
        raise PermissionError(event)
    elif event in ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.spawn", "os.fork", "os.forkpty"):
        command = list(arguments[1]) if event == "subprocess.Popen" else [event]
        if "docmind.parsing.sandbox.child" not in command:
            tried.append(f"{event} {command}")
            raise PermissionError(event)

sys.addaudithook(watch)
"""

PROGRAM = """
import json
from pathlib import Path

from docmind import Settings, Workspace
from docmind.answering.ask import ask
from docmind.ingestion.ingest import ingest

settings = Settings(data_dir=Path(sys.argv[1]), models_dir=Path(sys.argv[2]))
with Workspace(settings) as workspace:
    outcomes = [outcome.status for outcome in ingest(workspace, [Path(sys.argv[3])])]
    *_, answer = ask(workspace, "How much is the monthly rent for Flat 3?")

counters = {}
for table in ("/proc/self/net/snmp", "/proc/self/net/snmp6"):
    try:
        lines = [line.split() for line in open(table)]
    except OSError:
        continue
    if table.endswith("6"):
        counters |= {name: int(value) for name, value in lines}
    else:
        for names, values in zip(lines[::2], lines[1::2]):
            counters |= {names[0] + name: int(value) for name, value in zip(names[1:], values[1:])}
print(json.dumps({"tried": tried, "outcomes": outcomes, "answer": answer.text, "counters": counters}))
"""


def run(command: list[str], tmp_path: Path, models_dir: Path) -> dict[str, object]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DOCMIND_", "HF_"))}
    environment["HOME"] = str(tmp_path)  # no consent or token that somebody once gave
    done = subprocess.run(
        [*command, str(tmp_path / "data"), str(models_dir), str(SAMPLES / "residential-lease.pdf")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def no_network() -> list[str]:
    """The command that runs another without any network; empty where this system has none."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    command = [unshare, "--user", "--map-root-user", "--net"]
    works = subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0
    return command if works else []


def test_ingesting_and_asking_reach_for_no_other_machine_and_start_only_the_reader(
    tmp_path: Path, models_dir: Path
) -> None:
    """Watched from inside, and where the system allows it with no network at all.

    The kernel counts what is tried in a network of one's own, by native libraries and their children too.
    """
    seen = run([*no_network(), sys.executable, "-c", GUARD + PROGRAM], tmp_path, models_dir)
    assert seen["tried"] == []
    assert seen["outcomes"] == ["ingested"]
    assert "£1,450" in str(seen["answer"])
    counters = seen["counters"]
    assert isinstance(counters, dict)
    if no_network():
        watched = ("Ip:OutNoRoutes", "Ip:OutRequests", "Tcp:ActiveOpens", "Udp:OutDatagrams", "Ip6OutNoRoutes")
        assert {name: counters[name] for name in watched if counters.get(name)} == {}


def test_the_guard_sees_what_it_is_there_for(tmp_path: Path, models_dir: Path) -> None:
    attempts = """
import contextlib, json, os, socket, subprocess, urllib.request
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80), 1),
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: urllib.request.urlopen("http://192.0.2.1/"),
    lambda: subprocess.run(["true"]),
    lambda: os.fork(),
):
    with contextlib.suppress(OSError):
        attempt()
print(json.dumps({"tried": tried}))
"""
    tried = run([sys.executable, "-c", GUARD + attempts], tmp_path, models_dir)["tried"]
    assert isinstance(tried, list)
    assert len(tried) == 5


def test_the_counters_see_what_they_are_there_for(tmp_path: Path, models_dir: Path) -> None:
    prefix = no_network()
    if not prefix:
        pytest.skip("this system offers no networks of one's own (unshare)")
    attempt = """
import contextlib, json, socket
with contextlib.suppress(OSError):
    socket.create_connection(("192.0.2.1", 80), 1)
names, values = [line.split() for line in open("/proc/self/net/snmp")][:2]
print(json.dumps({"missed": int(values[names.index("OutNoRoutes")])}))
"""
    assert run([*prefix, sys.executable, "-c", attempt], tmp_path, models_dir)["missed"] == 1


@pytest.mark.parametrize("order", ["docmind.cli.doctor", "docmind.engines.openvino", "docmind.cli.main"])
def test_openvino_comes_without_its_telemetry(order: str) -> None:
    code = f"import {order}, openvino, sys; print([m for m in sys.modules if m.startswith('openvino_telemetry.')])"
    done = subprocess.run([sys.executable, "-c", GUARD + code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_the_app_is_told_to_gather_no_statistics() -> None:
    config = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["address"] == "127.0.0.1"


def handshake(port: int, origin: str) -> int:
    """What the app says to a page of an address that wants to speak to it."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    upgrade = {
        "Origin": origin,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    asked.request("GET", "/_stcore/stream", headers=upgrade)
    status = asked.getresponse().status
    asked.close()
    return status


def test_the_app_starts_without_reaching_for_another_machine(tmp_path: Path, models_dir: Path) -> None:
    """The real app, with the guard in every Python process that it starts."""
    (tmp_path / "guard").mkdir()
    report = tmp_path / "tried.txt"
    guard = GUARD.replace("docmind.parsing.sandbox.child", "docmind.ui.serve")
    guard = guard.replace(
        "tried = []", f"class Book(list):\n    append = open({str(report)!r}, 'a', 1).write\ntried = Book()"
    )
    (tmp_path / "guard" / "sitecustomize.py").write_text(guard, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DOCMIND_", "STREAMLIT_"))},
        "PYTHONPATH": str(tmp_path / "guard"),
        "HOME": str(tmp_path),
        "DOCMIND_DATA_DIR": str(tmp_path / "data"),
        "DOCMIND_MODELS_DIR": str(models_dir),
        "DOCMIND_PORT": str(port),
    }
    command = [Path(sys.executable).with_name("docmind"), "--no-browser"]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as app:
        assert app.stderr
        said = app.stderr.readline()
        try:
            assert f"http://127.0.0.1:{port}" in said
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
                assert answer.status == 200
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
            # Pages of others, on this machine too, are turned away, and nobody outside is asked who this machine is.
            shaken = {origin: handshake(port, origin) for origin in (
                f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}", "http://localhost", "http://evil.example",
            )}  # fmt: skip
            assert list(shaken.values()) == [101, 403, 403, 403]
        finally:
            app.send_signal(signal.SIGINT)
            app.wait(30)
    assert report.read_text(encoding="utf-8") == ""
