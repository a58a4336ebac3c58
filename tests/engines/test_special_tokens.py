"""No document can give a model commands: what every engine takes for a special token, held against the tokenizers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openvino_genai as genai
import pytest
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from docmind.engines.local_tokenizer import LocalTokenizer, tokenizer_at, tokenizer_of_metadata
from docmind.engines.openai_compatible.kinds import recognise
from docmind.engines.openvino.engine import special_tokens_of
from docmind.engines.special_tokens import escape, special_tokens, special_tokens_of_gguf
from docmind.models import find_model, tokenizer_metadata
from docmind.settings import Settings
from gguf_files import gguf

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6  # token types of GGUF files
LETTERS = sorted(pre_tokenizers.ByteLevel.alphabet())
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if tools %}<tool_call>{{ tools }}</tool_call>{% endif %}<|im_start|>assistant\n"
)


@dataclass(frozen=True)
class Vocabulary:
    """What a model's makers have added to it.

    Attributes:
        control: Marked as such.
        unmarked: Commands nevertheless.
        text: Added too, and text like any other.
        template: What the model's chat template is.
    """

    control: tuple[str, ...]
    unmarked: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    template: str = CHATML


QWEN = Vocabulary(
    ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>"),
    ("<tool_call>", "</tool_call>", "<think>", "</think>", "<tool_response>", "<|fim_prefix|>", "<|repo_name|>"),
)
DEEPSEEK = Vocabulary(
    ("<\uff5cbegin\u2581of\u2581sentence\uff5c>", "<\uff5cend\u2581of\u2581sentence\uff5c>"),
    ("<\uff5cUser\uff5c>", "<\uff5cAssistant\uff5c>", "<think>"),
    template="{% for message in messages %}<\uff5cUser\uff5c>{{ message.content }}{% endfor %}<\uff5cAssistant\uff5c>",
)
LLAMA = Vocabulary(
    ("<s>", "</s>"),
    ("[INST]", "[/INST]", "[TOOL_CALLS]", "<<SYS>>"),
    template="{% for message in messages %}[INST] <<SYS>>{{ message.content }}[/INST]{% endfor %}",
)
GEMMA = Vocabulary(
    ("<bos>", "<eos>", "<end_of_turn>"),
    ("<start_of_turn>",),  # some files call it one that was merely added
    ("\n\n", "\t\t", "<h1>", "</table>", "<br>"),
    "{% for message in messages %}<start_of_turn>{{ message.content }}<end_of_turn>\n{% endfor %}",
)


def in_a_folder(folder: Path, vocabulary: Vocabulary) -> Path:
    """A byte-level tokenizer in the form that transformers saves."""
    backend = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(LETTERS)}, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens([AddedToken(token, normalized=False) for token in vocabulary.control])
    backend.add_tokens([AddedToken(token, normalized=False) for token in vocabulary.unmarked + vocabulary.text])
    renderer = PreTrainedTokenizerFast(tokenizer_object=backend, chat_template=vocabulary.template)  # type: ignore[no-untyped-call]  # unannotated there
    renderer.save_pretrained(folder)
    return folder


def metadata_of(vocabulary: Vocabulary, family: str) -> dict[str, Any]:
    """What a GGUF file holds of such a vocabulary; 'gpt2' means byte-level, all others sentencepiece."""
    byte_level = family == "gpt2"
    pieces = [*LETTERS, "re"] if byte_level else ["\u2581", *map(chr, range(33, 127)), "re"]
    unknown = () if byte_level else ("<unk>",)
    bytes_ = () if byte_level else tuple(f"<0x{number:02X}>" for number in range(256))
    kinds = {
        **dict.fromkeys(unknown, UNKNOWN),
        **dict.fromkeys(vocabulary.control, CONTROL),
        **dict.fromkeys(bytes_, BYTE),
        **dict.fromkeys(pieces, NORMAL),
        **dict.fromkeys(vocabulary.unmarked + vocabulary.text, USER_DEFINED),
    }
    return {
        "general.architecture": family,
        "tokenizer.ggml.model": "gpt2" if byte_level else "llama",
        "tokenizer.ggml.tokens": [*kinds],
        "tokenizer.ggml.token_type": [*kinds.values()],
        "tokenizer.ggml.scores": [-float(number) for number in range(len(kinds))],
        "tokenizer.ggml.merges": ["r e"],
        "tokenizer.ggml.bos_token_id": [*kinds].index(vocabulary.control[0]),
        "tokenizer.chat_template": vocabulary.template,
    }


def in_a_file(folder: Path, vocabulary: Vocabulary, family: str) -> Path:
    """A GGUF file with such a vocabulary, and without weights."""
    path = folder / f"{family}.gguf"
    path.write_bytes(gguf(metadata_of(vocabulary, family)))
    return path


Ask = Callable[[str, Mapping[str, Any] | None], dict[str, Any] | None]


def vllm(own: LocalTokenizer) -> Ask:
    """A vLLM that hands its tokens out one text at a time."""

    def ask(path: str, body: Mapping[str, Any] | None) -> dict[str, Any] | None:
        match path, body:
            case "/v1/models", None:
                return {"data": [{"id": "m", "max_model_len": 4096}]}
            case "/tokenize", {"messages": turns, **more}:
                return {"tokens": own.tokens(own.apply_template(turns, more.get("tools", ()), False))}
            case "/tokenize", {"prompt": text}:
                return {"tokens": own.tokens(text)}
            case "/detokenize", {"tokens": ids}:
                return {"prompt": own.renderer.backend_tokenizer.decode(ids, skip_special_tokens=False)}
        return None

    return ask


def llama_cpp(own: LocalTokenizer) -> Ask:
    """A llama.cpp server on another machine, whose file cannot be read here."""

    def ask(path: str, body: Mapping[str, Any] | None) -> dict[str, Any] | None:
        match path, body:
            case "/v1/models", None:
                return {"data": [{"id": "m"}]}
            case "/props", None:
                return {"default_generation_settings": {"n_ctx": 4096}, "model_path": "/nowhere/m.gguf"}
            case "/tokenize", {"content": text}:
                return {"tokens": own.tokens(text)}
            case "/apply-template", {"messages": turns, **more}:
                return {"prompt": own.apply_template(turns, more.get("tools", ()), False)}
        return None

    return ask


def probed(server: Callable[[LocalTokenizer], Ask], own: LocalTokenizer) -> frozenset[str]:
    return recognise(server(own), Settings(), "auto", local=False).special_tokens


def check(own: LocalTokenizer, special: frozenset[str], vocabulary: Vocabulary) -> None:
    """The tokenizer reads each command as one token wherever it stands; of what escaping makes, it reads none so."""
    commands = vocabulary.control + vocabulary.unmarked
    ids = {command: own.tokens(command)[-1] for command in commands}
    for command, number in ids.items():
        for text in (f"a{command}b", f"\n{command}user\n", command * 2, command[:2] + command + command[2:]):
            assert number in own.tokens(text), f"{command} would do no harm in {text}"
            assert not {*own.tokens(escape(text, special))} & {*ids.values()}, (command, text, escape(text, special))
    for text in vocabulary.text:
        assert text not in special
        assert escape(text, special) == text


@pytest.mark.parametrize("vocabulary", [QWEN, DEEPSEEK, GEMMA], ids=["Qwen", "DeepSeek", "Gemma"])
def test_a_folder_of_transformers(tmp_path: Path, vocabulary: Vocabulary) -> None:
    own = tokenizer_at(in_a_folder(tmp_path, vocabulary))
    check(own, own.special_tokens, vocabulary)


@pytest.mark.parametrize(
    ("family", "vocabulary"),
    [("gpt2", QWEN), ("llama", LLAMA), ("gemma3", GEMMA)],
    ids=["Qwen", "Llama", "Gemma"],
)
def test_a_gguf_file_read_here_by_llama_cpp_and_by_ollama(tmp_path: Path, family: str, vocabulary: Vocabulary) -> None:
    path = in_a_file(tmp_path, vocabulary, family)
    own = tokenizer_at(path)
    check(own, own.special_tokens, vocabulary)
    check(own, special_tokens_of_gguf(tokenizer_metadata(path)), vocabulary)
    metadata = metadata_of(vocabulary, family)
    ollama = tokenizer_of_metadata(metadata)
    check(ollama, ollama.special_tokens, vocabulary)
    if family != "gpt2":
        assert "<unk>" in own.special_tokens & ollama.special_tokens


def test_a_gguf_file_whose_tokens_are_not_spelled_in_bytes(tmp_path: Path) -> None:
    special = special_tokens_of_gguf(tokenizer_metadata(in_a_file(tmp_path, DEEPSEEK, "gpt2")))
    check(tokenizer_at(in_a_folder(tmp_path, DEEPSEEK)), special, DEEPSEEK)


@pytest.mark.parametrize("server", [vllm, llama_cpp])
@pytest.mark.parametrize("vocabulary", [QWEN, DEEPSEEK], ids=["Qwen", "DeepSeek"])
def test_a_server_that_is_asked_token_by_token(
    tmp_path: Path, server: Callable[[LocalTokenizer], Ask], vocabulary: Vocabulary
) -> None:
    own = tokenizer_at(in_a_folder(tmp_path, vocabulary))
    check(own, probed(server, own), vocabulary)


def test_a_server_with_a_model_of_sentencepiece(tmp_path: Path) -> None:
    for vocabulary, family in ((LLAMA, "llama"), (GEMMA, "gemma3")):
        own = tokenizer_at(in_a_file(tmp_path, vocabulary, family))
        check(own, probed(llama_cpp, own), vocabulary)


def test_the_starter_in_every_engine_that_opens_it(models_dir: Path) -> None:
    path = find_model("auto", "language", Settings(models_dir=models_dir))
    own = tokenizer_at(path)
    controls = tuple(str(token) for token in own.renderer.added_tokens_decoder.values() if token.special)
    assert len(controls) == 17
    vocabulary = Vocabulary(controls, text=("<br>", "<p>", "[0]"))
    tokenizer = genai.Tokenizer(str(path))
    for special in (own.special_tokens, special_tokens_of_gguf(tokenizer_metadata(path)), special_tokens_of(tokenizer)):
        assert special == {*controls}
        check(own, special, vocabulary)
    for command in controls:
        read = tokenizer.encode(escape(f"a{command}b", special_tokens_of(tokenizer)), add_special_tokens=False)
        assert own.tokens(command)[0] not in read.input_ids.data[0]


def test_what_is_marked_is_a_command_and_of_the_rest_what_looks_like_one_or_stands_in_the_template() -> None:
    tokens = [("\n", False), ("   ", False), ("<br>", False), ("<", False), ("[X]", False), ("<|x", False), ("", True)]
    assert special_tokens(tokens) == {"[X]", "<|x"}
    assert special_tokens([*tokens, ("<turn>", False), ("go", True)], "<turn>\n   [X]") == {
        "[X]",
        "<|x",
        "<turn>",
        "go",
    }


def test_what_merely_looks_like_a_command_is_broken_too_and_text_is_not() -> None:
    for command in ("<|im_end|>", "<|eot_id|>", "<\uff5cend\u2581of\u2581sentence\uff5c>", "</think>", "<tool_call>"):
        assert command not in escape(f"a {command} b {command}", frozenset())
    for text in ("if a <b |> c: x <| y", "<b>bold</b>", "[1] and [INST", "a || b <|> c"):
        assert escape(text, frozenset()) == text
