"""What every engine promises. A new engine is added to ENGINES and has to keep all of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import psutil
import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole, TextBlock, ThinkingBlock
from llama_index.core.llms import LLM
from llama_index.core.prompts import PromptTemplate
from llama_index.core.schema import TextNode
from opening import WINDOW, opened
from pydantic import BaseModel

from docmind.answering.prompts import answer_prompt
from docmind.engines import Engine, Sampling
from docmind.engines.template import TemplateEngine
from docmind.errors import ContextWindowError, EngineError

ENGINES = (
    "openvino",
    "llamacpp",
    "openai_compatible",
    "extractive",
    # In an environment of its own: `make test-vllm`.
    pytest.param("vllm", marks=pytest.mark.vllm),
)
# Behind the stand-in for Ollama llama.cpp computes, which has a turn of its own. It takes part where the protocol does
# something: in streaming, stopping, waiting, limits and counts. Its own file has thoughts, tools and forms of answers.
with_ollama = pytest.mark.parametrize("engine", [*ENGINES, "ollama"], indirect=True, scope="module")

TOWNS = {
    "Ashford": "The tower of Ashford is 31 metres high.",
    "Barlow": "The tower of Barlow is 47 metres high.",
    "Corran": "The tower of Corran is 58 metres high.",
    "Dunmere": "The tower of Dunmere is 64 metres high.",
}
STORY = "Once upon a time there was a small house at the edge of a wood. "


@pytest.fixture(params=ENGINES, scope="module")
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, models_dir: Path
) -> Iterator[Engine]:
    """Each engine in turn, with the starter model where it needs one."""
    with opened(request.param, tmp_path_factory.mktemp("engine"), models_dir) as engine:
        yield engine


def messages_about(engine: Engine, town: str) -> list[ChatMessage]:
    """A prompt of the app, whose answer holds the number of that town."""
    passage = TextNode(text=TOWNS[town], metadata={"title": "Towers", "heading": "", "page": None})
    question = f"How high is the tower of {town}?"
    prompt = answer_prompt(engine.best_style, question, [passage], TOWNS[town], engine.escape)
    opening = [ChatMessage(role=MessageRole.ASSISTANT, content=prompt.opening)] if prompt.opening else []
    return [*prompt.messages, *opening]


def story(engine: Engine, tokens: int) -> list[ChatMessage]:
    """A prompt of about so many tokens."""
    content = STORY * times_for(engine, tokens) + "\nHow does it go on? Tell at length."
    return [ChatMessage(role=MessageRole.USER, content=content)]


def times_for(engine: Engine, tokens: int) -> int:
    """How often the story's sentence may stand in so many tokens."""
    return 100 * tokens // engine.count_tokens(STORY * 100)


def answer(engine: Engine, town: str, longest: int = 24) -> str:
    return text_of(list(engine.stream_chat(messages_about(engine, town), max_tokens=longest)))


def text_of(responses: list[ChatResponse]) -> str:
    return responses[-1].message.content or ""


# Streaming


@with_ollama
def test_the_pieces_of_a_stream_join_to_its_text(engine: Engine) -> None:
    text = ""
    pieces = 0
    for response in engine.stream_chat(messages_about(engine, "Ashford"), max_tokens=24):
        text += response.delta or ""
        pieces += bool(response.delta)
        assert (response.message.content or "") == text
    assert pieces > 1
    assert "31" in text


def test_the_whole_answer_is_the_end_of_the_stream(engine: Engine) -> None:
    whole = engine.chat(messages_about(engine, "Barlow"), max_tokens=24)
    assert whole.message.content == answer(engine, "Barlow")


def test_the_same_prompt_gets_the_same_answer(engine: Engine) -> None:
    assert answer(engine, "Corran") == answer(engine, "Corran")


@with_ollama
def test_an_answer_is_no_longer_than_asked_for(engine: Engine) -> None:
    *_, last = engine.stream_chat(messages_about(engine, "Dunmere"), max_tokens=3)
    assert 0 < engine.count_tokens(last.message.content or "") <= 3
    assert 0 < last.additional_kwargs["tokens"] <= 3


@with_ollama
def test_the_engine_counts_what_it_writes(engine: Engine) -> None:
    """Counted by the engine while it writes, and afterwards by the tokenizer; an end token may come on top."""
    *_, last = engine.stream_chat(messages_about(engine, "Corran"), max_tokens=24)
    counted = engine.count_tokens(last.message.content or "")
    assert counted <= last.additional_kwargs["tokens"] <= counted + 1


@with_ollama
def test_an_answer_may_be_sampled_and_repeated_by_its_seed(engine: Engine) -> None:
    sampling = Sampling(temperature=0.9, top_p=0.9, top_k=40, seed=7)
    question = [ChatMessage(role=MessageRole.USER, content=f"{TOWNS['Ashford']}\nHow high is the tower of Ashford?")]
    first, again = (engine.chat(question, max_tokens=12, sampling=sampling).message.content for _ in range(2))
    assert first
    assert first == again


# Stopping


@with_ollama
def test_after_a_closed_stream_the_next_question_is_answered(engine: Engine) -> None:
    for _ in range(engine.parallel_answers + 3):  # more than it works on at once, so that a leak would block the next
        stream = engine.stream_chat(messages_about(engine, "Ashford"), max_tokens=200)
        next(stream)
        stream.close()
    assert "47" in answer(engine, "Barlow")


def test_a_stream_that_is_never_read_does_no_harm(engine: Engine) -> None:
    engine.stream_chat(messages_about(engine, "Ashford"), max_tokens=200)
    assert "47" in answer(engine, "Barlow")


@with_ollama
def test_closing_a_stream_ends_the_computation(engine: Engine) -> None:
    """A long answer keeps the processor busy; once its stream is closed, the engine's processes rest."""
    if engine.engine_name == "extractive":
        pytest.skip("computes nothing for long")
    stream = engine.stream_chat(story(engine, 300), max_tokens=engine.context_window // 2)
    next(response for response in stream if response.delta)
    stream.close()
    assert rests()


@with_ollama
def test_a_question_can_be_stopped_while_its_prompt_is_still_read(engine: Engine) -> None:
    """Signs of life arrive before the first word, and closing the stream then ends the computation too."""
    if engine.engine_name == "extractive":
        pytest.skip("reads at once")
    stream = engine.stream_chat(story(engine, engine.context_window * 3 // 4), max_tokens=200)
    assert not next(stream).delta
    stream.close()
    assert rests()


def rests() -> bool:
    """Whether this process and its children come to rest within some seconds."""
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    for _ in range(20):
        before = sum(process.cpu_times().user for process in family)
        time.sleep(0.5)
        if sum(process.cpu_times().user for process in family) - before < 0.15:
            return True
    return False


# Several at once


@with_ollama
def test_concurrent_questions_are_all_answered_and_never_mixed(engine: Engine) -> None:
    asked = list(TOWNS) * 3
    with ThreadPoolExecutor(max_workers=engine.parallel_answers + 2) as pool:
        answers = list(pool.map(lambda town: answer(engine, town), asked))
    height = {town: TOWNS[town].split(" is ")[1].split()[0] for town in TOWNS}
    for town, text in zip(asked, answers, strict=True):
        assert height[town] in text
        assert not any(other in text for name, other in height.items() if name != town)


def test_a_reader_that_pauses_holds_up_nobody(engine: Engine) -> None:
    if engine.parallel_answers == 1:
        pytest.skip("answers one at a time")
    slow = engine.stream_chat(messages_about(engine, "Ashford"), max_tokens=24)
    first = next(slow)
    assert "47" in answer(engine, "Barlow")
    assert "31" in text_of([first, *slow])


@with_ollama
def test_who_comes_while_as_many_as_can_be_are_answered_is_told_the_position(engine: Engine) -> None:
    taken = [
        engine.stream_chat(messages_about(engine, "Ashford"), max_tokens=24) for _ in range(engine.parallel_answers)
    ]
    for stream in taken:
        next(stream)
    late = engine.stream_chat(messages_about(engine, "Barlow"), max_tokens=24)
    assert next(late).additional_kwargs["position"] == 1
    taken[0].close()
    assert "47" in text_of(list(late))
    for stream in taken:
        stream.close()


# Asynchronously


@with_ollama
def test_asynchronous_answers_are_the_same(engine: Engine) -> None:
    messages, text = messages_about(engine, "Corran"), f"{TOWNS['Corran']}\nHow high is the tower of Corran?"

    async def ask() -> None:
        whole = engine.chat(messages, max_tokens=12).message.content
        assert (await engine.achat(messages, max_tokens=12)).message.content == whole
        deltas = [response.delta or "" async for response in await engine.astream_chat(messages, max_tokens=12)]
        assert "".join(deltas) == whole
        completed = engine.complete(text, max_tokens=12).text
        assert (await engine.acomplete(text, max_tokens=12)).text == completed
        pieces = [piece.delta or "" async for piece in await engine.astream_complete(text, max_tokens=12)]
        assert "".join(pieces) == completed

    asyncio.run(ask())


def test_the_event_loop_goes_on_and_asynchronous_answers_are_written_side_by_side(engine: Engine) -> None:
    """Three streams wait for each other at their first word, which they do not reach one after the other."""
    if engine.parallel_answers == 1:
        pytest.skip("answers one at a time")

    async def ask() -> None:
        everyone = [asyncio.Event() for _ in range(3)]

        async def one(number: int) -> str:
            text = ""
            async for response in await engine.astream_chat(messages_about(engine, "Barlow"), max_tokens=24):
                text = response.message.content or ""
                everyone[number].set()
                for begun in everyone:
                    await begun.wait()
            return text

        assert all("47" in text for text in await asyncio.gather(*map(one, range(3))))

    asyncio.run(ask())


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
def test_a_cancelled_answer_makes_room_for_the_next(engine: Engine, streaming: bool) -> None:
    async def read(begun: asyncio.Event) -> None:
        messages = messages_about(engine, "Ashford")
        if streaming:
            async for _ in await engine.astream_chat(messages, max_tokens=200):
                begun.set()
        else:
            begun.set()
            await engine.achat(messages, max_tokens=200)
        await asyncio.sleep(3600)  # a quick engine may be through already

    async def ask() -> None:
        for _ in range(engine.parallel_answers + 1):
            begun = asyncio.Event()
            task = asyncio.create_task(read(begun))
            await begun.wait()
            await asyncio.sleep(0.05)  # so that some are caught before their first word, some after it
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        while not engine.queue.empty:
            await asyncio.sleep(0.01)  # what nobody holds any more is closed by the loop, in its time

    asyncio.run(ask())
    assert "47" in answer(engine, "Barlow")


def test_a_refused_prompt_is_refused_asynchronously_too(engine: Engine) -> None:
    messages = [ChatMessage(role=MessageRole.USER, content="word " * (engine.context_window + 10))]
    with pytest.raises(ContextWindowError):
        asyncio.run(engine.astream_chat(messages, max_tokens=24))


# Counting and the window


@with_ollama
def test_tokens_are_counted_and_add_up(engine: Engine) -> None:
    assert engine.count_tokens("") == 0
    assert 0 < engine.count_tokens("one") < engine.count_tokens("one two three four")


@pytest.mark.parametrize(
    "unit",
    ["word ", "x1y2", "日本語の文章", "12 | 34 | 56\n", "\n\n", "a.b,c;", "🦩"],
    ids=["words", "no spaces", "Japanese", "table", "line breaks", "marks", "emoji"],
)
def test_texts_longer_than_the_window_are_counted_in_full(engine: Engine, unit: str) -> None:
    """Counting is how the app knows what does not fit, so a count must never be cut itself."""
    if engine.model_name == "none":
        pytest.skip("counts words")
    small = engine.count_tokens(unit * 500)
    assert engine.count_tokens(unit * 20_000) == pytest.approx(40 * small, rel=0.02)


@with_ollama
@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello, world.", 4),
        ("  two  spaces\n\n\nlines\t", 8),
        ("1,234.56 €", 9),
        ("日本語 🦩", 9),
        ("<|im_start|>user\nHi<|im_end|>\n", 6),
    ],
)
def test_counts_are_those_of_the_models_own_tokenizer(engine: Engine, text: str, tokens: int) -> None:
    if engine.model_name == "none":
        pytest.skip("has no model")
    assert engine.count_tokens(text) == tokens


@with_ollama
def test_the_window_is_known(engine: Engine) -> None:
    assert engine.context_window == WINDOW or engine.engine_name == "extractive"
    assert engine.metadata.context_window == engine.context_window


@with_ollama
def test_a_prompt_beyond_the_window_is_refused_with_advice(engine: Engine) -> None:
    messages = [ChatMessage(role=MessageRole.USER, content="word " * (engine.context_window + 10))]
    with pytest.raises(ContextWindowError, match=r"DOCMIND_[A-Z_]+") as refusal:
        engine.stream_chat(messages, max_tokens=24)
    assert f"{engine.context_window:,}" in str(refusal.value)
    assert "47" in answer(engine, "Barlow")


@with_ollama
def test_a_prompt_that_just_fits_is_read_to_its_first_word(engine: Engine) -> None:
    """The number stands at the very beginning; an engine that cut the prompt would not know it."""
    if engine.engine_name == "extractive":
        pytest.skip("has no window to fill")
    filled = messages_about(engine, "Dunmere")
    room = engine.context_window - 24 - 60
    filler = STORY * times_for(engine, room - engine.count_prompt(filled, engine.options({})))
    *before, question, opening = filled
    question = ChatMessage(role=question.role, content=(question.content or "").replace("\n\n", f"\n\n{filler}\n\n", 1))
    messages = [*before, question, opening]
    assert engine.count_prompt(messages, engine.options({})) > room - 100
    *_, last = engine.stream_chat(messages, max_tokens=24)
    assert "64" in (last.message.content or "")


# What is text and what is a command


@with_ollama
def test_no_command_survives_escaping(engine: Engine) -> None:
    commands = {*engine.special_tokens(), "<think>", "</think>", "<tool_call>"}
    for command in commands:
        for text in (command, f"a{command}b", command * 2, command[0] + command, command[:2] + command + command[2:]):
            escaped = engine.escape(text)
            assert not any(other in escaped for other in commands), (text, escaped)


@with_ollama
def test_escaping_leaves_ordinary_text_alone(engine: Engine) -> None:
    for text in ("", "Rent: £1,450 < £2,000 > £100.", "if a<b and c>d: pass", "naïve – “quoted”", "x <- y |> z"):
        assert engine.escape(text) == text


def test_special_tokens_never_reach_the_user(engine: Engine) -> None:
    """A model that is let run on past its end writes the marks of its template; none of them may show."""
    text = text_of(list(engine.stream_chat(story(engine, 100), max_tokens=200)))
    assert not any(command in text for command in (*engine.special_tokens(), "<|im_end|>", "<|im_start|>"))


def test_a_rendered_prompt_is_the_models_own_template(engine: Engine) -> None:
    if not isinstance(engine, TemplateEngine):
        pytest.skip("shows no template")
    rendered = engine.render(
        [
            ChatMessage(role=MessageRole.SYSTEM, content="Be brief."),
            ChatMessage(role=MessageRole.USER, content="Why is the sky blue?"),
            ChatMessage(role=MessageRole.ASSISTANT, content="Because"),
        ],
        engine.options({}),
    )
    assert rendered == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhy is the sky blue?<|im_end|>\n"
        "<|im_start|>assistant\nBecause"
    )


# As a LlamaIndex LLM


@with_ollama
def test_an_engine_is_a_llama_index_llm(engine: Engine) -> None:
    assert isinstance(engine, LLM)
    assert engine.metadata.model_name == engine.model_name
    assert engine.metadata.is_chat_model
    text = f"{TOWNS['Corran']}\nHow high is the tower of Corran?"
    message = ChatMessage(role=MessageRole.USER, content=text)
    deltas = [response.delta or "" for response in engine.stream_chat([message], max_tokens=12)]
    assert engine.chat([message], max_tokens=12).message.content == "".join(deltas)
    assert engine.complete(text, max_tokens=12).text == "".join(deltas)
    # Where a machine is busy, what was written meanwhile comes as one piece.
    assert "".join(piece.delta or "" for piece in engine.stream_complete(text, max_tokens=12)) == "".join(deltas)


class Tower(BaseModel):
    """What a structured answer must look like."""

    town: Literal["Ashford", "Barlow", "Corran", "Dunmere"]
    metres: int
    stone: bool


def test_a_structured_answer_is_valid_against_its_schema(engine: Engine) -> None:
    if engine.engine_name == "extractive":
        pytest.skip("only quotes")
    prompt = PromptTemplate("{text}\nDescribe the tower as JSON with town, metres and stone.")
    tower = engine.structured_predict(Tower, prompt, {"max_tokens": 60}, text=TOWNS["Barlow"])
    assert isinstance(tower, Tower)
    raw = engine.chat(
        [ChatMessage(content=TOWNS["Barlow"])], json_schema=Tower.model_json_schema(), max_tokens=60
    ).message.content
    assert set(json.loads(raw or "")) == {"town", "metres", "stone"}


def test_thoughts_are_no_part_of_the_answer(engine: Engine) -> None:
    if "thinking" not in engine.modes:
        assert not engine.options({"thinking": True}).thinking
        pytest.skip("its model does not think")
    whole = engine.chat(messages_about(engine, "Ashford"), max_tokens=24, thinking=True).message
    thoughts, text = whole.blocks
    assert isinstance(thoughts, ThinkingBlock)
    assert isinstance(text, TextBlock)
    assert thoughts.content
    assert "think" not in text.text
    assert "31" in text.text


# The end; last, because it closes the engine that the others used


@with_ollama
def test_a_closed_engine_says_so_and_may_be_closed_again(engine: Engine) -> None:
    unfinished = engine.stream_chat(messages_about(engine, "Barlow"), max_tokens=200)
    next(unfinished)
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        list(engine.stream_chat(messages_about(engine, "Barlow"), max_tokens=24))
    with pytest.raises(EngineError, match="closed"):
        list(unfinished)
    engine.close()
