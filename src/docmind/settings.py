"""Every setting, its default and its meaning. The only reader of the environment and of .env.

Names in the environment carry the prefix ``DOCMIND_``: ``DOCMIND_DATA_DIR``, ``DOCMIND_ENGINE`` and so on.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from docmind.errors import SettingsError

EngineName = Literal["vllm", "openvino", "llamacpp", "ollama", "openai_compatible", "extractive"]
CacheType = Literal["f16", "bf16", "fp8", "q8_0", "q4_0"]


class Settings(BaseSettings):
    """All settings, read once and never changed. Sizes are in bytes, times in seconds, lengths in tokens."""

    model_config = SettingsConfigDict(
        env_prefix="DOCMIND_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("docmind", appauthor=False),
        description="Where the library lives: documents, catalogue, vectors, models.",
    )
    models_dir: Path | None = Field(
        default=None, description="Where models live; default: the folder 'models' inside DOCMIND_DATA_DIR."
    )

    engine: EngineName | Literal["auto"] = Field(
        default="auto",
        description="What writes answers: 'auto' (the best that is here), 'vllm', 'openvino', 'llamacpp', 'ollama', "
        "'openai_compatible' (a server), or 'extractive' (quotes sentences, no model).",
    )
    model: str = Field(
        default="auto",
        description="Language model: a name from `docmind models`, a path, the server's name for it, or 'auto'.",
    )
    window: int | None = Field(
        default=None, ge=1024, description="Context window in tokens; default: the model's own, or what fits."
    )
    cache_type: CacheType | Literal["auto"] = Field(
        default="auto", description="Numbers in the KV cache: 'f16', 'bf16', 'fp8', 'q8_0', 'q4_0', or 'auto'."
    )
    kv_cache_gib: int | None = Field(
        default=None,
        ge=1,
        le=512,
        description="Memory for the KV and prefix cache of OpenVINO and vLLM on a CPU, in GiB; default: what the "
        "window needs, up to a quarter of what is free.",
    )
    gpu_memory_share: float = Field(
        default=0.85, gt=0.0, le=0.98, description="Share of the CUDA device's memory that vLLM may take."
    )
    device: str = Field(default="auto", description="Device that OpenVINO drives: 'auto', CPU, GPU, GPU.1 or NPU.")
    npu_profile: Literal["conservative", "balanced", "aggressive"] = Field(
        default="balanced", description="Longest prompt on an NPU: 1,024, 2,048 or 4,096 tokens."
    )
    server_url: str | None = Field(
        default=None,
        description="Address of the server of 'ollama' and 'openai_compatible'; default: where each listens by itself.",
    )
    server_key: SecretStr | None = Field(default=None, description="Key that the server asks for, where it does.")
    allow_remote_server: bool = Field(
        default=False, description="Whether the server may be another machine. Your text then leaves this one."
    )
    server_tokenizer: Path | None = Field(
        default=None,
        description="Tokenizer of a server's model, where the server cannot count: a folder or .gguf file.",
    )
    keep_alive: str = Field(default="10m", description="How long Ollama keeps the model loaded: '10m', '1h', '-1'.")
    thinking: Literal["auto", "always", "never"] = Field(
        default="auto", description="Whether a model that can think before it answers does; 'auto' by the question."
    )
    thinking_tokens: int = Field(default=4096, ge=256, le=81920, description="Longest thoughts, in tokens.")
    sampling: Literal["precise", "model"] = Field(
        default="precise",
        description="'precise' always takes the likeliest word; 'model' samples as its makers advise.",
    )

    embedder: str = Field(
        default="auto",
        description="Embedding model: a name from `docmind models list`, a path, 'hash' (no model), or 'auto'.",
    )
    qdrant_url: str | None = Field(
        default=None, description="Address of a Qdrant server that keeps the vectors; default: a folder of the library."
    )
    qdrant_key: SecretStr | None = Field(
        default=None, description="Key that the Qdrant server asks for, where it does."
    )
    embed_batch_size: int = Field(default=64, ge=1, le=1024, description="Chunks embedded at a time.")

    retrieve_chunks: int = Field(default=10, ge=1, le=100, description="Passages searched for each question.")
    prompt_passages: int = Field(default=3, ge=1, le=50, description="Passages given to the language model at most.")
    answer_tokens: int = Field(default=256, ge=16, le=16384, description="Longest answer, in tokens.")
    answer_style: Literal["auto", "write", "quote"] = Field(
        default="auto",
        description="'write' lets the model phrase the answer, 'quote' has it quote; 'auto' has small models quote.",
    )
    support_threshold: float = Field(
        default=0.6, ge=0.0, le=1.0, description="Score from which an answer sentence counts as supported."
    )

    max_file_mib: int = Field(default=500, ge=1, le=4096, description="Largest file accepted, in MiB.")
    parse_seconds: float = Field(
        default=300.0, gt=0, le=86400, description="Longest time reading one document may take."
    )
    parse_memory_mib: int = Field(default=4096, ge=512, description="Memory the reading process may address, in MiB.")

    port: int = Field(default=8501, ge=1024, le=65535, description="Port of the app on this machine (127.0.0.1).")

    @field_validator("data_dir", "models_dir", "server_tokenizer")
    @classmethod
    def _expand(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path is not None else None

    @field_validator("device")
    @classmethod
    def _as_openvino_spells_it(cls, device: str) -> str:
        return "auto" if device.strip().lower() == "auto" else device.strip().upper()

    @property
    def models_path(self) -> Path:
        """The folder that holds models."""
        return self.models_dir or self.data_dir / "models"


def load_settings() -> Settings:
    """Read the settings from the environment and .env.

    Raises:
        SettingsError: a value is not allowed; the message names the variable and what it may be.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"DOCMIND_{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors()
        )
        raise SettingsError(f"Settings cannot be used: {problems}. Mend them in the environment or .env.") from error


# What libraries can only be told through the environment, before they load.
_LIBRARY_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",  # models come from folders; no hub is ever asked
    "TOKENIZERS_PARALLELISM": "false",  # it would warn at every process we start
    # torch's threads wait for each other in a busy loop otherwise, and embedding takes many times as long as soon as
    # the language model, or anything else, wants the same cores.
    "OMP_WAIT_POLICY": "PASSIVE",
    # vLLM would tell its makers what machine and model this is; either name stops it, and others obey the second too.
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_HOST_IP": "127.0.0.1",  # it would find out and listen on the address that other machines see
    "VLLM_LOGGING_LEVEL": "ERROR",  # a hundred lines a start otherwise
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",  # forking a process with threads and CUDA in it may never come back
    "VLLM_WORKER_SHUTDOWN_TIMEOUT_SECONDS": "1",  # it waits five for a process that holds nothing worth waiting for
}


def prepare_process() -> None:
    """Tell this process's libraries what they must know before they load; what the user has set stays."""
    for name, value in _LIBRARY_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def process_environment(**extra: str) -> dict[str, str]:
    """The environment for a child process: ours, with what its libraries must know before they load."""
    return {**_LIBRARY_ENVIRONMENT, **os.environ, **extra}
