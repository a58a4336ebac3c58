"""What is particular to the OpenVINO engine: its batch, its cache, its decoding, its grammar."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openvino_genai as genai
import psutil
import pytest
from llama_index.core.base.llms.types import ChatMessage

from docmind.engines import open_engine
from docmind.engines.openvino.batch import Batch
from docmind.engines.openvino.compiled import source_of
from docmind.engines.openvino.engine import OpenVINOEngine
from docmind.engines.openvino.grammar import grammar_of
from docmind.engines.openvino.requests import Request
from docmind.engines.openvino.text import by_window, decoder_of
from docmind.engines.options import Options, Sampling
from docmind.errors import ContextWindowError, EngineError, EngineLostError, ModelError
from docmind.models import find_model
from docmind.models.choose import Choice
from docmind.settings import CacheType, Settings


def choice_of(settings: Settings, window: int = 8192, cache_type: CacheType = "q8_0", device: str = "CPU") -> Choice:
    path = find_model("auto", "language", settings)
    cache = settings.kv_cache_gib or 1
    return Choice("openvino", "smollm2-135m-instruct", path, window, cache_type, device, "It is tested.", cache)


def opened(models_dir: Path, data_dir: Path, window: int = 8192, **more: Any) -> OpenVINOEngine:
    settings = Settings(data_dir=data_dir, models_dir=models_dir, **more)
    return open_engine(settings, choice_of(settings, window))


@pytest.fixture(scope="module")
def engine(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenVINOEngine]:
    engine = opened(models_dir, tmp_path_factory.mktemp("data"))
    yield engine
    engine.close()


@pytest.fixture
def own_engine(models_dir: Path, tmp_path: Path) -> Iterator[OpenVINOEngine]:
    engine = opened(models_dir, tmp_path)
    yield engine
    engine.close()


def unread(engine: OpenVINOEngine, tokens: int) -> str:
    """A text of exactly so many tokens whose beginning no other test has used, so that none of it is in the cache."""
    text = f"{random.getrandbits(64)}" + " sea" * (tokens - 30)
    return text + " sea" * (tokens - engine.count_tokens(text))


def test_it_opens_on_the_cpu_and_says_so(engine: OpenVINOEngine) -> None:
    assert (engine.device, engine.note, engine.parallel_answers) == ("CPU", "", 8)
    assert engine.context_window == 8192
    assert engine.best_style == "quote"
    assert "plain" in engine.modes
    assert "thinking" not in engine.modes


# --- the cache and the window


def test_the_window_is_what_the_cache_really_holds(models_dir: Path, tmp_path: Path) -> None:
    engine = opened(models_dir, tmp_path, window=200_000)
    try:
        # 30 layers, 3 heads of 64: a block of 32 tokens has 437,760 bytes, so 1 GiB has 2,452 blocks.
        assert engine.context_window == 2_452 * 32
        assert "78,464" in engine.note
        assert "DOCMIND_KV_CACHE_GIB" in engine.note
    finally:
        engine.close()


def test_a_cache_beyond_the_memory_is_made_smaller_and_said(models_dir: Path, tmp_path: Path) -> None:
    engine = opened(models_dir, tmp_path, kv_cache_gib=512)
    try:
        assert "rather than 512, because memory is short" in engine.note
        assert engine.complete("Hello", max_tokens=4).text
    finally:
        engine.close()


def test_a_request_beyond_the_cache_fails_alone(engine: OpenVINOEngine, models_dir: Path) -> None:
    """The window keeps such requests away; should one come through, nobody else is affected."""
    scheduler = genai.SchedulerConfig()
    scheduler.num_kv_blocks = 10
    scheduler.cache_size = 0
    with source_of(
        find_model("auto", "language", Settings(models_dir=models_dir)), Settings(models_dir=models_dir)
    ) as source:
        batch = Batch(genai.ContinuousBatchingPipeline(str(source), scheduler, "CPU", {}))
    try:
        for tokens, answer in ((316, 4), (317, 4), (330, 4), (100, 4)):
            request = Request(engine.encode(unread(engine, tokens)), engine._generation_config(Options(answer)))
            request.config.ignore_eos = True
            batch.submit(request)
            if tokens + answer - 1 <= 10 * 32:
                assert sum(len(ids) for arrived in request.arrivals for ids in arrived) == answer
            else:
                with pytest.raises(EngineError, match="DOCMIND_KV_CACHE_GIB") as failure:
                    list(request.arrivals)
                assert not isinstance(failure.value, EngineLostError)
    finally:
        batch.close()


def test_a_text_longer_than_the_tokenizer_reads_at_once_is_read_whole(engine: OpenVINOEngine) -> None:
    """Made from GGUF, it stops after 8,192 tokens without a word, in models with a window of 32,768 too."""
    text = " sea" * 20_000 + " shore"
    ids = engine.encode(text)
    assert engine.count_tokens(text) == len(ids) == 20_001
    assert len(set(ids[:-1])) == 1
    assert ids[-1:] == engine.encode(" shore")


def test_prompts_at_the_edge_of_the_window_are_answered_whole(models_dir: Path, tmp_path: Path) -> None:
    engine = opened(models_dir, tmp_path, window=2048)
    try:
        prompt = unread(engine, engine.context_window - 4)
        *_, last = engine.stream_complete(prompt, formatted=True, max_tokens=4)
        assert last.additional_kwargs["tokens"] > 0
        with pytest.raises(ContextWindowError):
            engine.stream_complete(prompt, formatted=True, max_tokens=5)
    finally:
        engine.close()


# --- stopping, and failing


def test_somebody_who_waits_for_a_long_prompt_hears_signs_of_life_and_can_stop(engine: OpenVINOEngine) -> None:
    stream = engine.stream_complete(unread(engine, 3500), formatted=True, max_tokens=500)
    assert next(stream).text == ""  # the prompt takes seconds, so the first response is a sign of life
    stream.close()
    # What is asked next is answered before the rest of that prompt and its 500 tokens could have been computed.
    request = Request(engine.encode("Hello"), engine._generation_config(Options(2)))
    engine._worker.submit(request)
    assert len([arrived for arrived in request.arrivals if not arrived]) <= 4


def test_a_failing_model_is_told_once_to_everybody_who_waits(own_engine: OpenVINOEngine) -> None:
    """A grammar that the library cannot read stops its pipeline for good; DocMind itself never sends one."""
    config = own_engine._generation_config(Options(50))
    config.structured_output_config = genai.StructuredOutputConfig(json_schema="{broken")
    waiting = own_engine.stream_complete("Tell me about the sea.", max_tokens=400)
    next(waiting)
    own_engine._worker.submit(Request(own_engine.encode("Hello"), config))
    with pytest.raises(EngineLostError, match="loaded anew"):
        list(waiting)
    assert own_engine.lost
    with pytest.raises(EngineLostError, match="loaded anew"):
        own_engine.complete("Hello", max_tokens=4)


def test_a_prompt_of_nothing_fails_alone(engine: OpenVINOEngine) -> None:
    with pytest.raises(EngineError, match="refuses"):
        engine.complete("", formatted=True, max_tokens=4)
    assert not engine.lost
    assert engine.complete("Hello", max_tokens=4).text


def test_closing_ends_what_is_being_written_and_what_waits(own_engine: OpenVINOEngine) -> None:
    streams = [own_engine.stream_complete(f"Tell me about {n}.", max_tokens=500) for n in range(3)]
    for stream in streams:
        next(stream)
    own_engine.close()
    for stream in streams:
        with pytest.raises(EngineError, match="closed"):
            list(stream)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at Linux's list of what is in memory")
@pytest.mark.usefixtures("engine")
def test_a_kept_model_is_not_in_memory_twice(own_engine: OpenVINOEngine) -> None:
    """Its file may be mapped, but once it is compiled its pages are no longer in this process."""
    assert own_engine.complete("Hello", max_tokens=4).text
    mapped = [item for item in psutil.Process().memory_maps() if item.path.endswith("openvino_model.bin")]
    assert mapped
    # Those of the words that it has read come back, with their neighbours; a second copy would be all of them.
    assert sum(item.rss for item in mapped) < sum(item.size for item in mapped) / 2


# --- sampling


def test_the_likeliest_answer_is_always_the_same_and_a_sampled_one_is_not(engine: OpenVINOEngine) -> None:
    question = "Write a sentence about the sea."

    def answers(**more: Any) -> set[str]:
        return {engine.complete(question, max_tokens=24, **more).text for _ in range(3)}

    assert len(answers()) == 1
    assert len(answers(sampling=Sampling(temperature=1.5))) > 1
    assert len(answers(sampling=Sampling(temperature=1.5, top_p=0.95, top_k=20, min_p=0.05, seed=7))) == 1
    assert answers(sampling=Sampling(temperature=1.5, top_k=1)) == answers()


# --- decoding


def test_a_text_decoded_as_it_arrives_is_the_text_decoded_at_once(engine: OpenVINOEngine) -> None:
    tokenizer = engine._tokenizer
    text = (
        "Grüße aus Köln 你好 🦩👩‍👩‍👧\n\n  two  spaces <|im_end|> a.b, c ; d ! 1,234.5 naïve “quoted” don 't <br>\t\n"
        * 20
    )
    ids = [int(number) for number in tokenizer.encode(text, add_special_tokens=False).input_ids.data[0]]
    whole = tokenizer.decode(ids, skip_special_tokens=False)
    for new_decoder in (decoder_of(tokenizer), lambda: by_window(tokenizer)):
        for size in (1, 3, 50):
            decode = new_decoder()
            assert "".join(decode(ids[at : at + size]) for at in range(0, len(ids), size)) == whole


def test_any_tokens_at_all_are_decoded_in_parts_as_at_once(engine: OpenVINOEngine) -> None:
    """Models may write half a character and go on with another."""
    chance = random.Random(1)  # noqa: S311 - any tokens, no secret
    tokenizer = engine._tokenizer
    for _ in range(100):
        ids = [chance.randrange(0, 49_152) for _ in range(200)]
        decode = decoder_of(tokenizer)()
        assert "".join(decode([number]) for number in ids) == tokenizer.decode(ids, skip_special_tokens=False)


def test_commands_are_known_and_ordinary_words_are_not_among_them(engine: OpenVINOEngine) -> None:
    assert {"<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>"} <= engine.special_tokens()
    assert not engine.special_tokens() & {"<br>", "<p>", "<T>"}


# --- answers of a given form

PERSON = {
    "type": "object",
    "properties": {
        "Größe": {"enum": ["Sjöfart", "Größe", "ß e", 'a "b" \\ c']},
        "n": {"type": "integer", "minimum": 0, "maximum": 12},
        "名前": {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 3},
        "note": {"anyOf": [{"type": "string", "maxLength": 8}, {"type": "null"}]},
    },
    "required": ["Größe", "n", "名前"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("seed", range(4))
def test_answers_follow_their_schema_also_beyond_ascii(engine: OpenVINOEngine, seed: int) -> None:
    sampling = Sampling(temperature=1.5, seed=seed)
    message = ChatMessage(content="Describe a person in JSON.")
    text = engine.chat([message], json_schema=PERSON, max_tokens=120, sampling=sampling).message.content
    answer = json.loads(text or "")
    assert answer["Größe"] in PERSON["properties"]["Größe"]["enum"]  # type: ignore[index]  # a schema is a plain dict
    assert 0 <= answer["n"] <= 12
    assert 1 <= len(answer["名前"]) <= 3
    assert set(answer) <= {"Größe", "n", "名前", "note"}


def test_a_schema_may_refer_to_its_own_parts(engine: OpenVINOEngine) -> None:
    schema = {
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
                "required": ["next"],
            }
        },
        "$ref": "#/$defs/Node",
    }
    text = engine.chat([ChatMessage(content="Hi")], json_schema=schema, max_tokens=200, sampling=Sampling(1.0, seed=1))
    assert "next" in json.loads(text.message.content or "")


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"type": "nonsense"}, "nonsense"),
        ({"type": "string", "pattern": "^a"}, "pattern"),
        ({"$ref": "#/nowhere"}, "nowhere"),
        ({"$ref": "other.json#/a"}, "another document"),
        ({"type": "object", "properties": {}, "required": ["a"]}, "'a'"),
        ({"type": "integer", "minimum": 0}, "bounds"),
        ({"not": {}}, "not"),
    ],
)
def test_what_a_grammar_cannot_say_is_refused_in_words(schema: dict[str, Any], named: str) -> None:
    with pytest.raises(EngineError, match=named):
        grammar_of(schema)


def test_a_refused_schema_leaves_the_model_working(engine: OpenVINOEngine) -> None:
    with pytest.raises(EngineError, match="pattern"):
        engine.chat([ChatMessage(content="Hi")], json_schema={"type": "string", "pattern": "a"})
    assert engine.complete("Hello", max_tokens=4).text


def test_a_folder_that_is_no_model_is_refused(models_dir: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, models_dir=models_dir)
    choice = Choice("openvino", "empty", tmp_path, 8192, "q8_0", "CPU", "It is tested.")
    with pytest.raises(ModelError, match="docmind models"):
        open_engine(settings, choice)
