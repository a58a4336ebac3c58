"""Every setting, its default and its meaning. The only reader of the environment and of the settings file.

Names carry the prefix ``DOCMIND_``: ``DOCMIND_DATA_DIR``, ``DOCMIND_ENGINE`` and so on. The settings file is
``docmind.env`` in the user's configuration folder, or the one that ``DOCMIND_ENV_FILE`` names. Nothing is read from the
current folder: somebody else may have made it.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from docmind.errors import SettingsError
from docmind.records import AnswerLength

EngineName = Literal["vllm", "openvino", "llamacpp", "ollama", "openai_compatible", "extractive"]
LocalEngine = Literal["vllm", "openvino", "llamacpp"]  # those that load a model in this process
CacheType = Literal["f16", "bf16", "fp8", "q8_0", "q4_0"]
EmbedderPrecision = Literal["f32", "bf16", "int8"]

_SHORT_ANSWER, _DETAILED_ANSWER = 160, 768  # tokens
_PREFIX = "DOCMIND_"
_FILE_VARIABLE = "DOCMIND_ENV_FILE"
# The names that an earlier DocMind gave to settings.
_EARLIER_NAMES = {
    "DOCMIND_CONTEXT_LENGTH": "window",
    "VLLM_GPU_MEMORY_UTILIZATION": "gpu_memory_share",
    "VLLM_KV_CACHE_DTYPE": "cache_type",
}
# What docker-compose.yml asks for may stand in the same file.
_OTHER_NAMES = (
    _FILE_VARIABLE, "DOCMIND_MODELS_FOLDER", "DOCMIND_TENSOR_PARALLEL", "DOCMIND_VLLM_FOLDER", "DOCMIND_VLLM_MODEL",
    "DOCMIND_VLLM_WINDOW",
)  # fmt: skip


class Settings(BaseSettings):
    """All settings, read once and never changed. Sizes are in bytes, times in seconds, lengths in tokens.

    Made by itself it heeds the environment; `load_settings` heeds the settings file too.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_file_encoding="utf-8-sig", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("docmind", appauthor=False),
        description="Where the library lives: documents, catalogue, vectors.",
    )
    models_dir: Path | None = Field(
        default=None, description="Where models live; default: 'docmind/models' in the user's data folder."
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
        description="Embedding model: a name from `docmind models list`, a path, 'hash' (no model), or 'auto'. The app "
        "takes a library that another one filled to it, in the background; 'auto' only offers a better one.",
    )
    embedder_engine: Literal["auto", "torch", "openvino", "learned_words"] = Field(
        default="auto",
        description="What computes it: 'torch', 'openvino', 'auto' (the faster one here, measured once), or "
        "'learned_words': torch, and the model weighs words too, in place of BM25 (bge-m3, with its sparse_linear.pt).",
    )
    embedder_precision: EmbedderPrecision | Literal["auto"] = Field(
        default="auto",
        description="Numbers that OpenVINO computes it with: 'f32', 'bf16', 'int8' (a little less exact), or 'auto'.",
    )
    qdrant_url: str | None = Field(
        default=None, description="Address of a Qdrant server that keeps the vectors; default: a folder of the library."
    )
    qdrant_key: SecretStr | None = Field(
        default=None, description="Key that the Qdrant server asks for, where it does."
    )
    embed_batch_size: int = Field(default=64, ge=1, le=1024, description="Passages embedded at a time.")

    first_word_seconds: float = Field(
        default=5.0, gt=0, le=600, description="Seconds that a model may read passages before its answer begins."
    )
    prompt_passages: int | None = Field(
        default=None,
        ge=1,
        le=50,
        description="Passages given to the language model at most; default: what it was measured to read in those "
        "seconds, up to 50 and half its window; 3 for models that quote, for servers and on an NPU.",
    )
    retrieve_chunks: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Passages searched for each question; default: 10, or more where the model is given more.",
    )
    answer_tokens: int | None = Field(
        default=None,
        ge=16,
        le=16384,
        description="Longest answer, in tokens; default: 256, or what the model was measured to write in 20 seconds, "
        "up to 2,048 and an eighth of its window. Up to 160 a model that writes is asked for one sentence, from 768 on "
        "for conditions, exceptions and figures.",
    )
    answer_style: Literal["auto", "write", "quote"] = Field(
        default="auto",
        description="'write' lets the model phrase the answer, 'quote' has it quote; 'auto' has small models quote.",
    )
    support_threshold: float = Field(
        default=0.6, ge=0.0, le=1.0, description="Score from which an answer sentence counts as supported."
    )
    checker: str = Field(
        default="auto",
        description="Model that checks answers a second time (NLI): a name in the models folder, a path, 'off', or "
        "'auto' (one that lies there).",
    )

    reranker: str = Field(
        default="auto",
        description="Model that puts the passages found in a better order (a cross-encoder): a name in the models "
        "folder, a path, 'none', or 'auto' (one that lies there).",
    )

    cache: bool = Field(
        default=True, description="Whether answers are kept, and given again where the same is asked again."
    )
    cache_entries: int = Field(default=2000, ge=1, le=100_000, description="Answers kept at most.")
    cache_days: float = Field(default=30.0, gt=0, le=3650, description="Days that an answer is kept at most.")

    max_file_mib: int = Field(default=500, ge=1, le=4096, description="Largest file accepted, in MiB.")
    parse_seconds: float = Field(
        default=300.0, gt=0, le=86400, description="Longest time reading one document may take."
    )
    parse_memory_mib: int = Field(default=4096, ge=512, description="Memory the reading process may address, in MiB.")

    fetch_writer: bool = Field(
        default=False,
        description="Whether the app fetches a better language model (1.1 GB) by itself where there is room for it.",
    )
    port: int = Field(default=8501, ge=1024, le=65535, description="Port of the app on this machine (127.0.0.1).")

    @field_validator("data_dir", "models_dir", "server_tokenizer")
    @classmethod
    def _expand(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path is not None else None

    @field_validator("device")
    @classmethod
    def _as_openvino_spells_it(cls, device: str) -> str:
        # 'cuda' is an earlier word: a CUDA device is vLLM's, and 'auto' looks for one first.
        return "auto" if device.strip().lower() in ("auto", "cuda") else device.strip().upper()

    @field_validator("cache_type", mode="before")
    @classmethod
    def _without_variant(cls, cache_type: object) -> object:
        # vLLM's 'fp8_e5m2' and 'fp8_e4m3' are earlier words.
        return "fp8" if isinstance(cache_type, str) and cache_type.startswith("fp8_") else cache_type

    @property
    def answer_room(self) -> int:
        """Tokens of an answer where its length is fixed before anybody knows how fast the model is."""
        return self.answer_tokens or 256

    @property
    def answer_length(self) -> AnswerLength:
        """How much a model that writes is asked for."""
        if self.answer_tokens is None or _SHORT_ANSWER < self.answer_tokens < _DETAILED_ANSWER:
            return "usual"
        return "short" if self.answer_tokens <= _SHORT_ANSWER else "detailed"

    @property
    def models_path(self) -> Path:
        """The folder that models are fetched into. Models are the user's: the library's folder has no say in it."""
        return self.models_dir or platformdirs.user_data_path("docmind", appauthor=False) / "models"

    @property
    def model_folders(self) -> tuple[Path, ...]:
        """Every folder that models are looked for in: `models_path`, and the library's own, where they once lay."""
        if self.models_dir:
            return (self.models_dir,)
        return tuple(dict.fromkeys((self.models_path, self.data_dir / "models")))


def load_settings() -> Settings:
    """Read the settings from the environment and the settings file; the environment wins.

    Raises:
        SettingsError: a value is not allowed, and the message names the variable and what it may be; or the settings
            file cannot be read.
    """
    named = given()
    earlier: dict[str, Any] = {
        field: named[name][0]
        for name, field in _EARLIER_NAMES.items()
        if name in named and variable(field) not in named
    }
    try:
        return Settings(_env_file=settings_file(), **earlier)
    except ValidationError as error:
        problems = "; ".join(
            f"{variable('_'.join(str(part) for part in problem['loc']))}: {problem['msg']}"
            for problem in error.errors()
        )
        raise SettingsError(
            f"Settings cannot be used: {problems}. Mend them in the environment or in {settings_file()}."
        ) from error


def settings_file() -> Path:
    """The one file that settings are read from, which need not exist.

    Raises:
        SettingsError: DOCMIND_ENV_FILE names a file that is not there, or in relation to the current folder.
    """
    named = os.environ.get(_FILE_VARIABLE)
    if not named:
        return platformdirs.user_config_path("docmind", appauthor=False) / "docmind.env"
    path = Path(named).expanduser()
    if not path.is_absolute() or not path.is_file():
        raise SettingsError(f"{_FILE_VARIABLE} must be the whole path of a settings file, and '{named}' is not.")
    return path


def settings_notices() -> tuple[str, ...]:
    """What people should know of names they have set: earlier names that still work, and names that do nothing.

    Raises:
        SettingsError: the settings file cannot be read.
    """
    known = [variable(field) for field in Settings.model_fields]
    notices = []
    for name, (value, where) in given().items():
        if field := _EARLIER_NAMES.get(name):
            notices.append(f"{name} (in {where}) is an earlier name: call it {variable(field)}.")
        elif name == "DOCMIND_DEVICE" and value.strip().lower() == "cuda":
            notices.append(
                f"DOCMIND_DEVICE=cuda (in {where}) is an earlier word: DOCMIND_DEVICE=auto uses a CUDA device where "
                "there is one, and DOCMIND_ENGINE=vllm insists on vLLM."
            )
        elif name.startswith(_PREFIX) and name not in (*known, *_OTHER_NAMES):
            (nearest,) = difflib.get_close_matches(name, known, n=1, cutoff=0)
            notices.append(f"{name} (in {where}) is no setting and does nothing. The nearest name is {nearest}.")
    return tuple(notices)


def given() -> dict[str, tuple[str, str]]:
    """Everything that is set, by name in capitals: its value, and where it is set. The environment wins.

    Raises:
        SettingsError: the settings file cannot be read.
    """
    file = settings_file()
    try:
        sources = {
            str(file): DotEnvSettingsSource(Settings, env_file=file).env_vars,
            "the environment": EnvSettingsSource(Settings).env_vars,
        }
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error}. Make it readable text.") from error
    return {
        name.upper(): (value, where)
        for where, variables in sources.items()
        for name, value in variables.items()
        if value is not None
    }


def variable(field: str) -> str:
    """What a setting is called in the environment and in the settings file."""
    return f"{_PREFIX}{field.upper()}"
