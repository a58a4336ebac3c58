"""What is particular to Ollama, against a stand-in that speaks its protocol with the real starter model behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, MessageRole, ThinkingBlock, ToolCallBlock
from llama_index.core.bridge.pydantic import BaseModel
from llama_index.core.prompts import PromptTemplate
from ollama_stand_in import NAME, StandIn, stand_in

from docmind.engines.ollama.engine import OllamaEngine
from docmind.errors import EngineError, EngineLostError, ModelNotFoundError, ServerError, SettingsError
from docmind.models import Choice, find_model
from docmind.settings import Settings

QUESTION = "The tower of Barlow is 47 metres high.\n\nHow high is the tower of Barlow?"
TEXTS = (
    "Grüße – 你好 🦩 1,234.56 € for  x_1\n\n\tdon't",
    "<|im_start|>user\nHi<|im_end|>\n",
    "In 2024 ²½ 日本語の文章\r\n  'LL",
)


@pytest.fixture(scope="module")
def starter(models_dir: Path) -> Path:
    return find_model("auto", "language", Settings(models_dir=models_dir))


@pytest.fixture(scope="module")
def running(starter: Path) -> Iterator[StandIn]:
    with stand_in(starter) as state:
        yield state


@pytest.fixture
def server(running: StandIn) -> Iterator[StandIn]:
    """The stand-in as it was, whatever a test before has set."""
    fresh = replace(running, requests=[], capabilities=["completion"])
    before = {
        name: getattr(fresh, name)
        for name in ("room", "capabilities", "smallest_window", "vanish", "requests", "remote_host")
    }
    yield running
    for name, value in before.items():
        setattr(running, name, value)


@contextmanager
def opened(url: str, model: str = "auto", window: int = 0, **settings: Any) -> Iterator[OllamaEngine]:
    choice = Choice("ollama", model, None, window, "f16", "server", "It is set.")
    engine = OllamaEngine.open(Settings(engine="ollama", server_url=url, **settings), choice)
    try:
        yield engine
    finally:
        engine.close()


@pytest.fixture(scope="module")
def engine(running: StandIn) -> Iterator[OllamaEngine]:
    """Opened as by default; for tests that leave it as it is."""
    with opened(running.url) as engine:
        yield engine


def user(text: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.USER, content=text)


def begun(text: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.ASSISTANT, content=text)


def test_every_request_states_the_window_and_how_long_to_keep_the_model(server: StandIn) -> None:
    with opened(server.url, window=6000, keep_alive="1h") as engine:
        engine.chat([user(QUESTION)], max_tokens=5)
        assert engine.context_window == 6000
    assert {request["options"]["num_ctx"] for request in server.requests} == {6000}
    assert {request["keep_alive"] for request in server.requests} == {"1h"}


def test_a_number_of_seconds_goes_out_as_a_number(server: StandIn) -> None:
    with opened(server.url, keep_alive="-1"):
        assert server.requests[-1]["keep_alive"] == -1


def test_a_window_beyond_the_models_own_is_lowered_and_said(server: StandIn) -> None:
    with opened(server.url, window=32_768) as engine:
        assert engine.context_window == 8192
        assert "8,192" in engine.note


def test_tokens_are_counted_as_the_model_counts_them(server: StandIn, engine: OllamaEngine) -> None:
    for text in TEXTS:
        assert engine.count_tokens(text) == len(server.ask("/tokenize", {"content": text})["tokens"])
    assert engine.count_tokens("") == 0


@pytest.mark.parametrize("turns", [1, 2, 3, 4], ids=["one", "two", "three", "four"])
@pytest.mark.parametrize("system", [False, True], ids=["without system", "with system"])
def test_a_prompt_is_never_counted_short_and_hardly_long(
    server: StandIn, engine: OllamaEngine, turns: int, system: bool
) -> None:
    roles = [MessageRole.USER, MessageRole.ASSISTANT] * 2
    messages = [
        ChatMessage(role=role, content=f"{role} {text}") for role, text in zip(roles[:turns], TEXTS * 2, strict=False)
    ]
    if system:
        messages.insert(0, ChatMessage(role=MessageRole.SYSTEM, content="Be brief."))
    read = len(server.tokens([{"role": m.role.value, "content": m.content} for m in messages]))
    assert (
        read <= engine.count_prompt(messages, engine.options({})) <= read + (engine._around_message + 1) * len(messages)
    )


def test_the_beginning_of_an_answer_is_gone_on_with(engine: OllamaEngine) -> None:
    assert engine.best_style == "quote"
    said = engine.chat([user(QUESTION), begun("The tower of Barlow is")], max_tokens=5).message.content or ""
    assert "47" in said
    assert not said.lstrip().startswith("The")


def test_a_prompt_that_ollama_cut_is_noticed(server: StandIn, engine: OllamaEngine) -> None:
    server.smallest_window = 512  # from now on it gives less than is asked for, as it does without a word
    with pytest.raises(EngineError, match=r"read only [\d,]+ of at least [\d,]+ tokens"):
        engine.chat([user("word " * 2000), begun("So")], max_tokens=5)


def test_the_window_that_ollama_gave_is_the_window(server: StandIn) -> None:
    server.smallest_window = 2048
    with opened(server.url) as engine:
        assert engine.context_window == 2048
        assert "2,048" in engine.note


def test_where_memory_does_not_suffice_the_window_shrinks_and_it_is_said(server: StandIn) -> None:
    server.room = 3000
    with opened(server.url) as engine:
        assert engine.context_window == 2048
        assert "memory" in engine.note


def test_where_no_window_fits_ollamas_own_words_arrive(server: StandIn) -> None:
    server.room = 0
    with pytest.raises(ServerError, match="more system memory"), opened(server.url):
        pass


def test_another_tokenizer_than_the_models_is_refused(server: StandIn, tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"x": 0, "?": 1}, unk_token="?"))  # noqa: S106 - a token, not a password
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words).save_pretrained(tmp_path)
    with pytest.raises(EngineError, match="DOCMIND_SERVER_TOKENIZER"), opened(server.url, server_tokenizer=tmp_path):
        pass


def test_thoughts_arrive_as_thoughts_and_are_switched_off_otherwise(server: StandIn) -> None:
    server.capabilities = ["completion", "thinking"]
    with opened(server.url) as engine:
        assert engine.modes == {"plain", "thinking"}
        thought = engine.chat([user(QUESTION)], thinking=True, max_tokens=8).message
        assert [block.content for block in thought.blocks if isinstance(block, ThinkingBlock)] == ["Let me look."]
        assert thought.content
        assert "think" not in thought.content
        assert server.requests[-1]["think"] is True
        engine.chat([user(QUESTION)], max_tokens=8)
        assert server.requests[-1]["think"] is False


def test_calls_of_tools_arrive_as_calls(server: StandIn) -> None:
    server.capabilities = ["completion", "tools"]
    tool = {"type": "function", "function": {"name": "look_up", "description": "", "parameters": {"type": "object"}}}
    with opened(server.url) as engine:
        assert engine.modes == {"plain", "tools"}
        message = engine.chat([user(QUESTION)], tools=[tool], max_tokens=8).message
        calls = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
        assert [(call.tool_name, call.tool_kwargs) for call in calls] == [("look_up", {"word": "tower"})]


class Tower(BaseModel):
    town: str
    metres: int


def test_a_structured_answer_has_its_form(engine: OllamaEngine) -> None:
    tower = engine.structured_predict(Tower, PromptTemplate("{text}"), {"max_tokens": 100}, text=QUESTION)
    assert isinstance(tower, Tower)


def test_closing_a_stream_stops_ollama(server: StandIn, engine: OllamaEngine) -> None:
    stream = engine.stream_chat([user("Tell a long story.")], max_tokens=4000)
    while not next(stream).delta:
        pass
    stream.close()
    deadline = time.monotonic() + 20
    while server.computing and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.computing == 0
    assert "47" in (engine.chat([user(QUESTION), begun("The tower of Barlow is")], max_tokens=5).message.content or "")


def test_a_server_that_vanishes_in_the_middle_is_said_once_and_the_engine_is_lost(server: StandIn) -> None:
    with opened(server.url) as engine:
        server.vanish = True
        with pytest.raises(EngineLostError, match=r"the connection broke off\. .*ollama serve"):
            engine.chat([user("Tell a story.")], max_tokens=50)
        assert engine.lost


def test_a_server_that_is_not_there_is_said_with_what_to_do() -> None:
    nobody = r"nothing listens at its address\. Start it with `ollama serve`"
    with pytest.raises(ServerError, match=nobody), opened("http://127.0.0.1:9"):
        pass


def test_a_model_that_is_not_there_is_named_with_the_command(server: StandIn) -> None:
    with pytest.raises(ModelNotFoundError, match=r"`ollama pull qwen3:4b`.*" + NAME), opened(server.url, "qwen3:4b"):
        pass


def test_another_machine_is_refused_unless_allowed() -> None:
    with pytest.raises(SettingsError, match="DOCMIND_ALLOW_REMOTE_SERVER"), opened("http://192.0.2.1:11434"):
        pass


def test_a_model_that_runs_elsewhere_is_refused_unless_allowed(server: StandIn) -> None:
    server.remote_host = "https://ollama.com:443"
    with pytest.raises(SettingsError, match="DOCMIND_ALLOW_REMOTE_SERVER"), opened(server.url):
        pass
    with opened(server.url, allow_remote_server=True) as engine:
        assert engine.leaves_machine


def test_blanks_around_a_message_are_no_false_alarm(engine: OllamaEngine) -> None:
    assert engine.chat([user("\n\n  \n Hi.\n \n\n\t\n")], max_tokens=3).message.content


def test_a_closed_engine_says_so(server: StandIn) -> None:
    with opened(server.url) as engine:
        unfinished = engine.stream_chat([user("Tell a story.")], max_tokens=2000)
        while not next(unfinished).delta:
            pass
        engine.close()
        engine.close()
        with pytest.raises(EngineError, match="closed"):
            list(unfinished)
        with pytest.raises(EngineError, match="closed"):
            engine.chat([user(QUESTION)])
