"""What `docmind doctor` looks at: whether this machine can run DocMind as set up, and what to do where not.

Nothing heavy is loaded: all checks together take less than three seconds.
"""

from __future__ import annotations

import platform
import socket
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import httpx
import psutil
from packaging.requirements import Requirement

from docmind.embeddings.choice import known_way
from docmind.environment import process_environment
from docmind.errors import DocMindError, ModelNotFoundError, SettingsError
from docmind.models import (
    SERVERS,
    Hardware,
    ModelKind,
    choose,
    detect,
    facts_of,
    find_checker,
    find_model,
    find_reranker,
    fit,
    is_local,
    needs_weights,
    starter_models,
)
from docmind.network import require_local
from docmind.resources import app_folder, free_disk
from docmind.settings import Settings, settings_file, settings_notices

_GIB: Final = 1 << 30
_DISK_NEEDED = 2 * _GIB  # room for the starters, a library of some thousand pages and the store's own log
_MEMORY_OF_APP = _GIB  # app and embedder took 0.7 GiB on Linux
_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Attributes:
        name: What was looked at.
        ok: Whether it is as DocMind needs it.
        detail: What was found.
        fix: What to do about it; None where all is well.
    """

    name: str
    ok: bool
    detail: str
    fix: str | None = None


def checks(settings: Settings) -> list[Check]:
    """Look at everything, in the order in which to mend it. Raises nothing: what fails is a finding."""
    hardware = detect(settings)
    return [
        _python(),
        _packages(),
        _settings_file(),
        Check("Hardware", True, hardware.describe()),
        _model("language", settings.model, needed=needs_weights(settings), settings=settings),
        _model("embedding", settings.embedder, needed=settings.embedder != "hash", settings=settings),
        _checker(settings),
        _reranker(settings),
        _engine(settings, hardware),
        *_servers(settings),
        _library(settings),
        _disk(settings.data_dir),
        _memory(settings, hardware),
        _port(settings.port),
        _exposure(settings.port),
    ]


def _python() -> Check:
    found = f"Python {platform.python_version()} at {sys.executable}"
    if (3, 11) <= sys.version_info < (3, 14):
        return Check("Python", True, found)
    return Check("Python", False, found, "Use Python 3.11, 3.12 or 3.13; `make setup PYTHON=...` takes a path.")


def _packages() -> Check:
    try:
        lines = metadata.requires("docmind") or []
    except metadata.PackageNotFoundError:
        return Check("Packages", False, "docmind itself is not installed", "Run `make setup`.")
    needed = [Requirement(line) for line in lines]
    needed = [need for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})]
    wrong: list[str] = []
    for need in needed:
        try:
            version = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{need.name} is missing")
        else:
            if not need.specifier.contains(version, prereleases=True):
                wrong.append(f"{need.name} is {version}, not {need.specifier}")
    if wrong:
        return Check("Packages", False, "; ".join(wrong), "Run `make setup`, or install docmind again with pip.")
    told = ("torch", "llama-index-core", "openvino-genai", "qdrant-edge-py", "streamlit")
    versions = ", ".join(f"{need.name} {metadata.version(need.name)}" for need in needed if need.name in told)
    return Check("Packages", True, f"docmind {metadata.version('docmind')}; {versions}")


def _settings_file() -> Check:
    file, notices = settings_file(), settings_notices()
    found = f"{file}{'' if file.is_file() else ' (there is none)'} and the environment"
    return Check("Settings", not notices, found, " ".join(notices) or None)


def _model(kind: ModelKind, wanted: str, *, needed: bool, settings: Settings) -> Check:
    name = f"{kind.capitalize()} model"
    if not needed:
        return Check(name, True, "none is needed with the present settings")
    try:
        found = find_model(wanted, kind, settings)
    except ModelNotFoundError as error:
        starter = next(model.name for model in starter_models() if model.kind == kind)
        return Check(name, False, str(error), f"docmind models pull {starter}")
    return Check(name, True, str(found) if kind == "language" else f"{found}; {_computed_by(found, settings)}")


def _checker(settings: Settings) -> Check:
    try:
        found = find_checker(settings)
    except ModelNotFoundError as error:
        return Check("Checker model", False, str(error), "Set DOCMIND_CHECKER=off to do without.")
    return Check("Checker model", True, str(found) if found else "none; answers are checked by rules alone")


def _reranker(settings: Settings) -> Check:
    try:
        found = find_reranker(settings)
    except ModelNotFoundError as error:
        return Check("Reranker model", False, str(error), "Set DOCMIND_RERANKER=none to do without.")
    return Check("Reranker model", True, str(found) if found else "none; the search's own order holds")


def _computed_by(embedder: Path, settings: Settings) -> str:
    way = known_way(embedder, settings)
    if way is None:
        return "what computes it fastest is measured when it is opened first"
    numbers = f" in {way.precision}" if way.engine == "openvino" else ""
    return f"computed by {way.engine}{numbers}. {way.reason}"


def _engine(settings: Settings, hardware: Hardware) -> Check:
    try:
        choice = choose(settings, hardware)
    except ModelNotFoundError:  # told one line above
        return Check("Engine", True, "waits for the language model")
    except DocMindError as error:
        return Check("Engine", False, str(error), "See `docmind models`; DOCMIND_ENGINE=auto chooses for you.")
    return Check("Engine", True, choice.reason)


def _servers(settings: Settings) -> list[Check]:
    """Whether the servers answer that the settings name, where they are, and what they should be told."""
    found = []
    if kind := SERVERS.get(settings.engine):
        urls = (settings.server_url,) if settings.server_url else kind.urls
        found.append(_server(settings, "Server", urls, kind.page, "DOCMIND_SERVER_URL", kind.start, kind.advice))
    if url := settings.qdrant_url:
        start = "Start it, or remove DOCMIND_QDRANT_URL."
        found.append(_server(settings, "Vectors", (url,), "/readyz", "DOCMIND_QDRANT_URL", start))
    return found


def _server(
    settings: Settings, name: str, urls: Sequence[str], page: str, setting: str, start: str, advice: str = ""
) -> Check:
    """Whether a server answers: the first of the URLs under which the page is."""
    for url in urls:
        try:
            address = require_local(url, allowed=settings.allow_remote_server, setting=setting)
        except SettingsError as error:
            return Check(name, False, str(error), "Name a server on this machine, or allow another one.")
        if _answers(address.url.removesuffix("/v1") + page):
            where = "another machine: text leaves this one" if address.leaves_machine else "this machine"
            return Check(name, True, f"{address.url} answers, on {where}. {advice}".rstrip())
    return Check(name, False, f"nobody answers at {', '.join(urls)}", start)


def _answers(url: str) -> bool:
    """Whether the page is there; a program that asks for a key is, one that knows no such page is another program."""
    try:
        status = httpx.get(url, timeout=2.0, follow_redirects=False, trust_env=False).status_code
    except httpx.HTTPError:
        return False
    return status in (httpx.codes.OK, httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)


def _library(settings: Settings) -> Check:
    data_dir = settings.data_dir
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except OSError as error:
        found = f"{data_dir} cannot be written: {error.strerror}"
        return Check("Library", False, found, "Make it writable, or point DOCMIND_DATA_DIR at another folder.")
    holders = _other_holders(data_dir.resolve(), [folder.resolve() for folder in settings.model_folders])
    if holders:
        fix = "One program at a time may open it: close that one, or point DOCMIND_DATA_DIR at another folder."
        return Check("Library", False, f"{data_dir} is open in {', '.join(holders)}", fix)
    return Check("Library", True, f"{data_dir}, writable and free")


def _other_holders(folder: Path, but_not: Sequence[Path]) -> list[str]:
    """Other processes with files open in the folder; those of other users do not show."""
    holders = []
    for process in psutil.process_iter(["pid", "name"]):
        if process.pid == psutil.Process().pid:
            continue
        try:
            paths = [Path(file.path) for file in process.open_files()]
        except (psutil.Error, OSError):  # gone, another user's, or the system's own
            continue
        paths = [path for path in paths if not any(path.is_relative_to(models) for models in but_not)]
        if any(path.is_relative_to(folder) for path in paths):
            holders.append(f"{process.info['name']} (process {process.pid})")
    return holders


def _disk(data_dir: Path) -> Check:
    free, folder = free_disk(data_dir)
    found = f"{free / _GIB:.1f} GiB free in {folder}"
    if free >= _DISK_NEEDED:
        return Check("Disk", True, found)
    return Check("Disk", False, found, "Free some space, or point DOCMIND_DATA_DIR at a folder on another disk.")


def _memory(settings: Settings, hardware: Hardware) -> Check:
    free = hardware.free_bytes
    try:
        choice = choose(settings, hardware)
    except DocMindError:  # told under 'Engine'
        choice = None
    needed, wanted_for = _MEMORY_OF_APP, "the app"
    if choice and choice.path and is_local(choice.engine) and choice.device != "cuda":
        found = fit(facts_of(choice.path), hardware, choice.engine, choice.window, choice.cache_type, settings)
        needed, wanted_for = needed + found.needed_bytes, f"the app and {choice.model_name}"
        # OpenVINO keeps what it has read until its cache is full, and vLLM takes all of it when it starts.
        if choice.engine != "llamacpp" and choice.device != "NPU":
            needed += max(0, choice.cache_gib * _GIB - found.kv_bytes)
    said = f"{free / _GIB:.1f} GiB free, {needed / _GIB:.1f} GiB wanted for {wanted_for}"
    if free >= needed:
        return Check("Memory", True, said)
    fix = "Close other programs, lower DOCMIND_WINDOW or DOCMIND_KV_CACHE_GIB, or choose a smaller model."
    return Check("Memory", False, said, fix)


def _port(port: int) -> Check:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there it would let us take a port that is in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError as error:
            if psutil.Process().pid in _listeners(port).values():
                return Check("Port", True, f"{port}, in use by this very app")
            fix = "Close the program that uses it (DocMind itself, perhaps), or set DOCMIND_PORT to another."
            return Check("Port", False, f"{port} cannot be had: {error.strerror}", fix)
    return Check("Port", True, f"{port} is free")


def _exposure(port: int) -> Check:
    # Where an app already listens its address is a fact; otherwise Streamlit's configuration foretells it.
    address = _configured_address()
    addresses = {*_listeners(port), address} if address else {*_listeners(port), "0.0.0.0"}  # noqa: S104 - a finding
    open_to_all = sorted(found for found in addresses if not _is_loopback(found))
    if open_to_all:
        found = f"the app listens on {', '.join(open_to_all)}: others on the network can reach your documents"
        fix = f'Set address = "{_LOOPBACK}" under [server] in .streamlit/config.toml and remove '
        return Check("Network", False, found, f"{fix}STREAMLIT_SERVER_ADDRESS from the environment.")
    return Check("Network", True, f"the app listens on {', '.join(sorted(addresses))} only: this machine alone")


def _listeners(port: int) -> dict[str, int | None]:
    """Address and process of everything that listens on the port, as far as the system lets us see."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:  # macOS shows this to administrators alone
        return {}
    return {
        connection.laddr.ip: connection.pid
        for connection in connections
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    }


def _configured_address() -> str | None:
    """What Streamlit will listen on; None where nothing is said, which means every address."""
    if address := process_environment().get("STREAMLIT_SERVER_ADDRESS"):
        return address
    try:
        config = tomllib.loads((app_folder() / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    except (DocMindError, OSError, ValueError):  # the files are missing or damaged
        return None
    return config.get("server", {}).get("address") or None


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a name
        return address == "localhost"
