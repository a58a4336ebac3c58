"""What engines behind a server share: where text may go, and talking to a server from any thread.

Text goes to another machine only where the user has said so. A server of this machine is reached at the very address
that was checked, never through a proxy, and no redirection is followed.
"""

from __future__ import annotations

import asyncio
import queue
import ssl
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import aclosing
from typing import Any, TypeVar

import httpx

from docmind.errors import EngineError, EngineLostError, SettingsError
from docmind.network import Address
from docmind.settings import Settings

T = TypeVar("T")

_TICK = 0.25  # seconds between two signs of life
_CONNECT_SECONDS = 5.0
# Loading a model or reading a long prompt may take minutes, in which a server says nothing.
PATIENT = httpx.Timeout(None, connect=_CONNECT_SECONDS)
BRISK = httpx.Timeout(60.0, connect=_CONNECT_SECONDS)


class AbsentError(EngineLostError):
    """Nobody answers at the server's address, or not what was expected there."""


def transport_to(address: Address) -> httpx.AsyncBaseTransport:
    """How to reach a server: without proxies, and one of this machine only at its checked address."""
    # The machine's own certificates, so that a company's server with a certificate of its own is reached too.
    # Every request on a connection of its own: one that is kept may be closed by the server just as it is used again.
    direct = httpx.AsyncHTTPTransport(
        verify=ssl.create_default_context(), trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
    )
    here = address.listening()
    return _Pinned(direct, here) if here else direct


def headers_with(settings: Settings, address: Address) -> dict[str, str]:
    """What requests carry: the key, where there is one.

    Raises:
        SettingsError: the key would travel readable to another machine.
    """
    key = settings.server_key.get_secret_value() if settings.server_key else ""
    if key and address.leaves_machine and not address.url.startswith("https://"):
        raise SettingsError(
            "DOCMIND_SERVER_KEY would travel unencrypted to another machine. Give DOCMIND_SERVER_URL as https://, or "
            "use a tunnel to a port of this machine."
        )
    return {"Authorization": f"Bearer {key}"} if key else {}


class _Pinned(httpx.AsyncBaseTransport):
    """Connects to one address, whatever the name may stand for by now."""

    def __init__(self, inner: httpx.AsyncBaseTransport, address: str) -> None:
        self._inner = inner
        self._address = address

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx; the Host header keeps the name, and so does the check of a certificate."""
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=self._address)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """See httpx."""
        await self._inner.aclose()


class Line:
    """The line to a server: an event loop in a thread of its own, which any thread may use.

    An event loop, because only there a request that waits for its first token can be broken off at once.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()
        self._lock = threading.Lock()
        self._closed = False
        self._streams: dict[int, queue.SimpleQueue[Any]] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something there and wait for it.

        Raises:
            EngineError: the line was closed.
        """
        with self._lock:
            if self._closed:
                work.close()
                raise EngineError("The model was closed or changed. Ask again.")
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result()

    def stream(self, source: AsyncGenerator[T, None]) -> Generator[T | None, None, None]:
        """What a source yields, and None every quarter of a second while it yields nothing.

        Closing this generator breaks the source off at whatever it waits for.

        Raises:
            EngineError: the line was closed. What the source raises is raised here, too.
        """
        events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        with self._lock:
            if self._closed:
                raise EngineError("The model was closed or changed. Ask again.")
            self._streams[id(events)] = events
            future = asyncio.run_coroutine_threadsafe(_pump(source, events), self._loop)
        try:
            while True:
                try:
                    event = events.get(timeout=_TICK)
                except queue.Empty:
                    yield None
                    continue
                if event is _END:
                    return
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            future.cancel()
            with self._lock:
                self._streams.pop(id(events), None)

    def close(self, farewell: Coroutine[Any, Any, None]) -> None:
        """Break off every stream, do a last thing, and end the thread. Closing twice does no harm."""
        with self._lock:
            if self._closed:
                farewell.close()
                return
            self._closed = True
            for events in self._streams.values():
                events.put(EngineError("The model was closed before the answer was complete."))
        asyncio.run_coroutine_threadsafe(self._leave(farewell), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @staticmethod
    async def _leave(farewell: Coroutine[Any, Any, None]) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await farewell


_END = object()


async def _pump(source: AsyncGenerator[T, None], events: queue.SimpleQueue[Any]) -> None:
    try:
        async with aclosing(source):
            async for item in source:
                events.put(item)
    except Exception as error:  # noqa: BLE001 - were it lost here, the reader would wait for ever; it is raised there
        events.put(error)
    else:
        events.put(_END)
