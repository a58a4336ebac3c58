"""Servers that speak OpenAI's protocol, and in what they differ: how they count, render and take options.

Completions are all alike. What the protocol leaves out (the window, the model's tokens, its chat template) each server
offers in a way of its own, and LM Studio not at all: there a tokenizer on this machine counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from docmind.engines.local_tokenizer import tokenizer_at
from docmind.engines.options import Options
from docmind.engines.servers import AbsentError
from docmind.engines.special_tokens import candidates, special_tokens, special_tokens_of_gguf
from docmind.errors import ModelError, ModelNotFoundError, ServerError, SettingsError
from docmind.models import tokenizer_metadata, weight_bytes
from docmind.settings import Settings

# Path of a request and its body, None for GET; answers the JSON object that came, or None where there is no such path.
Ask = Callable[[str, Mapping[str, Any] | None], dict[str, Any] | None]
Render = Callable[[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]], bool], str]

_SAMPLE_TURNS = (
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "In 2024:\n\n  naïve 日本 1,234 🦩?"},
)
_CACHED_TEXTS = 64  # fitting a prompt counts the same texts again and again
_BATCHED = 8  # answers at once of servers that batch without saying how many


@dataclass(frozen=True, slots=True)
class Server:
    """A server with its model.

    Attributes:
        kind: What it is, for people.
        model: The server's name for the model.
        window: Prompt and answer together, in tokens.
        parallel_answers: Answers it computes at once.
        weight_bytes: Bytes of the model; 0 where it does not tell.
        tokens: The ids of a text in the model's own markup.
        render: See `TemplateEngine.apply_template`.
        special_tokens: See `Engine.special_tokens`.
        takes_ids: Whether a prompt may be token ids, which then are exactly those that were counted.
        own_fields: The options of an answer that OpenAI's protocol does not know.
    """

    kind: str
    model: str
    window: int
    parallel_answers: int
    weight_bytes: int
    tokens: Callable[[str], Sequence[int]]
    render: Render
    special_tokens: frozenset[str]
    takes_ids: bool
    own_fields: Callable[[Options], dict[str, Any]]


def recognise(ask: Ask, settings: Settings, model: str, *, local: bool) -> Server:
    """Find out what answers, and what it offers.

    Args:
        ask: Sends a request; paths begin at the server's root.
        settings: Name the tokenizer and the window, where the server tells neither.
        model: The server's name for the model; 'auto' is the only one it offers.
        local: Whether the server is on this machine, so that files it names may lie here.

    Raises:
        AbsentError: nobody answers, or it is no such server.
        ServerError: it refuses.
        ModelNotFoundError: it does not offer that model.
        SettingsError: 'auto', and there are several; or something that it does not tell must be set.
        ModelError: the tokenizer on this machine cannot be read.
    """
    if (shown := ask("/api/v0/models", None)) and isinstance(shown.get("data"), list):
        return _lm_studio(shown["data"], settings, model)
    listed = ask("/v1/models", None)
    if not listed or not isinstance(listed.get("data"), list):
        raise AbsentError("What answers at DOCMIND_SERVER_URL does not speak OpenAI's protocol. Check the address.")
    entry = _chosen(listed["data"], model)
    if isinstance(entry.get("max_model_len"), int):
        return _vllm(ask, entry, settings, local=local)
    properties = ask("/props", None) or {}
    if isinstance(properties.get("default_generation_settings"), dict):
        return _llama_cpp(ask, entry, properties, local=local)
    return _other("server", str(entry["id"]), settings.window, settings)


def _vllm(ask: Ask, entry: Mapping[str, Any], settings: Settings, *, local: bool) -> Server:
    model = str(entry["id"])
    root = Path(str(entry.get("root") or ""))
    tokens: Callable[[str], Sequence[int]]
    render: Render
    size = 0
    folder = root if local and root.is_absolute() and (root / "tokenizer.json").is_file() else settings.server_tokenizer
    if local and folder == root:
        with suppress(ModelError):  # vLLM reads other forms, too
            size = weight_bytes(root)
    if folder:
        # Its own files are here, and counting here takes a tenth of the time.
        own = tokenizer_at(folder)
        tokens, render, special = own.tokens, own.apply_template, own.special_tokens
    else:

        @lru_cache(maxsize=_CACHED_TEXTS)
        def tokens(text: str) -> Sequence[int]:
            body = {"model": model, "prompt": text, "add_special_tokens": False}
            return tuple(_field(ask("/tokenize", body), "tokens"))

        def render(turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool) -> str:
            ids = _field(ask("/tokenize", {"model": model, **_conversation(turns, tools, thinking)}), "tokens")
            return str(_field(ask("/detokenize", {"model": model, "tokens": ids}), "prompt"))

        # Some tokenizers drop spaces when they write tokens out; then the text could not stand for the tokens.
        asked = {"model": model, "messages": list(_SAMPLE_TURNS)}
        if list(tokens(render(_SAMPLE_TURNS, (), False))) != list(_field(ask("/tokenize", asked), "tokens")):
            raise SettingsError(
                "This server's tokenizer does not give back the text it was given. Point DOCMIND_SERVER_TOKENIZER to a "
                "folder with the model's tokenizer.json and tokenizer_config.json."
            )
        special = _tried(tokens, render)
    return Server(
        "vLLM", model, int(entry["max_model_len"]), _BATCHED, size, tokens, render, special, True, _vllm_fields
    )


def _vllm_fields(options: Options) -> dict[str, Any]:
    return {
        "top_k": options.sampling.top_k,
        "min_p": options.sampling.min_p,
        "repetition_penalty": 1.0,
        "stream_options": {"include_usage": True, "continuous_usage_stats": True},
        **({} if options.json_schema is None else {"structured_outputs": {"json": dict(options.json_schema)}}),
    }


def _llama_cpp(ask: Ask, entry: Mapping[str, Any], properties: Mapping[str, Any], *, local: bool) -> Server:
    @lru_cache(maxsize=_CACHED_TEXTS)
    def tokens(text: str) -> Sequence[int]:
        # Its templates come without the token that begins a text, which it adds where the model wants one.
        body = {"content": text, "add_special": bool(text), "parse_special": True}
        return tuple(_field(ask("/tokenize", body), "tokens"))

    def render(turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool) -> str:
        return str(_field(ask("/apply-template", _conversation(turns, tools, thinking)), "prompt"))

    file = Path(str(properties.get("model_path") or ""))
    here = local and file.is_absolute() and file.is_file()
    return Server(
        kind="llama.cpp",
        model=str(entry["id"]),
        window=int(properties["default_generation_settings"]["n_ctx"]),
        parallel_answers=int(properties.get("total_slots") or 1),
        weight_bytes=int((entry.get("meta") or {}).get("size") or 0),
        tokens=tokens,
        render=render,
        special_tokens=special_tokens_of_gguf(tokenizer_metadata(file)) if here else _tried(tokens, render),
        takes_ids=True,
        own_fields=_llama_cpp_fields,
    )


def _llama_cpp_fields(options: Options) -> dict[str, Any]:
    return {
        "top_k": options.sampling.top_k,
        "min_p": options.sampling.min_p,
        "repeat_penalty": 1.0,
        "cache_prompt": True,
        "stream_options": {"include_usage": True},
        **({} if options.json_schema is None else {"json_schema": dict(options.json_schema)}),
    }


def _lm_studio(models: list[dict[str, Any]], settings: Settings, model: str) -> Server:
    offered = [entry for entry in models if entry.get("type") != "embeddings"]
    # It lists all that it could load; only one that is loaded has a window.
    loaded = [entry for entry in offered if entry.get("state") == "loaded"]
    entry = _chosen(loaded or offered if model == "auto" else offered, model)
    window = entry.get("loaded_context_length")
    if entry.get("state") != "loaded" or not isinstance(window, int):
        raise ServerError(f"LM Studio has not loaded {entry['id']}. Load it there, or run `lms load {entry['id']}`.")
    return _other("LM Studio", str(entry["id"]), window, settings)


def _other(kind: str, model: str, window: int | None, settings: Settings) -> Server:
    if settings.server_tokenizer is None:
        raise SettingsError(
            f"The {kind} cannot count the tokens of {model}, so DOCMIND_SERVER_TOKENIZER must name the model's own "
            "tokenizer: a folder with tokenizer.json and tokenizer_config.json, or its .gguf file."
        )
    if window is None:
        raise SettingsError(
            f"The {kind} does not tell how many tokens {model} reads. Set DOCMIND_WINDOW to that number."
        )
    own = tokenizer_at(settings.server_tokenizer)

    def fields(options: Options) -> dict[str, Any]:
        wanted: dict[str, Any] = {"stream_options": {"include_usage": True}}
        if not options.sampling.greedy:
            wanted["top_k"] = options.sampling.top_k
        if options.json_schema is not None:
            schema = {"name": "answer", "strict": True, "schema": dict(options.json_schema)}
            wanted["response_format"] = {"type": "json_schema", "json_schema": schema}
        return wanted

    # How much it computes at once it does not tell; four is what LM Studio does by itself.
    return Server(kind, model, window, 4, 0, own.tokens, own.apply_template, own.special_tokens, False, fields)


def _conversation(
    turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
) -> dict[str, Any]:
    more = {"tools": [dict(tool) for tool in tools]} if tools else {}
    return {"messages": [dict(turn) for turn in turns], "chat_template_kwargs": {"enable_thinking": thinking}, **more}


def _chosen(offered: list[dict[str, Any]], model: str) -> dict[str, Any]:
    names = [str(entry.get("id")) for entry in offered]
    if model == "auto" and len(offered) == 1:
        return offered[0]
    if model in names:
        return offered[names.index(model)]
    offers = ", ".join(names) or "none"
    if model == "auto" and names:
        raise SettingsError(f"The server offers several models. Set DOCMIND_MODEL to one of them: {offers}.")
    if model == "auto":
        raise ModelNotFoundError("The server offers no model. Load one there, then ask again.")
    raise ModelNotFoundError(f"The server does not offer {model}. Set DOCMIND_MODEL to one that it does: {offers}.")


def _tried(tokens: Callable[[str], Sequence[int]], render: Render) -> frozenset[str]:
    """Special tokens of a vocabulary that the server does not hand out: candidates that are one token."""
    tool = {"type": "function", "function": {"name": "look", "description": "", "parameters": {}}}
    rendered = render(_SAMPLE_TURNS, (tool,), False) + render(_SAMPLE_TURNS, (), True)
    # Twice against once, because a tokenizer may put tokens of its own around any text.
    single = (text for text in candidates(rendered) if len(tokens(text * 2)) - len(tokens(text)) == 1)
    return special_tokens((text, True) for text in single)


def _field(answer: Mapping[str, Any] | None, name: str) -> Any:
    if answer is None or name not in answer:
        raise ServerError(f"The server's answer lacks '{name}'. It may be too old; a newer one tells.")
    return answer[name]
