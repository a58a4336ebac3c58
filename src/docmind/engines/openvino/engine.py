"""OpenVINO GenAI in this process: reads GGUF and OpenVINO models, runs on CPU, Intel GPU and NPU.

The model belongs to one thread, which computes all requests forward together; everyone else waits on a queue.
A prompt that begins like an earlier one reuses its key-value cache. GPU and NPU: not verified here.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Self

import openvino_genai as genai
from llama_index.core.bridge.pydantic import PrivateAttr

from docmind.engines.base import Piece, PreparedPrompt
from docmind.engines.openvino.devices import Loaded
from docmind.engines.openvino.grammar import grammar_of
from docmind.engines.openvino.requests import Request, Worker
from docmind.engines.openvino.text import Decode, decoder_of
from docmind.engines.options import Options, best_style_for
from docmind.engines.special_tokens import special_tokens
from docmind.engines.template import TemplateEngine
from docmind.errors import ContextWindowError, EngineError
from docmind.models import Choice, weight_bytes
from docmind.settings import Settings

# A tokenizer made from GGUF silently stops after so many tokens, whatever the model's window is and whatever it is told
# (openvino-genai 2026.4); others may stop at the window. So many tokens may be a part, and the text is read in halves.
_STOPS_AT = 8_192
_BRACKET = re.compile(rb"[<>\[\]]")


class OpenVINOEngine(TemplateEngine):
    """A model on a device that OpenVINO drives."""

    _tokenizer: genai.Tokenizer = PrivateAttr()
    _special_tokens: frozenset[str] = PrivateAttr()
    _new_decoder: Callable[[], Decode] = PrivateAttr()
    _worker: Worker = PrivateAttr()

    @classmethod
    def around(cls, loaded: Loaded, settings: Settings, choice: Choice) -> Self:
        """The engine of a model that is loaded."""
        assert choice.path is not None  # noqa: S101 - only servers and the extractive engine have none
        engine = cls(
            engine_name="openvino",
            model_name=choice.model_name,
            context_window=loaded.window,
            best_style=best_style_for(weight_bytes(choice.path)),
            answer_tokens=settings.answer_room,
            sampling=settings.sampling,
            parallel_answers=loaded.parallel_answers,
            device=loaded.device,
            note=loaded.note,
            longest_prompt=loaded.longest_prompt,
        )
        engine._worker = loaded.worker
        engine._tokenizer = loaded.tokenizer
        engine._new_decoder = decoder_of(loaded.tokenizer)
        engine._special_tokens = special_tokens_of(loaded.tokenizer)
        engine.modes = engine.modes_of_template()
        return engine

    def encode(self, text: str) -> list[int]:
        """See `TemplateEngine.encode`."""
        # The template has set all commands itself, so that none is added here; the count is then the same.
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).input_ids.data[0].tolist()
        if len(ids) < min(_STOPS_AT, self.context_window) or len(text) < 2:
            return ids
        middle = _place_to_cut(text)
        return self.encode(text[:middle]) + self.encode(text[middle:])

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """See `TemplateEngine.apply_template`."""
        try:
            text = self._tokenizer.apply_chat_template(
                [dict(turn) for turn in turns],
                add_generation_prompt=True,
                tools=[dict(tool) for tool in tools] or None,
                extra_context={"enable_thinking": thinking},
            )
        except RuntimeError as error:  # the model has none, or it refuses such a conversation
            said = str(error).strip().rpartition("\n")[2]
            raise EngineError(
                f"The model's chat template cannot be used ({said}). Choose another one from `docmind models`."
            ) from error
        return str(text)

    def special_tokens(self) -> frozenset[str]:
        """See `Engine.special_tokens`."""
        return self._special_tokens

    def check_window(self, prompt_tokens: int, options: Options) -> None:
        """See `Engine.check_window`; a device with fixed shapes also limits the prompt by itself."""
        super().check_window(prompt_tokens, options)
        if self.longest_prompt is not None and prompt_tokens > self.longest_prompt:
            raise ContextWindowError(
                f"The prompt has {prompt_tokens:,} tokens, but the {self.device} was set up for "
                f"{self.longest_prompt:,} at most. Ask about fewer documents, or choose a larger DOCMIND_NPU_PROFILE."
            )

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """See `Engine.pieces`."""
        request = Request(prompt.ids, self._generation_config(prompt.options))
        self._worker.submit(request)
        decode = self._new_decoder()
        untold = 0
        try:
            for arrived in request.arrivals:
                ids = [number for numbers in arrived for number in numbers]
                untold += len(ids)
                text = decode(ids) if ids else ""
                if text or not ids:
                    yield Piece(text, untold)
                    untold = 0
            if untold:
                yield Piece("", untold)
        finally:
            request.cancel()

    def free(self) -> None:
        """See `Engine.free`."""
        self._worker.close()

    def _generation_config(self, options: Options) -> genai.GenerationConfig:
        config = genai.GenerationConfig()
        config.max_new_tokens = options.max_tokens
        # Repetition is not discouraged: an answer about a document has to repeat the document.
        config.do_sample = not options.sampling.greedy
        if config.do_sample:
            config.temperature = options.sampling.temperature
            config.top_p = options.sampling.top_p
            if options.sampling.top_k:
                config.top_k = options.sampling.top_k
            config.min_p = options.sampling.min_p
            # OpenVINO's own default is always the same seed, and so the same answer.
            seed = options.sampling.seed
            config.rng_seed = secrets.randbits(32) if seed is None else seed
        if options.json_schema is not None:
            config.structured_output_config = genai.StructuredOutputConfig(grammar=grammar_of(options.json_schema))
        config.apply_chat_template = False
        config.set_eos_token_id(self._tokenizer.get_eos_token_id())
        return config


def special_tokens_of(tokenizer: genai.Tokenizer) -> frozenset[str]:
    """The strings that the tokenizer reads as commands; those marked as control are the ones that it can hide."""
    # No family has a special token without brackets, and asking about every word would take a while.
    words = [
        (word, number) for word, number in tokenizer.get_vocab().items() if len(word) > 2 and _BRACKET.search(word)
    ]
    shown = tokenizer.decode([[number] for _, number in words], skip_special_tokens=True)
    return special_tokens(
        (word.decode(errors="ignore"), not text) for (word, _), text in zip(words, shown, strict=True)
    )


def _place_to_cut(text: str) -> int:
    """A place near the middle that no token crosses: the space before a word, which byte-pair models keep with it.

    Where there is none, the very middle: the count may then be a token too high, never too low.
    """
    middle = len(text) // 2
    match = re.compile(r"(?<=\w) (?=\w)").search(text, middle, middle + len(text) // 4)
    return match.start() if match else middle
