"""What this machine computes with: cores, memory, CUDA devices, devices that OpenVINO drives."""

from __future__ import annotations

import csv
import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from docmind.environment import process_environment
from docmind.settings import Settings

_MIB = 1 << 20
_QUERY = "name,compute_cap,memory.total,memory.free"
_DRIVER_SECONDS = 5  # a driver that takes longer to answer is broken
_CONTAINER = Path("/sys/fs/cgroup")  # version 2; a container sees its own group here


@dataclass(frozen=True, slots=True)
class CudaDevice:
    """A graphics card that CUDA drives.

    Attributes:
        name: As its maker calls it: 'NVIDIA H200'.
        compute_capability: Major and minor number, such as (9, 0).
        memory_bytes: All its memory.
        free_bytes: What no process holds now.
    """

    name: str
    compute_capability: tuple[int, int]
    memory_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class OpenVINODevice:
    """A device that OpenVINO drives.

    Attributes:
        name: As OpenVINO addresses it: 'CPU', 'GPU', 'GPU.1', 'NPU'.
        full_name: As its maker calls it.
        memory_bytes: Memory that it can use; None where it does not say, or is the computer's.
    """

    name: str
    full_name: str
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Hardware:
    """A machine.

    Attributes:
        cores: Cores that this process may use.
        memory_bytes: Memory of the machine, or of the container around this process.
        free_bytes: What of it programs can still take.
        cuda: Its CUDA devices; the first one is used.
        openvino: The devices that OpenVINO drives, 'CPU' among them.
    """

    cores: int
    memory_bytes: int
    free_bytes: int
    cuda: tuple[CudaDevice, ...] = ()
    openvino: tuple[OpenVINODevice, ...] = ()

    def describe(self) -> str:
        """One line for people."""
        parts = [f"{self.cores} cores", f"{self.free_bytes / 2**30:.1f} of {self.memory_bytes / 2**30:.1f} GiB free"]
        for card in self.cuda:
            major, minor = card.compute_capability
            sizes = f"{card.free_bytes / 2**30:.1f} of {card.memory_bytes / 2**30:.1f} GiB free"
            parts.append(f"CUDA: {card.name} ({sizes}, compute capability {major}.{minor})")
        if not self.cuda:
            parts.append("no CUDA device")
        parts += [f"OpenVINO {device.name}: {device.full_name}" for device in self.openvino]
        return "; ".join(parts)


def detect(settings: Settings) -> Hardware:  # noqa: ARG001 - which machine to look at may become a choice
    """Look at the machine; loads no model library but OpenVINO's core, and takes less than half a second."""
    memory = psutil.virtual_memory()
    total, free = int(memory.total), int(memory.available)
    if container := container_memory(_CONTAINER):
        total, free = min(total, container[0]), min(free, container[1])
    return Hardware(_cores(), total, free, cuda_devices(), _openvino_devices())


def container_memory(folder: Path) -> tuple[int, int] | None:
    """The limit of a control group (version 2) and what is left of it, in bytes; None where there is no limit.

    Source of the sum: the kernel's cgroup-v2.rst. 'memory.current' counts files that were read and can be dropped at
    once, among them the weights of every model that was ever copied here, so those count as free.
    """
    try:
        limit = int((folder / "memory.max").read_text(encoding="ascii"))
        used = int((folder / "memory.current").read_text(encoding="ascii"))
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
        kept = {name: int(size) for name, _, size in (line.partition(" ") for line in lines)}
    except (OSError, ValueError):  # no container, or 'max' for no limit
        return None
    droppable = kept.get("inactive_file", 0) + kept.get("active_file", 0)
    return limit, min(limit, max(0, limit - used + droppable))


def _cores() -> int:
    try:
        return len(psutil.Process().cpu_affinity())
    except AttributeError:  # macOS ties no process to cores
        return os.cpu_count() or 1


def cuda_devices() -> tuple[CudaDevice, ...]:
    """The CUDA devices that programs see, as they are now; none where there is no driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        asked = subprocess.run(
            [program, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=_DRIVER_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):  # the program without its driver
        return ()
    return _visible(parse_cuda_devices(asked.stdout), process_environment().get("CUDA_VISIBLE_DEVICES"))


def parse_cuda_devices(table: str) -> tuple[CudaDevice, ...]:
    """The devices in the CSV that nvidia-smi prints for name, compute_cap, memory.total and memory.free in MiB."""
    devices = []
    for row in csv.reader(table.splitlines(), skipinitialspace=True):
        try:
            *name, capability, total, free = row  # nvidia-smi does not quote a name with a comma
            major, _, minor = capability.partition(".")
            version = (int(major), int(minor or 0))
            devices.append(CudaDevice(", ".join(name), version, int(total) * _MIB, int(free) * _MIB))
        except ValueError:  # a card that the driver cannot question says '[N/A]'
            continue
    return tuple(devices)


def _visible(devices: tuple[CudaDevice, ...], chosen: str | None) -> tuple[CudaDevice, ...]:
    """The devices that CUDA shows to programs; names that are no numbers are left to CUDA."""
    if chosen is None:
        return devices
    numbers = [part.strip() for part in chosen.split(",") if part.strip()]
    if not all(number.lstrip("-").isdigit() for number in numbers):
        return devices
    # CUDA stops at the first number that is no device's.
    seen = itertools.takewhile(lambda number: 0 <= int(number) < len(devices), numbers)
    return tuple(devices[int(number)] for number in seen)


def _openvino_devices() -> tuple[OpenVINODevice, ...]:
    try:
        # Imported here because it costs a third of a second that nothing else in this file needs.
        from openvino import (  # type: ignore[import-untyped]  # noqa: PLC0415 - late on purpose; ships no types
            Core,
        )

        core = Core()
        names = list(core.available_devices)
    except (ImportError, RuntimeError):  # a broken installation shows as either
        return ()
    return tuple(
        OpenVINODevice(name, str(_property(core, name, "FULL_DEVICE_NAME") or name), _device_memory(core, name))
        for name in names
    )


def _device_memory(core: object, name: str) -> int | None:
    # A graphics unit inside the processor reports the computer's memory as its own. Not verified on one here.
    if not name.startswith("GPU") or "INTEGRATED" in str(_property(core, name, "DEVICE_TYPE")):
        return None
    value = _property(core, name, "GPU_DEVICE_TOTAL_MEM_SIZE")
    return int(value) if isinstance(value, int) else None


def _property(core: object, device: str, name: str) -> object:
    try:
        return core.get_property(device, name)  # type: ignore[attr-defined]  # openvino ships no types
    except RuntimeError:  # this device does not tell
        return None
