"""What every engine promises. A new engine is added to ENGINES and has to keep all of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openvino_genai as genai
import psutil
import pytest
from llama_index.core.base.llms.types import ChatMessage, CompletionResponse, MessageRole
from llama_index.core.llms import LLM
from llama_index.core.schema import TextNode

from docmind.engines import Engine, open_engine
from docmind.errors import ContextWindowError, EngineError, ModelError, ModelNotFoundError
from docmind.prompts import answer_prompt
from docmind.settings import Settings
from docmind.workspace import Workspace

ENGINES = ("openvino", "extractive")

TOWNS = {
    "Ashford": "The tower of Ashford is 31 metres high.",
    "Barlow": "The tower of Barlow is 47 metres high.",
    "Corran": "The tower of Corran is 58 metres high.",
    "Dunmere": "The tower of Dunmere is 64 metres high.",
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Each engine in turn, with a model where it needs one."""
    if request.param == "openvino":
        library: Workspace = request.getfixturevalue("sample_library")
        return library.engine
    return open_engine(Settings(data_dir=tmp_path, engine=request.param))


@pytest.fixture(scope="module")
def openvino(sample_library: Workspace) -> Engine:
    return sample_library.engine


def prompt_about(engine: Engine, town: str) -> str:
    """A prompt of the app, whose answer holds the number of that town."""
    passage = TextNode(text=TOWNS[town], metadata={"title": "Towers", "heading": "", "page": None})
    question = f"How high is the tower of {town}?"
    prompt = answer_prompt(engine.best_style, question, [passage], TOWNS[town], engine.escape)
    return engine.render(prompt.messages) + prompt.opening


def answer(engine: Engine, prompt: str, longest: int = 24) -> list[CompletionResponse]:
    return list(engine.stream_complete(prompt, formatted=True, max_tokens=longest))


def test_the_pieces_of_a_stream_join_to_its_text(engine: Engine) -> None:
    pieces = answer(engine, prompt_about(engine, "Ashford"))
    assert len(pieces) > 1
    text = ""
    for piece in pieces:
        assert piece.delta
        text += piece.delta
        assert piece.text == text
    assert "31" in text


def test_the_whole_answer_is_the_end_of_the_stream(engine: Engine) -> None:
    prompt = prompt_about(engine, "Barlow")
    whole = engine.complete(prompt, formatted=True, max_tokens=24)
    assert whole.text == answer(engine, prompt)[-1].text


def test_the_same_prompt_gets_the_same_answer(engine: Engine) -> None:
    prompt = prompt_about(engine, "Corran")
    assert answer(engine, prompt)[-1].text == answer(engine, prompt)[-1].text


def test_an_answer_is_no_longer_than_asked_for(engine: Engine) -> None:
    text = answer(engine, prompt_about(engine, "Dunmere"), longest=3)[-1].text
    assert 0 < engine.count_tokens(text) <= 3


def test_an_answer_of_no_words_is_an_empty_text(engine: Engine) -> None:
    """A model may end at once; that is an answer too, and no error."""
    finished = prompt_about(engine, "Ashford").rstrip('"') + f'"{TOWNS["Ashford"]}"'
    prompt = {"openvino": finished, "extractive": "Nothing here.\nWhy?"}[engine.engine_name]
    assert [(piece.text, piece.delta) for piece in answer(engine, prompt)] == [("", "")]
    assert engine.complete(prompt, formatted=True, max_tokens=24).text == ""


def test_after_a_closed_stream_the_next_question_is_answered(engine: Engine) -> None:
    for _ in range(20):  # more than any engine works on at once, so that a leak would block the next
        stream = engine.stream_complete(prompt_about(engine, "Ashford"), formatted=True, max_tokens=200)
        next(stream)
        stream.close()
    assert "47" in answer(engine, prompt_about(engine, "Barlow"))[-1].text


def test_a_stream_that_is_never_read_does_no_harm(engine: Engine) -> None:
    engine.stream_complete(prompt_about(engine, "Ashford"), formatted=True, max_tokens=200)
    assert "47" in answer(engine, prompt_about(engine, "Barlow"))[-1].text


def test_closing_a_stream_ends_the_computation(openvino: Engine) -> None:
    """A long answer keeps the processor busy; once its stream is closed, the process rests."""
    story = "Once upon a time there was a small house. " * 20
    stream = openvino.stream_complete(story, formatted=True, max_tokens=6000)
    next(stream)
    stream.close()
    process = psutil.Process()
    for _ in range(20):
        before = process.cpu_times()
        time.sleep(0.25)
        after = process.cpu_times()
        if after.user - before.user < 0.05:
            return
    pytest.fail("five seconds after it was closed, the answer was still being computed")


def test_concurrent_questions_are_all_answered_and_never_mixed(engine: Engine) -> None:
    asked = list(TOWNS) * 3

    def ask(town: str) -> str:
        return answer(engine, prompt_about(engine, town))[-1].text

    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(ask, asked))
    height = {town: TOWNS[town].split(" is ")[1].split()[0] for town in TOWNS}
    for town, text in zip(asked, answers, strict=True):
        assert height[town] in text
        assert not any(other in text for name, other in height.items() if name != town)


def test_a_reader_that_pauses_holds_up_nobody(engine: Engine) -> None:
    slow = engine.stream_complete(prompt_about(engine, "Ashford"), formatted=True, max_tokens=24)
    first = next(slow)
    assert "47" in answer(engine, prompt_about(engine, "Barlow"))[-1].text
    rest = list(slow)
    assert "31" in (rest[-1].text if rest else first.text)


def test_tokens_are_counted_and_add_up(engine: Engine) -> None:
    assert engine.count_tokens("") == 0
    assert 0 < engine.count_tokens("one") < engine.count_tokens("one two three four")


@pytest.mark.parametrize(
    "unit",
    ["word ", "x1y2", "日本語の文章", "12 | 34 | 56\n", "\n\n", "a.b,c;", "🦩"],
    ids=["words", "no spaces", "Japanese", "table", "line breaks", "marks", "emoji"],
)
def test_texts_longer_than_the_window_are_counted_in_full(openvino: Engine, unit: str) -> None:
    """Counting is how the app knows what does not fit, so a count must never be cut itself."""
    small = openvino.count_tokens(unit * 500)
    assert openvino.count_tokens(unit * 20_000) == pytest.approx(40 * small, rel=0.02)


@pytest.mark.parametrize(
    "text",
    [
        "Hello, world.",
        "Grüße – 你好 🦩",
        "<|im_start|>user\nHi<|im_end|>\n",
        "  two  spaces\n\n\nlines\t",
        "1,234.56 €",
    ],
)
def test_openvino_counts_what_its_tokenizer_makes(openvino: Engine, tokenizer: genai.Tokenizer, text: str) -> None:
    made = tokenizer.encode(text, add_special_tokens=False).input_ids
    assert openvino.count_tokens(text) == made.shape[1]


def test_the_window_is_the_models_own(openvino: Engine) -> None:
    assert openvino.context_window == 8192
    assert openvino.metadata.context_window == 8192


def test_a_prompt_beyond_the_window_is_refused_with_advice(engine: Engine) -> None:
    prompt = "word " * (engine.context_window + 10)
    with pytest.raises(ContextWindowError, match=r"DOCMIND_[A-Z_]+") as refusal:
        answer(engine, prompt)
    assert f"{engine.context_window:,}" in str(refusal.value)
    assert "47" in answer(engine, prompt_about(engine, "Barlow"))[-1].text


def test_a_rendered_prompt_holds_the_question_and_ends_where_the_answer_starts(engine: Engine) -> None:
    rendered = engine.render(
        [
            ChatMessage(role=MessageRole.SYSTEM, content="Be brief."),
            ChatMessage(role=MessageRole.USER, content="Why is the sky blue?"),
        ]
    )
    assert "Why is the sky blue?" in rendered
    after = rendered.partition("Why is the sky blue?")[2]
    assert "Be brief." not in after
    assert "assistant" in after or not after


def test_openvino_renders_the_models_own_template(openvino: Engine) -> None:
    rendered = openvino.render([ChatMessage(role=MessageRole.USER, content="Hi")])
    assert rendered.endswith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")


def test_no_command_survives_escaping(engine: Engine) -> None:
    commands = engine.special_tokens()
    for command in commands:
        for text in (command, f"a{command}b", command * 2, command[0] + command, command[:2] + command + command[2:]):
            escaped = engine.escape(text)
            assert not any(other in escaped for other in commands), (text, escaped)


def test_escaping_leaves_ordinary_text_alone(engine: Engine) -> None:
    for text in ("", "Rent: £1,450 < £2,000 > £100.", "if a<b and c>d: pass", "naïve – “quoted”", "x <- y |> z"):
        assert engine.escape(text) == text


def test_openvino_knows_its_commands(openvino: Engine) -> None:
    assert {"<|im_start|>", "<|im_end|>", "<|endoftext|>"} <= openvino.special_tokens()


def test_an_engine_is_a_llama_index_llm(engine: Engine) -> None:
    assert isinstance(engine, LLM)
    assert engine.metadata.context_window == engine.context_window
    assert engine.metadata.model_name == engine.model_name
    assert engine.metadata.is_chat_model
    message = ChatMessage(role=MessageRole.USER, content=f"{TOWNS['Corran']}\nHow high is the tower of Corran?")
    deltas = [response.delta or "" for response in engine.stream_chat([message], max_tokens=24)]
    assert engine.chat([message], max_tokens=24).message.content == "".join(deltas)


def test_an_unformatted_prompt_is_put_into_the_template(engine: Engine) -> None:
    text = f"{TOWNS['Dunmere']}\nHow high is the tower of Dunmere?"
    rendered = engine.render([ChatMessage(role=MessageRole.USER, content=text)])
    assert engine.complete(text, max_tokens=12).text == answer(engine, rendered, longest=12)[-1].text


@pytest.fixture(params=ENGINES)
def own_engine(request: pytest.FixtureRequest, tmp_path: Path, models_dir: Path) -> Iterator[Engine]:
    """An engine that the test may close."""
    engine = open_engine(Settings(data_dir=tmp_path, models_dir=models_dir, engine=request.param))
    yield engine
    engine.close()


def test_a_closed_engine_says_so_and_may_be_closed_again(own_engine: Engine) -> None:
    assert "31" in answer(own_engine, prompt_about(own_engine, "Ashford"))[-1].text
    prompt = prompt_about(own_engine, "Barlow")
    unfinished = own_engine.stream_complete(prompt, formatted=True, max_tokens=200)
    next(unfinished)
    own_engine.close()
    with pytest.raises(EngineError, match="closed"):
        answer(own_engine, prompt)
    with pytest.raises(EngineError, match="closed"):
        list(unfinished)
    own_engine.close()


def test_a_missing_model_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="docmind models pull"):
        open_engine(Settings(data_dir=tmp_path))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(ModelError, match="broken"):
        open_engine(Settings(data_dir=tmp_path, model=str(broken)))


def test_a_device_that_is_not_here_is_refused_with_advice(tmp_path: Path, models_dir: Path) -> None:
    with pytest.raises(ModelError, match="docmind doctor"):
        open_engine(Settings(data_dir=tmp_path, models_dir=models_dir, device="NPU"))
