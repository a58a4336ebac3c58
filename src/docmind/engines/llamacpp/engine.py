"""llama.cpp in this process through xllamacpp: reads any GGUF file, on the CPU or on what its build drives."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from jinja2 import TemplateError
from llama_index.core.bridge.pydantic import PrivateAttr

from docmind.engines.admission_queue import AdmissionQueue
from docmind.engines.base import Piece, PreparedPrompt
from docmind.engines.llamacpp.server import PARALLEL_ANSWERS, Server, graphics_cards, load
from docmind.engines.options import Options, best_style_for
from docmind.engines.special_tokens import special_tokens_of_gguf
from docmind.engines.template import TemplateEngine
from docmind.errors import EngineError
from docmind.lean_imports import one_imports_transformers
from docmind.models import Choice, tokenizer_metadata, weight_bytes
from docmind.settings import Settings

# The output parser takes them apart.
_TAGS_THAT_SHOW = ["<think>", "</think>", "<tool_call>", "</tool_call>"]
_GREEDY: Mapping[str, Any] = {"temperature": 0.0, "samplers": ["top_k"], "top_k": 1, "timings_per_token": True}


class LlamaCppEngine(TemplateEngine):
    """A GGUF model that llama.cpp computes in this process."""

    _server: Server = PrivateAttr()
    _special_tokens: frozenset[str] = PrivateAttr()
    _template: str = PrivateAttr()
    _bos: str = PrivateAttr()
    _eos: str = PrivateAttr()
    _begins_itself: bool = PrivateAttr()

    @classmethod
    def open(cls, settings: Settings, choice: Choice) -> Self:
        """Load the chosen model; see `docmind.engines.open_engine` for what it raises."""
        path = choice.path
        assert path is not None  # noqa: S101 - only servers and the extractive engine have none
        special_tokens = special_tokens_of_gguf(tokenizer_metadata(path))
        server = load(path, choice.window, choice.cache_type)
        try:
            return cls._around(server, settings, choice, path, special_tokens)
        except BaseException:
            server.close()
            raise

    @classmethod
    def _around(
        cls, server: Server, settings: Settings, choice: Choice, path: Path, special_tokens: frozenset[str]
    ) -> Self:
        facts = server.properties()
        # llama.cpp rounds up to 256, and cuts at the model's own window.
        window = min(server.window, int(facts["default_generation_settings"]["n_ctx"]))
        engine = cls(
            engine_name="llamacpp",
            model_name=choice.model_name,
            context_window=window,
            best_style=best_style_for(weight_bytes(path)),
            answer_tokens=settings.answer_room,
            sampling=settings.sampling,
            parallel_answers=PARALLEL_ANSWERS,
            device=", ".join(graphics_cards()) or "CPU",
            note=_note(choice.window, window, server.window),
        )
        engine._queue = AdmissionQueue(window)  # answers that together outgrow the window would fail in their middle
        engine._server = server
        engine._special_tokens = special_tokens
        engine._template = facts["chat_template"]
        engine._bos, engine._eos = facts["bos_token"], facts["eos_token"]
        beginning = server.tokens("", add_special=True)
        engine._begins_itself = bool(engine._bos) and beginning[:1] == server.tokens(engine._bos)
        engine.modes = engine.modes_of_template()
        return engine

    def encode(self, text: str) -> list[int]:
        """See `TemplateEngine.encode`."""
        return self._server.tokens(text)

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """See `TemplateEngine.apply_template`.

        Raises:
            EngineError: the template refuses such a conversation.
        """
        # Late, because it brings torch, whose OpenMP must not load before the process is prepared.
        with one_imports_transformers():
            from transformers.utils.chat_template_utils import render_jinja_template  # noqa: PLC0415 - see above

        try:
            rendered = render_jinja_template(
                [[dict(turn) for turn in turns]],
                tools=[dict(tool) for tool in tools] or None,
                chat_template=self._template,
                add_generation_prompt=True,
                bos_token=self._bos,
                eos_token=self._eos,
                enable_thinking=thinking,
            )
        except TemplateError as error:
            raise EngineError(
                f"The chat template of {self.model_name} refuses this conversation ({error}). Choose another model."
            ) from error
        prompt = str(rendered[0][0])  # of the first conversation; the other part is about training
        # Some templates leave the first token to the tokenizer; here the text is the whole truth.
        return self._bos + prompt if self._begins_itself and not prompt.startswith(self._bos) else prompt

    def special_tokens(self) -> frozenset[str]:
        """See `Engine.special_tokens`."""
        return self._special_tokens

    def share(self, prompt: PreparedPrompt) -> int:
        """Tokens of the window, or as many as let in no more than are computed at once."""
        return max(prompt.tokens + prompt.options.max_tokens, self.context_window // PARALLEL_ANSWERS)

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """See `Engine.pieces`."""
        options = prompt.options
        request: dict[str, Any] = {
            "prompt": prompt.ids,  # not as text, to which llama.cpp might add a token at the front
            "max_tokens": options.max_tokens,
            "stream": True,
            "return_progress": True,  # a callback after each batch of the prompt, in which it can be stopped
            "timings_per_token": True,  # they hold the number of tokens so far
            "preserved_tokens": _TAGS_THAT_SHOW,
            **_sampling(options),
        }
        if options.json_schema is not None:
            request["json_schema"] = dict(options.json_schema)
        told, answer, ending = 0, "", ""
        with self._server.started(request) as arrivals:
            for events in arrivals:
                counted, text = told, ""
                for event in events:
                    counted = int(event.get("timings", {}).get("predicted_n", counted))
                    for choice in event.get("choices", ()):
                        text += choice["text"]
                        ending = choice["finish_reason"] or ending
                yield Piece(text, counted - told)
                told, answer = counted, answer + text
        if options.json_schema is not None and ending == "stop":
            _check_json(answer)

    def free(self) -> None:
        """See `Engine.free`."""
        self._server.close()


def _note(wanted: int, window: int, tried: int) -> str:
    if window == wanted:
        return ""
    reason = "more did not fit into memory" if tried < wanted else "the model reads no more"
    return f"The window was lowered from {wanted:,} to {window:,} tokens, because {reason}."


def _check_json(answer: str) -> None:
    """Raise EngineError where llama.cpp let the schema go, which it does without a word where it cannot read it."""
    try:
        json.loads(answer)
    except ValueError as error:
        raise EngineError(
            "llama.cpp cannot hold an answer to this JSON schema. Simplify the schema, or choose another engine."
        ) from error


def _sampling(options: Options) -> Mapping[str, Any]:
    sampling = options.sampling
    # Repetition is not discouraged: an answer about a document has to repeat the document.
    if sampling.greedy:
        return _GREEDY
    chosen = {
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
        # Temperature first, as in the libraries for which the makers of models state their advice.
        "samplers": ["temperature", "top_k", "top_p", "min_p"],
    }
    return chosen if sampling.seed is None else {**chosen, "seed": sampling.seed}
