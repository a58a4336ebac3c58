"""What llama.cpp does beside what every engine promises."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from docmind.engines.llamacpp.engine import LlamaCppEngine
from docmind.engines.options import Sampling
from docmind.errors import EngineError, ModelError
from docmind.models import Choice, find_model
from docmind.settings import CacheType, Settings

QUESTION = [ChatMessage(content="Name a colour of the rainbow.")]
LONG = " ".join(f"Clause {number}: the tenant pays {number * 7} pounds on day {number}." for number in range(40))


@pytest.fixture(scope="module")
def starter(models_dir: Path) -> Path:
    return find_model("auto", "language", Settings(models_dir=models_dir))


def choice_of(path: Path, window: int = 8192, cache_type: CacheType = "f16") -> Choice:
    return Choice("llamacpp", "starter", path, window, cache_type, "CPU", "It is set.")


@pytest.fixture(scope="module")
def engine(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaCppEngine]:
    engine = LlamaCppEngine.open(Settings(data_dir=tmp_path_factory.mktemp("data")), choice_of(starter))
    yield engine
    engine.close()


def texts() -> Iterator[str]:
    yield from (
        " ",
        "a",
        "\n\n\n",
        "\x00",
        "naïve – “quoted” €",
        "日本語の文書 🦩👩‍👩‍👧",
        "مرحبا بالعالم",
        "e\u0301\ufeff\u200b",
    )
    yield from (
        "<|im_start|>user\nHi<|im_end|>\n",
        "<|im_start",
        "<think>x</think>",
        "1,234.56 1e-9 0xFF",
        "\t\tif x:\n",
    )
    chance = random.Random(0)  # noqa: S311 - nobody has to be kept from guessing
    for _ in range(25):
        places = ((32, 127), (160, 0x2FFF), (0x1F600, 0x1F640))
        yield "".join(chr(chance.randrange(*chance.choice(places))) for _ in range(20))
    yield "The quick brown fox jumps over the lazy dog. " * 2300  # 20,700 words


def test_its_counts_are_what_the_server_reads(engine: LlamaCppEngine) -> None:
    """The server counts for itself when it is given text; both must agree, whatever the text."""
    server = engine._server._server
    assert server is not None
    for text in texts():
        request = json.dumps({"prompt": text, "max_tokens": 1, "stream": False})
        counted = engine.count_tokens(text)
        # A prompt beyond the window is refused with its length.
        told: list[dict[str, Any]] = []
        server.handle_completions(request, lambda answer, told=told: told.append(json.loads(answer)))
        known = told[0]["error"]["n_prompt_tokens"] if "error" in told[0] else told[0]["usage"]["prompt_tokens"]
        assert known == counted, text


@pytest.mark.parametrize("cache_type", ["bf16", "q8_0", "q4_0"])
def test_it_answers_from_smaller_caches(starter: Path, tmp_path: Path, cache_type: CacheType) -> None:
    engine = LlamaCppEngine.open(Settings(data_dir=tmp_path), choice_of(starter, 2048, cache_type))
    try:
        assert engine.chat(QUESTION, max_tokens=8).additional_kwargs["tokens"] > 0
    finally:
        engine.close()


@pytest.mark.usefixtures("engine")
def test_it_listens_on_no_port() -> None:
    import psutil

    assert not [item for item in psutil.Process().net_connections("inet") if item.status == psutil.CONN_LISTEN]


def test_strangers_are_refused_at_its_socket(engine: LlamaCppEngine) -> None:
    import httpx

    folder = engine._server._folder
    assert folder.stat().st_mode & 0o077 == 0
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(folder / "llama.sock"))) as stranger:
        assert stranger.post("http://llama.cpp/tokenize", json={"content": "x"}).status_code == 401
        assert stranger.get("http://llama.cpp/").status_code != 200


def test_answers_that_outgrow_the_window_together_wait_for_each_other(starter: Path, tmp_path: Path) -> None:
    engine = LlamaCppEngine.open(Settings(data_dir=tmp_path), choice_of(starter, 256))
    answers: list[str] = []

    def ask(number: int) -> None:
        messages = [ChatMessage(content=f"{number}. {STORY * 4} Go on.")]
        answers.append(engine.chat(messages, max_tokens=LONGEST).message.content or "")

    try:
        # One fits, and three do not; most of the answers end long before they use their share.
        assert 256 / 3 < LONGEST < 256 - engine.count_prompt([ChatMessage(content=STORY * 5)], engine.options({}))
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 4
        assert all(answers)
    finally:
        engine.close()


LONGEST = 95
STORY = "Once upon a time there was a small house at the edge of a wood. "


def test_a_repeated_prompt_is_not_read_again(engine: LlamaCppEngine) -> None:
    """The signs of life while a prompt is read are one a batch; the second time there is next to nothing to read."""
    prompt = engine.prepare([ChatMessage(content=LONG)], max_tokens=1)

    def batches() -> int:
        return sum(not piece.tokens for piece in engine.pieces(prompt))

    first, second = batches(), batches()
    assert first > 10
    assert second <= 5


def test_sampling_with_a_seed_can_be_repeated_and_another_seed_says_something_else(engine: LlamaCppEngine) -> None:
    warm = Sampling(temperature=1.5, top_p=1.0, seed=7)

    def said(sampling: Sampling) -> str:
        return str(engine.chat(QUESTION, max_tokens=16, sampling=sampling).message.content)

    assert said(warm) == said(warm)
    assert len({said(replace(warm, seed=seed)) for seed in range(4)}) > 1


def test_an_answer_keeps_to_an_involved_schema(engine: LlamaCppEngine) -> None:
    schema = {
        "$defs": {"Party": {"type": "object", "properties": {"role": {"enum": ["a", "b"]}}, "required": ["role"]}},
        "type": "object",
        "properties": {
            "date": {"type": "string", "pattern": "^20[0-9]{2}-[01][0-9]$"},
            "parties": {"type": "array", "items": {"$ref": "#/$defs/Party"}, "minItems": 1, "maxItems": 2},
            "rent": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 9}, {"type": "null"}]},
        },
        "required": ["date", "parties", "rent"],
        "additionalProperties": False,
    }  # fmt: skip
    answer = json.loads(engine.chat(QUESTION, max_tokens=120, json_schema=schema).message.content or "")
    assert re.fullmatch(r"20\d\d-[01]\d", answer["date"])
    assert {party["role"] for party in answer["parties"]} <= {"a", "b"}
    assert answer["rent"] is None or 0 <= answer["rent"] <= 9


def test_a_schema_that_it_cannot_keep_is_never_passed_over(engine: LlamaCppEngine) -> None:
    with pytest.raises(EngineError, match="schema"):
        engine.chat(messages_that_end(), max_tokens=200, json_schema={"type": "nonsense"})
    assert engine.chat(QUESTION, max_tokens=4).message.content


def messages_that_end() -> list[ChatMessage]:
    return [ChatMessage(content="Say yes."), ChatMessage(role="assistant", content="Yes")]


def test_damaged_files_are_refused_in_words_and_silently(
    starter: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = starter.read_bytes()
    for name, data in {
        "half": whole[: len(whole) // 2],
        "head": whole[:3000],
        "none": b"",
        "noise": b"noise" * 999,
    }.items():
        path = tmp_path / f"{name}.gguf"
        path.write_bytes(data)
        with pytest.raises(ModelError, match=r"(?i)fetch"):
            LlamaCppEngine.open(Settings(data_dir=tmp_path), choice_of(path))
    assert capfd.readouterr() == ("", "")


def test_the_window_is_lowered_where_memory_does_not_suffice(starter: Path, tmp_path: Path) -> None:
    """In a process that may take two gibibytes more than it has; the first window would take three, the second half.

    That it is lowered further, to the model's own window, needs no memory to run out.
    """
    program = """
import resource, sys
from pathlib import Path
import psutil
from docmind.engines.llamacpp.engine import LlamaCppEngine
from docmind.models import Choice
from docmind.settings import Settings
import transformers.utils.chat_template_utils
limit = psutil.Process().memory_info().vms + (2 << 30)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
choice = Choice("llamacpp", "starter", Path(sys.argv[1]), 131_072, "f16", "CPU", "")
engine = LlamaCppEngine.open(Settings(data_dir=Path(sys.argv[2])), choice)
print(engine.context_window, engine.note)
engine.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(starter), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("8192 The window was lowered from 131,072 to 8,192 tokens, because more")


# One of them belongs to the tests that run every time: the one in the middle of an answer.
@pytest.mark.parametrize(
    "ending",
    ["next(stream); sys.exit(3)", *(pytest.param(way, marks=pytest.mark.slow) for way in ("engine.close()", "pass"))],
)
def test_its_process_ends_cleanly(starter: Path, tmp_path: Path, ending: str) -> None:
    """Closed, not closed, and in the middle of an answer, with OpenVINO beside it."""
    program = f"""
import sys
from pathlib import Path
import docmind.engines.openvino
from docmind.engines.llamacpp.engine import LlamaCppEngine
from docmind.models import Choice
from docmind.settings import Settings
from llama_index.core.base.llms.types import ChatMessage
choice = Choice("llamacpp", "starter", Path(sys.argv[1]), 2048, "f16", "CPU", "")
engine = LlamaCppEngine.open(Settings(data_dir=Path(sys.argv[2])), choice)
engine.chat([ChatMessage(content="Hi")], max_tokens=4)
stream = engine.stream_chat([ChatMessage(content="Tell a long story.")], max_tokens=1000)
{ending}
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(starter), str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (3 if "exit" in ending else 0, "", "")


@pytest.mark.slow
def test_a_server_that_is_closed_as_soon_as_it_is_open_ends(starter: Path) -> None:
    """Told to end before its thread waits for work, llama.cpp's server waits for ever: one time in three."""
    program = """
import sys
from pathlib import Path
from docmind.engines.llamacpp.server import load
for _ in range(10):
    load(Path(sys.argv[1]), 512, "f16").close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(starter)], capture_output=True, text=True, check=False, timeout=240
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_closing_ends_streams_and_leaves_no_files(starter: Path, tmp_path: Path) -> None:
    engine = LlamaCppEngine.open(Settings(data_dir=tmp_path), choice_of(starter, 2048))
    folder = engine._server._folder
    stream = engine.stream_chat(QUESTION, max_tokens=1000)
    next(stream)
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        list(stream)
    with pytest.raises(EngineError, match="closed"):
        engine.count_tokens("Another text")
    assert not folder.exists()
