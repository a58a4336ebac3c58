"""Where text may go: servers of this machine, and others only where the user has said so."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass

import httpx

from docmind.errors import SettingsError

_PORTS = {"http": 80, "https": 443}
_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    Attributes:
        url: As the user wrote it, without query, fragment and closing slash.
        addresses: This machine's own addresses that its name stands for; empty where it is another machine.
    """

    url: str
    addresses: tuple[str, ...]

    @property
    def leaves_machine(self) -> bool:
        """Whether what is sent there leaves this machine."""
        return not self.addresses

    @property
    def words(self) -> str:
        """What it is, for people."""
        return f"server at {httpx.URL(self.url).netloc.decode('ascii')}"

    def listening(self) -> str | None:
        """The first of the addresses where somebody listens: 'localhost' stands for two, servers often know but one.

        Connecting to it rather than to the name, which may stand for another machine by now, keeps text here.
        None where the server is another machine.
        """
        url = httpx.URL(self.url)
        port = url.port or _PORTS[url.scheme]
        for candidate in self.addresses:
            with suppress(OSError), socket.create_connection((candidate, port), _CONNECT_SECONDS):
                return candidate
        return self.addresses[0] if self.addresses else None


def require_local(url: str, *, allowed: bool, setting: str = "DOCMIND_SERVER_URL") -> Address:
    """A server's address, where text may go there. A name counts as local when all that it stands for is.

    Args:
        url: http:// or https:// with a host, perhaps a port and a path.
        allowed: Whether the server may be another machine.
        setting: Where the user wrote the address, for the messages.

    Raises:
        SettingsError: it is no such address, nobody knows its name, or it is another machine and that is not allowed.
    """
    try:
        parsed = httpx.URL(url.strip())
        port = _PORTS.get(parsed.scheme) if parsed.port is None else parsed.port
    except (httpx.InvalidURL, ValueError) as error:
        raise SettingsError(f"{setting} is no address ({error}). Write it like http://127.0.0.1:8000.") from error
    if port is not None and not 0 < port < 65536:
        raise SettingsError(f"{setting} is no address (there is no port {port}). Write it like http://127.0.0.1:8000.")
    if parsed.scheme not in _PORTS or not parsed.host:
        raise SettingsError(f"{setting} must begin with http:// or https:// and a host, as in http://127.0.0.1:8000.")
    if parsed.userinfo:
        # What stands before an @ looks like the host and is not.
        raise SettingsError(f"{setting} must not contain a user name or password. Keys have settings of their own.")
    try:
        found = socket.getaddrinfo(parsed.raw_host.decode("ascii").strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise SettingsError(f"Nobody knows a machine '{parsed.host}' ({error}). Check {setting}.") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    clean = str(parsed.copy_with(query=None, fragment=None)).rstrip("/")
    if addresses and all(map(is_loopback, addresses)):
        return Address(clean, addresses)
    if not allowed:
        raise SettingsError(
            f"The server {parsed.host} is not on this machine: your questions and passages of your documents would "
            f"leave it. Set DOCMIND_ALLOW_REMOTE_SERVER=true to allow that, or set {setting} to a server at 127.0.0.1."
        )
    return Address(clean, ())


def is_loopback(address: str) -> bool:
    """Whether a numeric address, of IPv4 or IPv6, is this machine's own."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback
