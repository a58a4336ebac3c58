"""What Ollama says about itself and its models, where its Python client does not ask: the vocabulary among them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from docmind.engines.servers import BRISK, headers_with, transport_to, trouble
from docmind.errors import ModelError, ModelNotFoundError, ServerError, SettingsError
from docmind.models.model import Mode
from docmind.network import Address
from docmind.settings import Settings

_CLOUD = re.compile(r"[:-]cloud$")  # how Ollama names models that run elsewhere


@dataclass(frozen=True, slots=True)
class AboutModel:
    """A model that Ollama has.

    Attributes:
        name: As Ollama spells it, tag included.
        window: The longest text it was made for, in tokens.
        weight_bytes: Bytes on disk.
        modes: What it can do.
        metadata: Of its GGUF file, vocabulary included, chat template excluded.
        remote: Whether Ollama sends what it is asked on to another machine, as it does for its cloud models.
    """

    name: str
    window: int
    weight_bytes: int
    modes: frozenset[Mode]
    metadata: Mapping[str, Any]
    remote: bool


async def about_model(address: Address, settings: Settings, name: str) -> AboutModel:
    """What is to be known of a model.

    Args:
        address: Where Ollama is.
        settings: Hold the key, where one is needed.
        name: As the user wrote it; 'auto' is the only one there is.

    Raises:
        ServerError: nobody answers.
        ModelNotFoundError: Ollama does not have it.
        SettingsError: 'auto', and there are several; or a cloud model, and that is not allowed.
    """
    async with httpx.AsyncClient(
        base_url=address.url,
        transport=transport_to(address),
        headers=headers_with(settings, address),
        timeout=BRISK,
        trust_env=False,
    ) as client:
        try:
            tags = await client.get("/api/tags")
            entry = _chosen(_json(tags).get("models") or [], name)
            shown = _json(await client.post("/api/show", json={"model": entry["name"], "verbose": True}))
        except httpx.HTTPError as error:
            raise absent(error) from error
    remote = bool(entry.get("remote_host") or shown.get("remote_host") or _CLOUD.search(entry["name"]))
    if remote and not settings.allow_remote_server:
        raise SettingsError(
            f"{entry['name']} is one of Ollama's cloud models: your questions and passages of your documents would "
            "leave this machine. Set DOCMIND_ALLOW_REMOTE_SERVER=true to allow that, or choose a model that is here."
        )
    metadata = shown.get("model_info") or {}
    window = next((value for key, value in metadata.items() if key.endswith(".context_length")), None)
    if not isinstance(window, int):
        raise ModelError(
            f"Ollama does not say how many tokens {entry['name']} reads. Fetch it again: `ollama pull {entry['name']}`."
        )
    return AboutModel(
        name=entry["name"],
        window=window,
        weight_bytes=int(entry.get("size") or 0),
        modes=_modes(entry["name"], shown.get("capabilities") or []),
        metadata=metadata,
        remote=remote,
    )


def absent(error: Exception) -> ServerError:
    """Nobody answers, in words."""
    return ServerError(
        f"Ollama does not answer: {trouble(error)}. Start it with `ollama serve`, or set DOCMIND_SERVER_URL."
    )


def _json(response: httpx.Response) -> dict[str, Any]:
    if response.status_code != httpx.codes.OK:
        raise ServerError(
            f"What answers at {response.url.host}:{response.url.port} is not Ollama, or refuses (status "
            f"{response.status_code}). Check DOCMIND_SERVER_URL and DOCMIND_SERVER_KEY."
        )
    try:
        found = response.json()
    except ValueError:  # a page, perhaps
        found = None
    if not isinstance(found, dict):
        raise ServerError("What answers at DOCMIND_SERVER_URL is not Ollama. Check the address.")
    return found


def _chosen(models: list[dict[str, Any]], name: str) -> dict[str, Any]:
    names = sorted(str(model["name"]) for model in models)
    if name == "auto" and len(models) == 1:
        return models[0]
    if name == "auto" and models:
        raise SettingsError(f"Ollama has several models. Set DOCMIND_MODEL to one of them: {', '.join(names)}.")
    if name == "auto":
        raise ModelNotFoundError("Ollama has no model yet. Run `ollama pull qwen3:4b-instruct`, for one.")
    # Ollama itself takes a name without a tag for the one tagged 'latest'.
    wanted = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    for model in models:
        if str(model["name"]).casefold() == wanted.casefold():
            return model
    has = f" It has {', '.join(names)}." if names else ""
    raise ModelNotFoundError(f"Ollama does not have the model {name}. Run `ollama pull {name}`.{has}")


def _modes(name: str, capabilities: list[str]) -> frozenset[Mode]:
    modes: set[Mode] = set()
    if "tools" in capabilities:
        modes.add("tools")
    if "thinking" in capabilities:
        modes.add("thinking")
    # Models such as qwen3:4b-thinking-2507 think whether asked to or not, and only their name tells.
    if not ("thinking" in capabilities and "thinking" in name.casefold()):
        modes.add("plain")
    return frozenset(modes)
