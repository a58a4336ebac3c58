"""Ollama, a server on this machine, through LlamaIndex's own class for it.

Ollama cuts a prompt that exceeds its window without a word, and its window is small unless one is asked for. So the
window is always stated, prompts are counted with the model's own tokenizer (its server hands out the vocabulary), what
Ollama's template adds is bounded by what it adds to a single message, and after every answer Ollama's own count of the
prompt is compared with ours. A last message from the assistant is continued, as Ollama's templates do by design.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Generator, Sequence
from typing import Any, Self

import httpx
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole, ToolCallBlock
from llama_index.core.bridge.pydantic import PrivateAttr

from docmind.engines.base import Engine, Piece, PreparedPrompt, joined
from docmind.engines.local_tokenizer import LocalTokenizer, tokenizer_at, tokenizer_of_metadata
from docmind.engines.loop_thread import LoopThread
from docmind.engines.ollama.server import about_model, absent
from docmind.engines.options import Options, best_style_for
from docmind.engines.servers import PATIENT, headers_with, transport_to, trouble
from docmind.errors import EngineError, EngineLostError, MissingExtraError, ServerError
from docmind.models import SERVERS, Choice, steps
from docmind.network import Address, require_local
from docmind.settings import Settings

try:
    from llama_index.llms.ollama import Ollama
    from ollama import AsyncClient, ResponseError
except ImportError as missing:
    raise MissingExtraError("Ollama needs one more package: run `pip install 'docmind[ollama]'`.") from missing

# Where nothing is set: room for many passages, and in an 8B model 2.4 GB of cache rather than the 38 GB of 262,144.
_DEFAULT_WINDOW = 16_384
# Digits, spaces, marks and scripts that tokenizers cut in different ways: one that is not the model's own shows here.
_SAMPLE = "In 2024, we've paid 1,234.56 € (x_1 = 7) for  naïve 日本語 🦩 tests;\n\n\tdon't SHOUT! if a<b: return 'ok'."
_TOOL_PREAMBLE = 256  # tokens at most in which a template introduces tools; Qwen3's takes 130


class OllamaEngine(Engine):
    """A model that Ollama serves."""

    _loop: LoopThread = PrivateAttr()
    _client: AsyncClient = PrivateAttr()
    _tokenizer: LocalTokenizer = PrivateAttr()
    _around_message: int = PrivateAttr()
    _keep_alive: str | float = PrivateAttr()

    @classmethod
    def open(cls, settings: Settings, choice: Choice) -> Self:
        """Have Ollama load the chosen model; see `docmind.engines.open_engine` for what it raises."""
        address = require_local(settings.server_url or SERVERS["ollama"].urls[0], allowed=settings.allow_remote_server)
        client = AsyncClient(
            host=address.url,
            transport=transport_to(address),
            follow_redirects=False,
            trust_env=False,
            timeout=PATIENT,
            # Set also where there is none, because the client would send a key that it finds in the environment.
            headers={"authorization": headers_with(settings, address).get("Authorization", "none")},
        )
        loop = LoopThread("ollama")
        try:
            return cls._load(settings, choice, address, loop, client)
        except BaseException:
            loop.close(client.close())  # type: ignore[no-untyped-call]  # the client leaves it unannotated
            raise

    @classmethod
    def _load(cls, settings: Settings, choice: Choice, address: Address, loop: LoopThread, client: AsyncClient) -> Self:
        about = loop.run(about_model(address, settings, choice.model_name))
        asked = choice.window or settings.window or min(_DEFAULT_WINDOW, about.window)
        engine = cls(
            engine_name="ollama",
            model_name=about.name,
            context_window=min(asked, about.window),
            answer_tokens=settings.answer_room,
            modes=about.modes,
            sampling=settings.sampling,
            parallel_answers=1,  # where OLLAMA_NUM_PARALLEL says otherwise, Ollama tells nobody
            device=f"Ollama's cloud, by way of the {address.words}" if about.remote else f"Ollama, {address.words}",
            note=f"{about.name} reads {about.window:,} tokens, not {asked:,}." if about.window < asked else "",
            leaves_machine=address.leaves_machine or about.remote,
        )
        engine._loop, engine._client = loop, client
        engine._keep_alive = _as_duration(settings.keep_alive)
        path = settings.server_tokenizer
        engine._tokenizer = tokenizer_at(path) if path else tokenizer_of_metadata(about.metadata)
        engine._load_model()
        continues = engine._measure()
        # To quote, a model goes on from a beginning that it is given.
        engine.best_style = best_style_for(about.weight_bytes) if continues else "write"
        return engine

    def count_tokens(self, text: str) -> int:
        """See `Engine.count_tokens`."""
        return len(self._tokenizer.tokens(text))

    def prepare_prompt(self, messages: Sequence[ChatMessage], options: Options) -> PreparedPrompt:
        """See `Engine.prepare_prompt`; the messages are counted exactly, what surrounds each is a bound."""
        contents = sum(self.count_tokens(message.content or "") for message in messages)
        tools = self.count_tokens(json.dumps(list(options.tools))) + _TOOL_PREAMBLE if options.tools else 0
        # One more for each: its ends may be cut into tokens differently beside the template's.
        tokens = contents + tools + (self._around_message + 1) * len(messages)
        return PreparedPrompt(tuple(messages), options, tokens)

    def special_tokens(self) -> frozenset[str]:
        """See `Engine.special_tokens`."""
        return self._tokenizer.special_tokens

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """See `Engine.pieces`.

        Raises:
            EngineError: Ollama read fewer tokens than it was sent.
        """
        yield from map(joined, self._loop.stream(self._answer(prompt.messages, prompt.options)))

    def free(self) -> None:
        """Break off what is running. Ollama frees the model by itself after DOCMIND_KEEP_ALIVE."""
        self._loop.close(self._client.close())  # type: ignore[no-untyped-call]  # the client leaves it unannotated

    async def _answer(self, messages: Sequence[ChatMessage], options: Options) -> AsyncGenerator[Piece, None]:
        # As a model writes: thoughts and calls in tags, which the output parser takes apart again.
        thinking, told, calls, last = False, 0, 0, None
        try:
            responses = await self._ollama(options).astream_chat(
                messages,
                tools=list(options.tools) or None,
                format=None if options.json_schema is None else dict(options.json_schema),
            )
            async for response in responses:
                last, text = response, ""
                if thought := response.additional_kwargs.get("thinking_delta"):
                    text += thought if thinking else f"<think>{thought}"
                    thinking = True
                if response.delta:
                    text += f"</think>{response.delta}" if thinking else response.delta
                    thinking = False
                blocks = [block for block in response.message.blocks if isinstance(block, ToolCallBlock)]
                for block in blocks[calls:]:
                    call = json.dumps({"name": block.tool_name, "arguments": block.tool_kwargs})
                    text += f"<tool_call>{call}</tool_call>"
                calls = len(blocks)
                if text:
                    told += 1
                    yield Piece(text, 1)
        except ResponseError as error:
            raise ServerError(
                f"Ollama refused: {error.error.strip()}. `docmind doctor` looks what it lacks."
            ) from error
        # ValueError: what came was no JSON.
        except (httpx.HTTPError, ConnectionError, ValueError) as error:
            raise EngineLostError(
                f"Ollama broke off: {trouble(error)}. See that it runs (`ollama serve`), then ask again."
            ) from error
        raw: dict[str, Any] = last.raw if last and isinstance(last.raw, dict) else {}
        if not raw.get("done"):
            raise EngineLostError(
                "Ollama ended its answer in the middle. See that it runs (`ollama serve`), then ask again."
            )
        yield Piece("", max(0, (raw.get("eval_count") or told) - told))
        self._check_read(messages, raw.get("prompt_eval_count"))

    def _check_read(self, messages: Sequence[ChatMessage], read: int | None) -> None:
        """Compare what Ollama says it read with what it was sent."""
        # Without the template's tokens, and without blanks at the ends, which templates trim: no false alarm.
        sent = sum(self.count_tokens((message.content or "").strip()) - 1 for message in messages)
        if read is not None and read < sent:
            raise EngineError(
                f"Ollama read only {read:,} of at least {sent:,} tokens: it cut the prompt, so this answer does not "
                "rest on all that was sent. Lower DOCMIND_WINDOW, or update Ollama."
            )

    def _ollama(self, options: Options, window: int | None = None) -> Ollama:
        sampling = options.sampling
        chosen = {} if sampling.greedy else {"top_p": sampling.top_p, "top_k": sampling.top_k, "min_p": sampling.min_p}
        if sampling.seed is not None:
            chosen["seed"] = sampling.seed
        return Ollama(
            model=self.model_name,
            async_client=self._client,
            context_window=window or self.context_window,
            temperature=sampling.temperature,
            keep_alive=self._keep_alive,
            # Only here: a False given with the request is taken for nothing given.
            thinking=options.thinking if "thinking" in self.modes else None,
            additional_kwargs={
                **chosen,
                "num_predict": options.max_tokens,
                # An answer about a document has to repeat the document.
                "repeat_penalty": 1.0,
                "presence_penalty": 0.0,
                "frequency_penalty": 0.0,
            },
        )

    def _load_model(self) -> None:
        """Have the model loaded, with a smaller window where memory does not suffice, and see which one it got."""
        asked, refusal = self.context_window, ""
        for window in steps(asked):
            try:
                self._loop.run(self._chat([], window))
            except ServerError as error:
                if "memory" not in str(error).casefold():
                    raise
                refusal = refusal or str(error)
                continue
            self.context_window = min(window, self._loop.run(self._loaded_window()) or window)
            if self.context_window < asked:
                why = "memory did not suffice for" if refusal else "Ollama did not give"
                self.note = f"The window is {self.context_window:,} tokens: {why} {asked:,}."
            return
        raise ServerError(refusal)

    def _measure(self) -> bool:
        """Measure what Ollama's template puts around a message; Ollama tells it only by how much it has read.

        A single message also has the opening of the answer around it, and the words that some templates bring, so that
        a further one has no more, unless it is the system's. Returns whether a last message from the assistant is left
        open, to be continued.

        Raises:
            EngineError: the server's tokenizer is not the one that counts.
        """

        def around(*messages: ChatMessage) -> int:
            read = self._loop.run(self._read_only(messages))
            return read - sum(self.count_tokens(message.content or "") for message in messages)

        roles = (MessageRole.SYSTEM, MessageRole.USER, MessageRole.ASSISTANT)
        system, user, assistant = (ChatMessage(role=role, content="x") for role in roles)
        alone = around(user)
        self._around_message = max(alone, around(system, user) - alone)
        if difference := around(ChatMessage(role=MessageRole.USER, content=_SAMPLE)) - alone:
            counted = self.count_tokens(_SAMPLE)
            raise EngineError(
                f"DocMind counts {counted} tokens in a sample of text, Ollama {counted + difference}: prompts might be "
                "cut unseen. Point DOCMIND_SERVER_TOKENIZER to a folder with the model's own tokenizer.json."
            )
        # Otherwise the assistant's message is closed and another one opened, which takes several tokens.
        return around(user, assistant) <= alone + 1

    async def _loaded_window(self) -> int | None:
        try:
            loaded = (await self._client.ps()).models
        except (ResponseError, httpx.HTTPError, ConnectionError):  # not every version tells, and it has been loaded
            return None
        return next((model.context_length for model in loaded if model.model == self.model_name), None)

    async def _read_only(self, messages: Sequence[ChatMessage]) -> int:
        """Tokens that Ollama reads for these messages."""
        response = await self._chat(messages, self.context_window)
        read = (response.raw or {}).get("prompt_eval_count")
        if not read:
            raise ServerError("This Ollama does not say how many tokens it has read. Update it.")
        return int(read)

    async def _chat(self, messages: Sequence[ChatMessage], window: int) -> ChatResponse:
        """Ask for one token; without any message the model is just loaded, as Ollama documents."""
        try:
            response: ChatResponse = await self._ollama(Options(max_tokens=1), window).achat(messages)
        except ResponseError as error:
            raise ServerError(
                f"Ollama cannot open {self.model_name}: {error.error.strip()}. Try a smaller model."
            ) from error
        except (httpx.HTTPError, ConnectionError) as error:
            raise absent(error) from error
        return response


def _as_duration(keep_alive: str) -> str | float:
    """What Ollama takes for a duration: '10m', or a number of seconds, which must not be a string."""
    try:
        return float(keep_alive)
    except ValueError:
        return keep_alive
