"""What is particular to servers that speak OpenAI's protocol, against llama.cpp's real one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.bridge.pydantic import BaseModel
from llama_index.core.prompts import PromptTemplate
from serving import llama_server

from docmind.engines.local_tokenizer import tokenizer_at
from docmind.engines.openai_compatible.engine import OpenAICompatibleEngine
from docmind.errors import (
    ContextWindowError,
    EngineError,
    EngineLostError,
    ModelError,
    ModelNotFoundError,
    ServerError,
    SettingsError,
)
from docmind.models import Choice, find_model
from docmind.network import require_local
from docmind.settings import Settings

QUESTION = "The tower of Barlow is 47 metres high.\n\nHow high is the tower of Barlow?"
TEXTS = (
    "Grüße – 你好 🦩 1,234.56 € for  x_1\n\n\tdon't",
    "<|im_start|>user\nHi<|im_end|>\n",
    "In 2024 ²½ 日本語の文章\r\n  'LL\u2028\x85.",
)


@pytest.fixture(scope="module")
def starter(models_dir: Path) -> Path:
    return find_model("auto", "language", Settings(models_dir=models_dir))


@pytest.fixture(scope="module")
def url(starter: Path) -> Iterator[str]:
    with llama_server(starter) as url:
        yield url


@contextmanager
def opened(url: str | None, model: str = "auto", window: int = 0, **settings: Any) -> Iterator[OpenAICompatibleEngine]:
    choice = Choice("openai_compatible", model, None, window, "f16", "server", "It is set.")
    engine = OpenAICompatibleEngine.open(Settings(engine="openai_compatible", server_url=url, **settings), choice)
    try:
        yield engine
    finally:
        engine.close()


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[OpenAICompatibleEngine]:
    with opened(f"{url}/v1") as engine:
        yield engine


def user(text: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.USER, content=text)


def begun(text: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.ASSISTANT, content=text)


@contextmanager
def small_server(answers: dict[str, Any], status: int = 200, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server with a fixed answer for each path; also tells which paths were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found = answers.get(self.path)
            data = found if isinstance(found, bytes) else json.dumps(found or {}).encode()
            self.send_response(status if found is not None else 404)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_the_server_says_what_it_is(engine: OpenAICompatibleEngine) -> None:
    assert engine.model_name == "SmolLM2-135M-Instruct.Q4_1"
    assert engine.context_window == 8192
    assert engine.parallel_answers == 4
    assert engine.best_style == "quote"
    assert engine.modes == {"plain"}
    assert "llama.cpp, server at 127.0.0.1" in engine.device
    assert not engine.leaves_machine


def test_tokens_are_those_of_the_models_own_file(engine: OpenAICompatibleEngine, starter: Path) -> None:
    own = tokenizer_at(starter)
    for text in TEXTS:
        assert engine.count_tokens(text) == len(own.tokens(text))
    assert engine.special_tokens() == own.special_tokens


def test_what_is_counted_is_what_the_server_reads(engine: OpenAICompatibleEngine, url: str) -> None:
    prompt = engine.render([user(text) for text in TEXTS], engine.options({}))
    read = httpx.post(f"{url}/completion", json={"prompt": prompt, "n_predict": 1}, timeout=120).json()[
        "tokens_evaluated"
    ]
    assert engine.count_tokens(prompt) == read


def test_the_beginning_of_an_answer_is_gone_on_with(engine: OpenAICompatibleEngine) -> None:
    said = engine.chat([user(QUESTION), begun("The tower of Barlow is")], max_tokens=5).message.content or ""
    assert "47" in said


def test_the_tokens_of_an_answer_add_up(engine: OpenAICompatibleEngine) -> None:
    *_, last = engine.stream_chat([user("Count: 1, 2, 3, 🦩")], max_tokens=12)
    assert 0 < last.additional_kwargs["tokens"] <= 12


class Tower(BaseModel):
    town: str
    metres: int


def test_a_structured_answer_has_its_form(engine: OpenAICompatibleEngine) -> None:
    tower = engine.structured_predict(Tower, PromptTemplate("{text}"), {"max_tokens": 100}, text=QUESTION)
    assert isinstance(tower, Tower)


def test_what_looks_like_a_command_is_broken_though_the_tokenizer_does_not_know_it(
    engine: OpenAICompatibleEngine,
) -> None:
    for text in ("<|im_end|>", "<|eot_id|>", "<\uff5cend\u2581of\u2581sentence\uff5c>"):
        assert text not in engine.escape(f"a {text} b")
    assert engine.escape("if a <b |> c: x <| y") == "if a <b |> c: x <| y"


def test_closing_a_stream_stops_the_server(engine: OpenAICompatibleEngine, url: str) -> None:
    stream = engine.stream_chat([user("Tell a long story.")], max_tokens=4000)
    while not next(stream).delta:
        pass
    stream.close()
    deadline = time.monotonic() + 20
    while any(slot["is_processing"] for slot in httpx.get(f"{url}/slots", timeout=120).json()):
        assert time.monotonic() < deadline, "the server still computes"
        time.sleep(0.05)


def test_a_smaller_window_is_kept_to(url: str) -> None:
    with opened(url, window=1024) as engine:
        assert engine.context_window == 1024
        with pytest.raises(ContextWindowError, match="1,024"):
            engine.chat([user("word " * 1000)], max_tokens=100)


def test_a_larger_window_than_the_servers_is_lowered_and_said(url: str) -> None:
    with opened(url, window=131_072) as engine:
        assert engine.context_window == 8192
        assert "8,192" in engine.note


def test_a_server_that_vanishes_in_the_middle_is_said_and_the_engine_is_lost(starter: Path) -> None:
    with llama_server(starter) as url:
        context = opened(url)
        engine = context.__enter__()
        stream = engine.stream_chat([user("Tell a long story.")], max_tokens=4000)
        while not next(stream).delta:
            pass
    with pytest.raises(EngineLostError, match="DOCMIND_SERVER_URL"):
        list(stream)
    assert engine.lost
    context.__exit__(None, None, None)


def test_a_closed_engine_says_so(url: str) -> None:
    with opened(url) as engine:
        unfinished = engine.stream_chat([user("Tell a story.")], max_tokens=2000)
        while not next(unfinished).delta:
            pass
        engine.close()
        engine.close()
        with pytest.raises(EngineError, match="closed"):
            list(unfinished)
        with pytest.raises(EngineError, match="closed"):
            engine.chat([user(QUESTION)])


def test_a_key_is_asked_for_and_sent(starter: Path) -> None:
    with llama_server(starter, key="sesame") as url:
        with pytest.raises(ServerError, match="DOCMIND_SERVER_KEY"), opened(url):
            pass
        with opened(url, server_key="sesame") as engine:
            assert "47" in (engine.chat([user(QUESTION), begun("It is")], max_tokens=5).message.content or "")


def test_a_model_that_is_not_offered_is_said_with_those_that_are(url: str) -> None:
    with pytest.raises(ModelNotFoundError, match=r"SmolLM2-135M-Instruct\.Q4_1"), opened(url, "another"):
        pass


def test_where_there_are_several_models_one_must_be_named() -> None:
    models = {"data": [{"id": "one"}, {"id": "two"}]}
    with small_server({"/v1/models": models}) as (url, _), pytest.raises(SettingsError, match="one, two"), opened(url):
        pass


def test_a_server_that_is_not_there_is_said_with_what_to_do() -> None:
    with pytest.raises(EngineError, match="DOCMIND_SERVER_URL"), opened("http://127.0.0.1:9/v1"):
        pass


def test_something_else_that_listens_there_is_no_server() -> None:
    with small_server({"/": b"<html>"}) as (url, _), pytest.raises(EngineError, match="protocol"), opened(url):
        pass


LM_STUDIO = {"data": [{"id": "smollm2", "type": "llm", "state": "loaded", "loaded_context_length": 4096}]}


def test_a_server_that_cannot_count_asks_for_a_tokenizer(tmp_path: Path) -> None:
    with small_server({"/api/v0/models": LM_STUDIO}) as (url, _):
        with pytest.raises(SettingsError, match="DOCMIND_SERVER_TOKENIZER"), opened(url):
            pass
        with pytest.raises(ModelError, match=r"tokenizer\.json"), opened(url, server_tokenizer=tmp_path):
            pass


def stream_of(prompt_tokens: int) -> bytes:
    usage = {"prompt_tokens": prompt_tokens, "completion_tokens": 3}
    events = [
        {"choices": [{"text": "47\u2028"}]},
        {"choices": [{"text": " m", "finish_reason": "stop"}]},
        {"usage": usage},
    ]
    # Written without escapes, as llama.cpp does: this sign ends a line for many readers.
    lines = [f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()


def test_with_a_tokenizer_here_any_server_is_counted_for(starter: Path) -> None:
    answers = {"/api/v0/models": LM_STUDIO, "/v1/completions": stream_of(10_000)}
    with small_server(answers) as (url, _), opened(url, server_tokenizer=starter) as engine:
        assert engine.context_window == 4096
        assert engine.count_tokens(TEXTS[0]) == len(tokenizer_at(starter).tokens(TEXTS[0]))
        *_, last = engine.stream_chat([user(QUESTION)], max_tokens=20)
        assert last.message.content == "47\u2028 m"
        assert last.additional_kwargs["tokens"] == 3


@pytest.mark.parametrize("folder", ["/home/ana/models/", "C:\\models\\"])
def test_a_model_that_the_server_calls_by_its_path_is_shown_by_its_name(starter: Path, folder: str) -> None:
    models = {"data": [{**LM_STUDIO["data"][0], "id": f"{folder}smollm2.gguf"}]}
    with small_server({"/api/v0/models": models}) as (url, _), opened(url, server_tokenizer=starter) as engine:
        assert engine.model_name == "smollm2.gguf"


def test_a_prompt_that_the_server_cut_is_noticed(starter: Path) -> None:
    answers = {"/api/v0/models": LM_STUDIO, "/v1/completions": stream_of(20)}
    with small_server(answers) as (url, _), opened(url, server_tokenizer=starter) as engine:
        stream = engine.stream_chat([user(QUESTION)], max_tokens=20)
        with pytest.raises(EngineError, match="read only 20 of"):
            list(stream)


@pytest.mark.parametrize(
    "host",
    ["192.0.2.1", "192.0.2.1:8000", "0.0.0.0:8000", "[::ffff:192.0.2.1]:8000", "[2001:db8::1]:8000", "3221225985"],
)
def test_another_machine_is_refused_unless_allowed(host: str) -> None:
    with pytest.raises(SettingsError, match="DOCMIND_ALLOW_REMOTE_SERVER"), opened(f"http://{host}/v1"):
        pass
    assert require_local(f"http://{host}/v1", allowed=True).leaves_machine


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1@192.0.2.1/v1", "http://user:word@127.0.0.1:8000", "ftp://127.0.0.1", "127.0.0.1:8000", ""]
)
def test_addresses_that_are_no_plain_addresses_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="DOCMIND_SERVER_URL"):
        require_local(url, allowed=True)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.8.9.1:80", "[::1]:8000", "[::ffff:127.0.0.1]", "127.1"]
)
def test_this_machine_is_allowed_under_all_its_names(host: str) -> None:
    assert not require_local(f"http://{host}/v1", allowed=False).leaves_machine


def test_a_redirection_is_not_followed() -> None:
    with small_server({"/v1/models": {"data": [{"id": "one"}]}}) as (goal, asked):
        answers = {path: {} for path in ("/api/v0/models", "/v1/models")}
        with (
            small_server(answers, 307, Location=f"{goal}/v1/models") as (url, _),
            pytest.raises(ServerError, match="DOCMIND_SERVER_URL"),
            opened(url),
        ):
            pass
        assert asked == []


def test_a_proxy_in_the_environment_is_not_used(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_server({}) as (proxy, asked):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        with opened(url.replace("127.0.0.1", "localhost")) as engine:
            assert engine.count_tokens("word") == 1
        assert asked == []
