"""What is particular to vLLM; what all engines promise is in tests/contracts/test_engines.py. Run: `make test-vllm`."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from converting import starter_for_vllm
from llama_index.core.base.llms.types import ChatMessage
from llama_index.llms.vllm import Vllm

from docmind import models
from docmind.engines import INSTRUCT, PRECISE, Engine, Sampling, open_engine
from docmind.engines.vllm.attempts import attempts
from docmind.engines.vllm.engine import VLLMEngine
from docmind.environment import process_environment
from docmind.errors import EngineError, EngineLostError, MissingExtraError, ModelError, SettingsError
from docmind.models import Choice
from docmind.settings import Settings

STORY = "Once upon a time there was a small house at the edge of a wood. "


def choice(folder: Path, window: int = 8192, device: str = "cpu") -> Choice:
    return Choice("vllm", "starter", folder, window, "bf16", device, "The test says so.")


def starter(models_dir: Path) -> Path:
    return models.find_model("auto", "language", Settings(models_dir=models_dir))


# Where vLLM is not installed


@pytest.mark.skipif(importlib.util.find_spec("vllm") is not None, reason="vLLM is installed")
def test_a_missing_package_is_named_with_its_command(tmp_path: Path, plain_settings: Settings) -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'docmind\[gpu\]'"):
        open_engine(plain_settings, choice(tmp_path))


# How it is started; what it is told needs no vLLM


def told(folder: Path, cache_type: str, config: dict[str, object], *, on_cuda: bool) -> list[dict[str, object]]:
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": 262_144, **config}), encoding="utf-8")
    asked = Choice("vllm", "a model", folder, 131_072, cache_type, "cuda", "")  # type: ignore[arg-type]  # a parameter
    return [dict(attempt.arguments) for attempt in attempts(Settings(), asked, on_cuda=on_cuda)]


def test_the_window_asked_for_is_the_longest_that_is_tried(tmp_path: Path) -> None:
    for arguments in told(tmp_path, "bf16", {}, on_cuda=True):
        assert arguments["hf_overrides"] == {"max_position_embeddings": 131_072}


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({}, ["fp8_e5m2", "fp8_e4m3", "auto"]),
        ({"quantization_config": {"quant_method": "fp8"}}, ["fp8_e4m3", "auto"]),
        ({"quantization_config": {"quant_method": "compressed-tensors"}}, ["fp8_e5m2", "fp8_e4m3", "auto"]),
    ],
    ids=["BF16 weights", "FP8 weights", "AWQ weights"],
)
def test_an_fp8_cache_takes_the_form_that_the_checkpoint_allows(
    tmp_path: Path, weights: dict[str, object], expected: list[str]
) -> None:
    tried = told(tmp_path, "fp8", weights, on_cuda=True)
    assert [arguments["kv_cache_dtype"] for arguments in tried[: len(expected)]] == expected


def test_the_last_attempt_on_a_card_takes_a_smaller_batch(tmp_path: Path) -> None:
    *_, usual, last = told(tmp_path, "bf16", {}, on_cuda=True)
    assert not usual["enforce_eager"]
    assert last["enforce_eager"]
    assert last["max_num_batched_tokens"] < usual["max_num_batched_tokens"]  # type: ignore[operator]  # both are numbers


# As LlamaIndex's own class for vLLM; what it takes and refuses needs no vLLM


def closed_engine(**values: Any) -> VLLMEngine:
    return VLLMEngine(engine_name="vllm", model_name="starter", context_window=8192, **values)


def test_it_is_a_vllm_of_llama_index_whose_every_way_in_is_ours() -> None:
    engine = closed_engine()
    assert isinstance(engine, Vllm)
    assert isinstance(engine, Engine)
    ways = ("chat", "complete", "stream_chat", "stream_complete", "achat", "acomplete", "astream_chat")
    for name in (*ways, "astream_complete", "close", "metadata", "__init__"):
        owner = next(kind for kind in VLLMEngine.__mro__ if name in vars(kind))
        assert owner.__module__.startswith("docmind."), name
    assert engine.metadata.context_window == 8192
    assert VLLMEngine.class_name() == "VLLMEngine"


def test_importing_it_leaves_nothing_to_do_at_the_end_of_the_process() -> None:
    """LlamaIndex's class would import torch there, which here cannot be done, to empty a cache that is not ours."""
    program = "import sys; sys.modules['torch'] = None; import docmind.engines.vllm.engine"
    done = subprocess.run(
        [sys.executable, "-c", program], env=process_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "torch" not in done.stderr


def test_the_names_of_llama_index_hold_in_a_call() -> None:
    given = {"temperature": 0.3, "top_p": 0.9, "top_k": -1, "stop": "END", "max_new_tokens": 7, "presence_penalty": 0.5}
    options = closed_engine().options(given)
    assert (options.max_tokens, options.stop, options.presence_penalty) == (7, ("END",), 0.5)
    assert options.sampling == Sampling(temperature=0.3, top_p=0.9, top_k=0)
    assert closed_engine().options({"max_tokens": 5, "max_new_tokens": 7}).max_tokens == 5


def test_a_field_holds_until_a_call_says_otherwise() -> None:
    engine = closed_engine(temperature=0.3, max_new_tokens=9)
    engine.stop = ["END", "STOP"]
    options = engine.options({})
    assert (options.max_tokens, options.stop, options.sampling.temperature) == (9, ("END", "STOP"), 0.3)
    assert engine.options({"temperature": 0.0, "stop": None}).sampling == PRECISE
    assert engine.options({"temperature": 0.0, "stop": None}).stop == ()
    assert engine.options({"sampling": INSTRUCT}).sampling == INSTRUCT
    assert closed_engine().options({"thinking": True}).sampling == PRECISE  # nothing was set, so the preset holds


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n": 2}, "one answer"),
        ({"best_of": 3}, "one answer"),
        ({"logprobs": 1}, "logprobs"),
        ({"trust_remote_code": True}, "never run"),
    ],
)
def test_what_cannot_or_must_not_be_is_refused_in_words(given: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises((EngineError, SettingsError), match=words):
        closed_engine(**given)
    with pytest.raises((EngineError, SettingsError), match=words):
        closed_engine().options(given)
    engine = closed_engine()
    for name, value in given.items():
        setattr(engine, name, value)
    with pytest.raises((EngineError, SettingsError), match=words):
        engine.chat([ChatMessage(content="Hi")])
    with pytest.raises((EngineError, SettingsError), match=words):
        VLLMEngine.open(Settings(), choice(tmp_path), vllm_kwargs=given)


# For real


@pytest.fixture(scope="module")
def engine(models_dir: Path) -> Iterator[Engine]:
    engine = open_engine(Settings(models_dir=models_dir), choice(starter_for_vllm(starter(models_dir))))
    yield engine
    engine.close()


def story(beginning: str, times: int = 10) -> list[ChatMessage]:
    return [ChatMessage(content=f"{beginning} {STORY * times}\nHow does it go on? Tell at length.")]


def family() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def computing() -> list[psutil.Process]:
    """vLLM's processes; the one in which Python keeps its books on shared memory computes nothing."""
    return [process for process in family() if "VLLM" in process.name()]


@pytest.mark.vllm
def test_five_readers_are_answered_together(engine: Engine) -> None:
    everyone = threading.Barrier(5)

    def first_words(reader: int) -> bool:
        stream = engine.stream_chat(story(f"Reader {reader}:"), max_tokens=200)
        next(response for response in stream if response.delta)
        # All five hold their first words and none has finished: they pass only together.
        everyone.wait(timeout=60)
        return bool(list(stream))

    with ThreadPoolExecutor(5) as pool:
        assert all(pool.map(first_words, range(5)))


@pytest.mark.vllm
def test_a_repeated_prompt_is_not_read_again(engine: Engine) -> None:
    def work() -> float:
        before = sum(process.cpu_times().user for process in computing())
        list(engine.stream_chat(story("Again:", times=200), max_tokens=1))
        return sum(process.cpu_times().user for process in computing()) - before

    first, again = work(), work()
    assert again < first / 3


@pytest.mark.vllm
def test_the_names_of_llama_index_reach_vllm(engine: Engine) -> None:
    said = engine.complete("Count: one, two, three, four", max_new_tokens=12).text
    word = said.split()[1]
    assert (
        engine.complete("Count: one, two, three, four", max_new_tokens=12, stop=[word]).text == said.partition(word)[0]
    )
    warm = {"temperature": 1.5, "top_p": 0.9, "top_k": 40, "presence_penalty": 0.5, "max_new_tokens": 12}
    assert len({engine.complete("Tell me about the sea.", **warm).text for _ in range(4)}) > 1
    assert engine.chat(story("Long:"), max_new_tokens=16, ignore_eos=True).additional_kwargs["tokens"] == 16


@pytest.mark.vllm
def test_more_can_be_told_when_it_is_opened(models_dir: Path) -> None:
    folder = starter_for_vllm(starter(models_dir))
    opened = VLLMEngine.open(Settings(models_dir=models_dir), choice(folder, 2_048), vllm_kwargs={"max_num_seqs": 3})
    try:
        assert (opened.tensor_parallel_size, opened.vllm_kwargs) == (1, {"max_num_seqs": 3})
        assert opened._host._engine.vllm_config.scheduler_config.max_num_seqs == 3
    finally:
        opened.close()


@pytest.mark.vllm
def test_a_schema_that_is_none_fails_one_answer_in_words(engine: Engine) -> None:
    with pytest.raises(EngineError, match="vLLM could not answer"):
        engine.chat(story("Schema:"), json_schema={"type": "nonsense"}, max_tokens=16)
    assert not engine.lost
    assert engine.chat(story("Free:"), max_tokens=4).message.content


@pytest.mark.vllm
def test_a_gguf_file_is_refused_with_advice(models_dir: Path) -> None:
    with pytest.raises(ModelError, match="DOCMIND_ENGINE"):
        VLLMEngine.open(Settings(models_dir=models_dir), choice(starter(models_dir)))


@pytest.mark.vllm
def test_the_end_of_its_processes_is_told_to_every_reader_once(engine: Engine) -> None:
    """Last of those that share the engine, because it kills it."""
    streams = [engine.stream_chat(story(f"Lost {reader}:"), max_tokens=4000) for reader in range(2)]
    for stream in streams:
        next(response for response in stream if response.delta)
    for process in computing():
        process.kill()
    for stream in streams:
        with pytest.raises(EngineLostError, match="Ask again"):
            list(stream)
    assert engine.lost
    with pytest.raises(EngineLostError):
        engine.chat(story("After:"))
    engine.close()
    assert not computing()


# A life of its own, in a program of its own

# Without `if __name__ == "__main__"`, as users write: vLLM's processes must not run it again.
PROGRAM = """
import json, os, sys
from pathlib import Path

import psutil

from docmind.engines import open_engine
from docmind.models import Choice
from docmind.settings import Settings

folder = Path(sys.argv[1])
engine = open_engine(Settings(data_dir=folder), Choice("vllm", "starter", folder, 65_536, "bf16", "cpu", ""))
written = engine.complete("What is the capital of France?", max_tokens=16).text
listening = [
    connection.laddr.ip
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]
    for connection in process.net_connections("inet")
    if connection.status == "LISTEN"
]
from vllm.usage.usage_lib import is_usage_stats_enabled

reports = is_usage_stats_enabled()
engine.close()
left = [process.name() for process in psutil.Process().children(recursive=True) if "VLLM" in process.name()]
print("TOLD", json.dumps([engine.context_window, engine.note, written, listening, reports, left]))
"""
# Python runs a file of this name in every process that starts, vLLM's own among them.
LISTENER = """
import os, sys

def heard(event, arguments):
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        told = arguments[1][0]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        told = arguments[0]
    else:
        return
    with open(os.environ["HEARD"], "a") as file:
        file.write(f"{told}\\n")

sys.addaudithook(heard)
with open(os.environ["HEARD"], "a") as file:
    file.write(f"process-{os.getpid()}\\n")
"""


@pytest.mark.vllm
def test_a_whole_life(tmp_path: Path, models_dir: Path) -> None:
    """It takes the window that fits, runs no script twice, speaks to nobody, and leaves nothing running."""
    longer = tmp_path / "longer"
    longer.mkdir()
    for file in starter_for_vllm(starter(models_dir)).iterdir():
        (longer / file.name).symlink_to(file)
    config = json.loads((longer / "config.json").read_text(encoding="utf-8"))
    (longer / "config.json").unlink()
    # Whose cache would take 1.5 GB, of which there is one.
    (longer / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 65_536}), encoding="utf-8")
    program, heard = tmp_path / "program.py", tmp_path / "heard"
    program.write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
    heard.touch()
    done = subprocess.run(
        [sys.executable, str(program), str(longer)],
        env=process_environment(PYTHONPATH=str(tmp_path), HEARD=str(heard), XDG_CONFIG_HOME=str(tmp_path / "home")),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("TOLD")]
    window, note, written, listening, reports, left = json.loads(line.removeprefix("TOLD"))
    assert 40_000 < window < 65_536
    assert f"{window:,}" in note
    assert "Paris" in written
    assert set(listening) <= {"127.0.0.1", "::1"}
    assert not reports  # only its CUDA build would, so that listening to this one cannot tell
    assert not left
    lines = set(heard.read_text(encoding="utf-8").split())
    processes = {line for line in lines if line.startswith("process-")}
    assert len(processes) >= 3  # the program, vLLM's core and its worker were all listened to
    assert lines - processes <= {"127.0.0.1", "localhost", "::1", "None"}
    assert not (tmp_path / "home" / "vllm" / "usage_stats.json").exists()


# Killed before it could close; what it prints is its children's process ids.
KILLED = """
import os, signal, sys
from pathlib import Path

import psutil

from docmind.engines import open_engine
from docmind.models import Choice
from docmind.settings import Settings

folder = Path(sys.argv[1])
open_engine(Settings(data_dir=folder), Choice("vllm", "starter", folder, 2_048, "bf16", "cpu", ""))
print("TOLD", *[process.pid for process in psutil.Process().children(recursive=True)], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.vllm
def test_nothing_is_left_of_a_program_that_was_killed(tmp_path: Path, models_dir: Path) -> None:
    """What holds a card's memory must not outlive the app, however that ends."""
    program = tmp_path / "program.py"
    program.write_text(KILLED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program), str(starter_for_vllm(starter(models_dir)))],
        env=process_environment(),
        stdout=subprocess.PIPE,
        text=True,
        timeout=280,
        check=False,
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("TOLD")]
    processes = [psutil.Process(int(number)) for number in line.split()[1:] if psutil.pid_exists(int(number))]
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert not alive
