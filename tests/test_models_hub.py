"""A model from its home on a hub, by a stand-in that answers as the hub does: listed, broken off, resumed, checked."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from docmind.environment import process_environment
from docmind.errors import ChecksumError, ModelDownloadError
from docmind.models import find_model, pull
from docmind.models.folders import MANIFEST, holds_model
from docmind.settings import Settings
from model_hub import COMMIT, Hub, source_of, standing

NAME, WHOLE = "qwen3-4b-instruct-2507-gguf", "qwen3-4b-instruct-2507"
WEIGHTS = bytes(range(256)) * 20_000  # 5 MB


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with standing(Hub({source_of(NAME).file: WEIGHTS, "other.gguf": b"x" * 5_000, "README.md": b"# Card"})) as held:
        monkeypatch.setenv("HF_ENDPOINT", held.address)
        yield held


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models_dir=tmp_path / "models", data_dir=tmp_path / "data")


def test_one_file_of_a_repository_comes_whole_and_checked(hub: Hub, settings: Settings) -> None:
    seen: list[tuple[str, int, int]] = []
    folder = pull(NAME, settings, lambda *said: seen.append(said))
    assert (folder / source_of(NAME).file).read_bytes() == WEIGHTS
    assert {stage for stage, _, _ in seen} == {"waiting", "downloading", "checking"}
    assert seen[-1] == ("checking", len(WEIGHTS), len(WEIGHTS))
    assert find_model(NAME, "language", settings) == folder / source_of(NAME).file
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["source"] == f"{source_of(NAME).repository}@{COMMIT}"
    assert not list((settings.models_path / ".fetching").iterdir())
    hub.asked.clear()
    assert pull(NAME, settings) == folder
    assert not hub.asked  # it is here


def test_of_a_whole_repository_other_forms_of_the_weights_stay_away(hub: Hub, settings: Settings) -> None:
    wanted = {
        "config.json": b"{}",
        "model.safetensors": WEIGHTS,
        "tokenizer.json": b"{ }",
        "1_Pooling/config.json": b"{}",
    }
    others = {
        "pytorch_model.bin": b"y" * 2_000,
        "onnx/model.onnx": b"z" * 2_000,
        "imgs/a.jpg": b"j",
        ".gitattributes": b"g",
    }
    hub.files = wanted | others
    folder = pull(WHOLE, settings)
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {*wanted, MANIFEST}
    hub.files = {"config.json": b"{}", "pytorch_model.bin": b"y" * 2_000}
    assert (pull("bge-m3", settings) / "pytorch_model.bin").is_file()  # its home has no others


def test_what_breaks_off_goes_on_where_it_stopped(hub: Hub, settings: Settings) -> None:
    hub.break_off_after = 3_000_000
    folder = pull(NAME, settings)
    assert (folder / source_of(NAME).file).read_bytes() == WEIGHTS
    wanted = [wanted for path, wanted in hub.asked if "/api/" not in path]
    begins = [int(each.removeprefix("bytes=")[:-1]) if each else 0 for each in wanted]
    assert len(begins) > 1
    assert begins == sorted(set(begins))


def test_it_is_stopped_and_goes_on_at_the_next_try(hub: Hub, settings: Settings) -> None:
    def stop(stage: str, done: int, _: int) -> None:
        if stage == "downloading" and done > 2_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(NAME, settings, stop)
    assert not (settings.models_path / NAME).exists()
    hub.asked.clear()
    folder = pull(NAME, settings)
    assert (folder / source_of(NAME).file).read_bytes() == WEIGHTS
    (begin,) = [wanted for path, wanted in hub.asked if "/api/" not in path]
    assert int(begin.removeprefix("bytes=")[:-1]) >= 2_000_000


def test_a_kill_in_the_middle_leaves_no_half_model_and_the_next_try_goes_on(hub: Hub, settings: Settings) -> None:
    hub.stall_after = 3_000_000
    command = [sys.executable, "-m", "docmind.cli.main", "models", "pull", NAME]
    environment = process_environment(
        HF_ENDPOINT=hub.address, DOCMIND_MODELS_DIR=str(settings.models_path), DOCMIND_DATA_DIR=str(settings.data_dir)
    )
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as pulling:
        for _ in range(600):
            if sum(path.stat().st_size for path in settings.models_path.rglob("*.gguf")) >= 2_000_000:
                break
            time.sleep(0.1)
        pulling.kill()
    assert not (settings.models_path / NAME).exists()
    hub.goes_on.set()
    hub.asked.clear()
    assert (pull(NAME, settings) / source_of(NAME).file).read_bytes() == WEIGHTS
    (begin,) = [wanted for path, wanted in hub.asked if "/api/" not in path]
    assert int(begin.removeprefix("bytes=")[:-1]) >= 2_000_000


def test_what_is_here_is_held_against_what_came(hub: Hub, settings: Settings) -> None:
    folder = pull(NAME, settings)
    hub.asked.clear()
    assert pull(NAME, settings, verify=True) == folder
    file = folder / source_of(NAME).file
    file.write_bytes(WEIGHTS[:-1] + b"!")
    assert pull(NAME, settings) == folder  # the sizes are right
    with pytest.raises(ChecksumError, match=f"{file.name} is no longer what was fetched. Remove .*, then run"):
        pull(NAME, settings, verify=True)
    (folder / MANIFEST).unlink()
    with pytest.raises(ChecksumError, match="not filled by DocMind, so no digests are noted"):
        pull(NAME, settings, verify=True)
    assert not hub.asked


@pytest.mark.parametrize("large", [True, False])
def test_what_is_not_as_listed_is_thrown_away(large: bool, hub: Hub, settings: Settings) -> None:
    listing = json.loads(hub.listing())
    name = source_of(NAME).file
    for each in listing["siblings"]:
        if each["rfilename"] == name:
            each.update({"lfs": {"sha256": "0" * 64}} if large else {"lfs": None, "blobId": "0" * 40})
    hub.listed = listing
    with pytest.raises(ChecksumError, match=r"another digest.*docmind models pull"):
        pull(NAME, settings)
    assert not holds_model(settings.models_path / NAME)
    hub.listed = None
    assert holds_model(pull(NAME, settings))


@pytest.mark.parametrize("path", ["../../evil.gguf", "/etc/evil.gguf", "a\\b.gguf", "C:evil.gguf", "\ud800.gguf"])
def test_no_file_chooses_where_it_lands(path: str, hub: Hub, settings: Settings) -> None:
    hub.files[path] = b"e" * 10
    with pytest.raises(ModelDownloadError, match="not understood"):
        pull(WHOLE, settings)
    assert [path for path, _ in hub.asked] == [f"/api/models/{source_of(WHOLE).repository}"]


def test_more_than_was_listed_is_not_written(hub: Hub, settings: Settings) -> None:
    listing = json.loads(hub.listing())
    for each in listing["siblings"]:
        each["size"] = min(each["size"], 100_000)
    hub.listed = listing
    with pytest.raises(ChecksumError, match="longer than the 100,000"):
        pull(NAME, settings)
    assert max(path.stat().st_size for path in settings.models_path.rglob("*.gguf")) <= 100_000


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_home_that_refuses_is_told_with_the_way_by_hand(status: int, hub: Hub, settings: Settings) -> None:
    hub.status = status
    with pytest.raises(ModelDownloadError, match=f"answers {status}.*Copy .*{source_of(NAME).repository}"):
        pull(NAME, settings)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "nowhere", "http://[", "ftp://hub"])
def test_a_home_that_cannot_be_reached_is_told_with_the_way_by_hand(
    address: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(ModelDownloadError, match=r"cannot be reached from this machine.*Copy "):
        pull(NAME, settings)


@pytest.mark.parametrize(
    "listed",
    [
        {"sha": "../.."},
        {"sha": "a" * 500},
        {"pad": "x" * (17 << 20)},
        {"siblings": [{"rfilename": "a.gguf", "size": -1}]},
        {"siblings": [{"rfilename": "a.gguf", "size": float("inf")}]},
        {"siblings": None},
        {"siblings": [1]},
        {"siblings": [{"rfilename": "a.gguf"}]},
        {"siblings": []},
    ],
)
def test_what_is_no_listing_is_told_and_nothing_is_fetched(
    listed: dict[str, object], hub: Hub, settings: Settings
) -> None:
    hub.listed = listed
    with pytest.raises(ModelDownloadError, match=r"not understood.*HF_ENDPOINT names a model hub"):
        pull(NAME, settings)
    assert not list(settings.models_path.rglob("*.gguf"))


@pytest.mark.parametrize(
    ("variable", "value"), [("ALL_PROXY", "socks://127.0.0.1:9"), ("ALL_PROXY", "socks5://127.0.0.1:9")]
)
def test_a_proxy_that_cannot_be_used_is_told(
    variable: str, value: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ModelDownloadError, match=r"proxies and certificates cannot be used.*Copy "):
        pull(NAME, settings)


def test_a_password_in_the_address_is_not_shown(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://me:secret@127.0.0.1:9")
    with pytest.raises(ModelDownloadError, match=r"http://127\.0\.0\.1:9, cannot be reached") as raised:
        pull(NAME, settings)
    assert "secret" not in str(raised.value)


def test_waiting_for_another_process_ends_when_nobody_waits_any_more(hub: Hub, settings: Settings) -> None:
    settings.models_path.mkdir(parents=True)
    asked: list[str] = []

    def stop(stage: str, *_: int) -> None:
        asked.append(stage)
        if len(asked) > 2:
            raise KeyboardInterrupt

    with FileLock(settings.models_path / f".{NAME}.lock"), pytest.raises(KeyboardInterrupt):
        pull(NAME, settings, stop)
    assert set(asked) == {"waiting"}
    assert not hub.asked


def test_a_manifest_of_the_home_is_not_taken_for_ours(hub: Hub, settings: Settings) -> None:
    hub.files = {"config.json": b"{}", "model.safetensors": WEIGHTS, MANIFEST: b"{}"}
    assert holds_model(pull(WHOLE, settings))
