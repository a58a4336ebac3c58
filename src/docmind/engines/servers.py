"""What engines behind a server share: how it is reached, and that text goes nowhere else.

Text goes to another machine only where the user has said so. A server of this machine is reached at the very address
that was checked, never through a proxy, and no redirection is followed.
"""

from __future__ import annotations

import ssl

import httpx

from docmind.errors import EngineLostError, SettingsError
from docmind.network import Address
from docmind.settings import Settings

_CONNECT_SECONDS = 5.0
# Loading a model or reading a long prompt may take minutes, in which a server says nothing.
PATIENT = httpx.Timeout(None, connect=_CONNECT_SECONDS)
BRISK = httpx.Timeout(60.0, connect=_CONNECT_SECONDS)


class AbsentError(EngineLostError):
    """Nobody answers at the server's address, or not what was expected there."""


def trouble(error: Exception) -> str:
    """What went wrong on the way to a server, in words that end no sentence."""
    match error:
        case httpx.ConnectTimeout():
            return f"it could not be reached within {_CONNECT_SECONDS:.0f} s"
        case httpx.TimeoutException():
            return "it was silent for too long"
        case httpx.ConnectError() | ConnectionError():
            return "nothing listens at its address"
        case httpx.HTTPError():
            return "the connection broke off"
        case _:
            return "what came is no answer of such a server"


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
