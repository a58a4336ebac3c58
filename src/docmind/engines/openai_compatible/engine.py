"""A server that speaks OpenAI's protocol: vLLM, llama.cpp's llama-server, LM Studio.

The prompt is rendered with the model's own template and sent to /v1/completions, where the server takes them as the
very tokens that were counted. That, breaking an answer off while its prompt is still being read, and finding out what
each server offers besides the protocol is all there is to it, so it is written over httpx itself: OpenAI's client
would bring retries, redirections and settings from the environment, which all would have to be switched off.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import suppress
from pathlib import PureWindowsPath
from typing import Any, Self

import httpx
from llama_index.core.bridge.pydantic import PrivateAttr

from docmind.engines.base import Piece, PreparedPrompt, joined
from docmind.engines.loop_thread import LoopThread
from docmind.engines.openai_compatible.kinds import Server, recognise
from docmind.engines.options import best_style_for
from docmind.engines.servers import BRISK, PATIENT, AbsentError, headers_with, transport_to, trouble
from docmind.engines.template import TemplateEngine
from docmind.errors import EngineError, EngineLostError, ServerError
from docmind.models import SERVERS, Choice
from docmind.network import Address, require_local
from docmind.settings import Settings


class OpenAICompatibleEngine(TemplateEngine):
    """A model that a server offers."""

    _loop: LoopThread = PrivateAttr()
    _client: httpx.AsyncClient = PrivateAttr()
    _server: Server = PrivateAttr()

    @classmethod
    def open(cls, settings: Settings, choice: Choice) -> Self:
        """Find the server and its model; see `docmind.engines.open_engine` for what it raises."""
        if settings.server_url:
            return cls._at(settings.server_url, settings, choice)
        usual = SERVERS["openai_compatible"].urls
        # Whoever listens there may be quite another program: it is not shown the key, and its refusal ends nothing.
        strangers = settings.model_copy(update={"server_key": None})
        for url in usual:
            with suppress(AbsentError, ServerError):
                return cls._at(url, strangers, choice)
        raise ServerError(
            f"No server answers at {', '.join(usual)}. Start one, for instance `vllm serve MODEL` or "
            "`llama-server -m FILE.gguf`, or set DOCMIND_SERVER_URL."
        )

    @classmethod
    def _at(cls, url: str, settings: Settings, choice: Choice) -> Self:
        address = require_local(re.sub(r"/v1/*$", "", url.strip()), allowed=settings.allow_remote_server)
        client = httpx.AsyncClient(
            base_url=address.url,
            transport=transport_to(address),
            headers=headers_with(settings, address),
            timeout=BRISK,
            trust_env=False,
        )
        loop = LoopThread("openai_compatible")
        try:
            return cls._found(settings, choice, address, loop, client)
        except BaseException:
            loop.close(client.aclose())
            raise

    @classmethod
    def _found(
        cls, settings: Settings, choice: Choice, address: Address, loop: LoopThread, client: httpx.AsyncClient
    ) -> Self:
        def ask(path: str, body: Mapping[str, Any] | None) -> dict[str, Any] | None:
            return loop.run(_ask(client, path, body))

        server = recognise(ask, settings, choice.model_name, local=not address.leaves_machine)
        asked = choice.window or settings.window or server.window
        engine = cls(
            engine_name="openai_compatible",
            model_name=_name_of(server.model),
            context_window=min(asked, server.window),
            best_style=best_style_for(server.weight_bytes),
            answer_tokens=settings.answer_room,
            sampling=settings.sampling,
            parallel_answers=server.parallel_answers,
            device=f"{server.kind}, {address.words}",
            note=f"The server reads {server.window:,} tokens, not {asked:,}." if server.window < asked else "",
            leaves_machine=address.leaves_machine,
        )
        engine._loop, engine._client, engine._server = loop, client, server
        engine.modes = engine.modes_of_template()
        return engine

    def encode(self, text: str) -> Sequence[int]:
        """See `TemplateEngine.encode`."""
        return self._server.tokens(text) if text else ()

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """See `TemplateEngine.apply_template`."""
        return self._server.render(turns, tools, thinking)

    def special_tokens(self) -> frozenset[str]:
        """See `Engine.special_tokens`."""
        return self._server.special_tokens

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """See `Engine.pieces`.

        Raises:
            EngineError: the server read fewer tokens than it was sent.
        """
        options = prompt.options
        body = {
            "model": self._server.model,
            "prompt": list(prompt.ids) if self._server.takes_ids else prompt.text,
            "max_tokens": options.max_tokens,
            "temperature": options.sampling.temperature,
            "top_p": options.sampling.top_p,
            "stream": True,
            # An answer about a document has to repeat the document.
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
            **({} if options.sampling.seed is None else {"seed": options.sampling.seed}),
            **self._server.own_fields(options),
        }
        yield from map(joined, self._loop.stream(self._answer(body, prompt.tokens)))

    def free(self) -> None:
        """See `Engine.free`; the server goes on."""
        self._loop.close(self._client.aclose())

    async def _answer(self, body: Mapping[str, Any], sent: int) -> AsyncGenerator[Piece, None]:
        told, ended, usage = 0, False, dict[str, Any]()
        try:
            async with self._client.stream("POST", "/v1/completions", json=body, timeout=PATIENT) as response:
                if response.status_code != httpx.codes.OK:
                    raise _refusal(response, await response.aread())
                async for event in _events(response):
                    if "error" in event:
                        raise ServerError(f"The server failed while answering: {_words_of(event)}. Look at its log.")
                    usage = event.get("usage") or usage
                    for choice in event.get("choices") or ():
                        ended = ended or choice.get("finish_reason") is not None
                        text = str(choice.get("text") or "")
                        # One token an event, unless the server says how many there are by now.
                        tokens = int(event["usage"]["completion_tokens"]) - told if event.get("usage") else bool(text)
                        told += tokens
                        yield Piece(text, int(tokens))
        except (httpx.HTTPError, ValueError) as error:  # ValueError: what came was no JSON
            raise AbsentError(_ABSENT.format(trouble=trouble(error))) from error
        if not ended:
            raise EngineLostError("The server ended its answer in the middle. See that it still runs, then ask again.")
        if told < int(usage.get("completion_tokens") or 0):
            yield Piece("", int(usage["completion_tokens"]) - told)
        read = int(usage.get("prompt_tokens") or sent)
        if read < sent:
            raise EngineError(
                f"The server read only {read:,} of {sent:,} tokens: it cut the prompt, so this answer does not rest on "
                "all that was sent. Lower DOCMIND_WINDOW, or check DOCMIND_SERVER_TOKENIZER."
            )


_ABSENT = "The server does not answer: {trouble}. See that it runs and DOCMIND_SERVER_URL is right, then ask again."


def _name_of(model: str) -> str:
    """A model as people know it: llama-server and vLLM call one that they opened by its path by the whole path."""
    path = PureWindowsPath(model)  # it knows both kinds of slashes
    return path.name if path.root else model


async def _ask(client: httpx.AsyncClient, path: str, body: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The JSON object that a path answers; None where there is no such path."""
    try:
        response = await (client.get(path) if body is None else client.post(path, json=dict(body)))
    except httpx.HTTPError as error:
        raise AbsentError(_ABSENT.format(trouble=trouble(error))) from error
    if response.status_code in {httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED, httpx.codes.NOT_IMPLEMENTED}:
        return None
    if response.status_code != httpx.codes.OK:
        raise _refusal(response, response.content)
    try:
        found = response.json()
    except ValueError:  # a page, perhaps
        return None
    return found if isinstance(found, dict) else None


async def _events(response: httpx.Response) -> AsyncGenerator[dict[str, Any], None]:
    """The events of a stream, until the server says that it is done."""
    held = b""
    # Split at line feeds alone: httpx's own lines also end at characters that may stand inside a JSON string.
    async for chunk in response.aiter_bytes():
        *lines, held = (held + chunk).split(b"\n")
        for line in lines:
            name, _, data = line.strip().partition(b":")
            if name not in {b"data", b"error"} or data.strip() == b"[DONE]":
                continue
            event = json.loads(data)
            yield event if name == b"data" else {"error": event}


def _refusal(response: httpx.Response, content: bytes) -> ServerError:
    """Why the server would not, in words."""
    if response.is_redirect:
        target = response.headers.get("location", "elsewhere")
        return ServerError(
            f"The server sends us on to {target}, where DocMind does not follow. Set DOCMIND_SERVER_URL to it."
        )
    if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return ServerError("The server asks for a key, or for another one. Set DOCMIND_SERVER_KEY.")
    try:
        words = _words_of(json.loads(content))
    except ValueError:
        words = "no reason given"
    return ServerError(f"The server refused (status {response.status_code}): {words}. Look at its log.")


def _words_of(answer: Any) -> str:
    """The message in one of the forms that servers wrap it in."""
    found = answer
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    return str(found).strip().rstrip(".")[:300]
