"""A stand-in that speaks Ollama's documented protocol, for machines without Ollama. It is not Ollama.

Behind it a real llama.cpp server answers with a real model, so that answers and counts are real. Like Ollama it reads
4,096 tokens unless a request says otherwise, and cuts what exceeds them without a word. Where a request asks for
thoughts or offers tools, which the starter model knows nothing of, it makes them up.
"""

from __future__ import annotations

import http.client
import json
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from serving import llama_server
from transformers.integrations.gguf.reader import read_gguf_metadata

NAME = "smollm2:135m"
DEFAULT_WINDOW = 4096
_VOCABULARY = ("tokenizer.ggml.tokens", "tokenizer.ggml.merges")


@dataclass
class StandIn:
    """What tests may set and see.

    Attributes:
        url: Where it listens.
        backend: Where its llama.cpp listens.
        metadata: Of the model's GGUF file, as /api/show tells them.
        size: Bytes of the model.
        room: Tokens for which memory suffices; None for any number.
        capabilities: What it says the model can do.
        smallest_window: Above 0, the window that it gives whatever is asked for.
        remote_host: Where it says the model runs; '' for here.
        vanish: Whether to drop the connection in the middle of an answer.
        requests: Bodies of /api/chat, in order.
        computing: Answers being computed now.
        loaded: The window of the loaded model; 0 while none is.
    """

    url: str
    backend: str
    metadata: dict[str, Any]
    size: int
    room: int | None = None
    capabilities: list[str] = field(default_factory=lambda: ["completion"])
    smallest_window: int = 0
    remote_host: str = ""
    vanish: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    computing: int = 0
    loaded: int = 0

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """Ask llama.cpp something that is answered at once."""
        connection = http.client.HTTPConnection(urlsplit(self.backend).netloc)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())

    def tokens(self, messages: list[dict[str, Any]]) -> list[int]:
        """What the model reads. A last message from the assistant is left open."""
        opening = ""
        if messages[-1]["role"] == "assistant":
            *messages, last = messages
            opening = last["content"]
        prompt = self.ask("/apply-template", {"messages": messages})["prompt"] + opening
        return list(self.ask("/tokenize", {"content": prompt, "add_special": True})["tokens"])

    def cut(self, messages: list[dict[str, Any]], window: int) -> list[int]:
        """What is left of a conversation that exceeds the window: system and last message, then its ends."""
        system = [message for message in messages if message["role"] == "system"]
        rest = [message for message in messages if message["role"] != "system"]
        while len(rest) > 1 and len(self.tokens([*system, *rest])) > window:
            rest = rest[1:]
        ids = self.tokens([*system, *rest])
        return ids if len(ids) <= window else ids[:4] + ids[len(ids) - window + 4 :]


@contextmanager
def stand_in(model_path: Path) -> Iterator[StandIn]:
    """A stand-in on a free port of this machine, with a model behind it."""
    metadata, _ = read_gguf_metadata(str(model_path), _VOCABULARY)
    # Ollama leaves the chat template out, because it has templates of its own.
    metadata.pop("tokenizer.chat_template", None)
    with ExitStack() as stack:
        backend = stack.enter_context(llama_server(model_path))
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        url = f"http://127.0.0.1:{server.server_address[1]}"
        server.state = StandIn(url, backend, metadata, model_path.stat().st_size)  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        yield server.state  # type: ignore[attr-defined]


@contextmanager
def ollama(model_path: Path) -> Iterator[str]:
    """The address of a stand-in whose one model is called smollm2:135m."""
    with stand_in(model_path) as state:
        yield state.url


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def state(self) -> StandIn:
        return self.server.state  # type: ignore[attr-defined, no-any-return]

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        entry = {"name": NAME, "model": NAME, "size": self.state.size, "details": {"family": "llama"}}
        match self.path:
            case "/api/version":
                self._reply({"version": "0.12.0"})
            case "/api/tags":
                self._reply({"models": [entry]})
            case "/api/ps":
                loaded = {**entry, "context_length": self.state.loaded}
                self._reply({"models": [loaded] if self.state.loaded else []})
            case _:
                self._reply({"error": "not found"}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["model"] != NAME:
            self._reply({"error": f"model '{body['model']}' not found"}, 404)
        elif self.path == "/api/show":
            info = self.state.metadata if body.get("verbose") else {**self.state.metadata, **dict.fromkeys(_VOCABULARY)}
            shown = {"model_info": info, "capabilities": self.state.capabilities, "template": "{{ .Prompt }}"}
            self._reply({**shown, "remote_host": self.state.remote_host} if self.state.remote_host else shown)
        elif self.path == "/api/chat":
            self.state.requests.append(body)
            self._chat(body)
        else:
            self._reply({"error": "not found"}, 404)

    def _chat(self, body: dict[str, Any]) -> None:
        state, options = self.state, body.get("options") or {}
        native = next(value for key, value in state.metadata.items() if key.endswith(".context_length"))
        window = state.smallest_window or min(options.get("num_ctx") or DEFAULT_WINDOW, native)
        if state.room is not None and window > state.room:
            self._reply({"error": "model requires more system memory (9.9 GiB) than is available (1.0 GiB)"}, 500)
            return
        if body.get("think") and "thinking" not in state.capabilities:
            self._reply({"error": f'"{NAME}" does not support thinking'}, 400)
            return
        state.loaded = window
        if not body.get("messages"):
            state.loaded = 0 if body.get("keep_alive") == 0 else window
            self._reply({"model": NAME, "message": _message(""), "done": True, "done_reason": "load"})
            return
        ids = state.cut(body["messages"], window)
        if body.get("stream", True):
            self._stream(body, ids)
            return
        answer = state.ask("/completion", _completion(ids, body))
        ending = {"done": True, "done_reason": "stop", "eval_count": answer["tokens_predicted"]}
        self._reply({"model": NAME, "message": _message(answer["content"]), "prompt_eval_count": len(ids), **ending})

    def _stream(self, body: dict[str, Any], ids: list[int]) -> None:
        backend = http.client.HTTPConnection(urlsplit(self.state.backend).netloc)
        backend.connect()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        finished = threading.Event()
        threading.Thread(target=self._watch, args=(backend.sock, finished), daemon=True).start()
        self.state.computing += 1
        try:
            if body.get("think"):
                for thought in ("Let me ", "look."):
                    self._line({"message": {**_message(""), "thinking": thought}, "done": False})
            for tool in body.get("tools") or ():
                call = {"function": {"name": tool["function"]["name"], "arguments": {"word": "tower"}}}
                self._line({"message": {**_message(""), "tool_calls": [call]}, "done": False})
            text = json.dumps({**_completion(ids, body), "stream": True})
            backend.request("POST", "/completion", text, {"Content-Type": "application/json"})
            for line in backend.getresponse():
                if not line.startswith(b"data: "):
                    continue
                event = json.loads(line[6:])
                if event["stop"]:
                    counts = {"prompt_eval_count": len(ids), "eval_count": event["tokens_predicted"]}
                    self._line({"message": _message(""), "done": True, "done_reason": "stop", **counts})
                elif event["content"]:
                    self._line({"message": _message(event["content"]), "done": False})
                    if self.state.vanish:
                        self.close_connection = True
                        return
            self.wfile.write(b"0\r\n\r\n")
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # whoever asked has gone
        finally:
            self.state.computing -= 1
            finished.set()
            backend.close()

    def _watch(self, backend: socket.socket, finished: threading.Event) -> None:
        """Stop llama.cpp as soon as whoever asked has gone, also while the prompt is being read."""
        while not finished.wait(0.05):
            ready, _, _ = select.select([self.connection], [], [], 0)
            if ready and not self.connection.recv(1, socket.MSG_PEEK):
                backend.shutdown(socket.SHUT_RDWR)
                return

    def _line(self, event: dict[str, Any]) -> None:
        data = json.dumps({"model": NAME, "created_at": "2026-01-01T00:00:00Z", **event}).encode() + b"\n"
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _reply(self, value: dict[str, Any], status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _message(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def _completion(ids: list[int], body: dict[str, Any]) -> dict[str, Any]:
    """Ollama's options in llama.cpp's words."""
    options = body.get("options") or {}
    wanted: dict[str, Any] = {"prompt": ids, "n_predict": options.get("num_predict", -1)}
    for name in ("temperature", "top_k", "top_p", "min_p", "seed", "repeat_penalty"):
        if options.get(name) is not None:
            wanted[name] = options[name]
    if isinstance(body.get("format"), dict):
        wanted["json_schema"] = body["format"]
    return wanted
