"""What this machine is: read from drivers and control groups as they really speak."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from docmind.models import CudaDevice, detect
from docmind.models.hardware import container_memory, parse_cuda_devices
from docmind.settings import Settings

MIB, GIB = 1 << 20, 1 << 30

# What `nvidia-smi --query-gpu=name,compute_cap,memory.total,memory.free --format=csv,noheader,nounits` prints.
ONE = "NVIDIA H200, 9.0, 143771, 143238\n"
TWO = "NVIDIA GeForce RTX 4090, 8.9, 24564, 23010\nTesla T4, 7.5, 15360, 14910\n"


def test_this_machine_is_found() -> None:
    found = detect(Settings())
    assert 1 <= found.cores <= (os.cpu_count() or 1)
    assert 0 < found.free_bytes <= found.memory_bytes <= psutil.virtual_memory().total
    assert [device.name for device in found.openvino][:1] == ["CPU"]
    said = found.describe()
    assert f"{found.cores} cores" in said
    assert "OpenVINO CPU" in said
    assert ("no CUDA device" in said) == (not found.cuda)


def test_what_the_driver_says_is_understood() -> None:
    assert parse_cuda_devices(ONE) == (CudaDevice("NVIDIA H200", (9, 0), 143_771 * MIB, 143_238 * MIB),)
    assert [card.compute_capability for card in parse_cuda_devices(TWO)] == [(8, 9), (7, 5)]


@pytest.mark.parametrize(
    "table",
    [
        "",
        "\n\n",
        "No devices were found\n",
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that it is running.\n",
        "NVIDIA GB10, 12.1, [N/A], [N/A]\n",
        "[Unknown Error], [Unknown Error], [Unknown Error], [Unknown Error]\n",
        "NVIDIA A100, [N/A], 81920, 81000\n",
        'Field "compute_cap" is not a valid field to query.\n',
        '"unfinished, 9.0, 1, 1\n',
    ],
)
def test_what_the_driver_cannot_say_is_no_device(table: str) -> None:
    assert parse_cuda_devices(table) == ()


def test_odd_rows_cost_no_other_row() -> None:
    cards = parse_cuda_devices("NVIDIA GB10, 12.1, [N/A], [N/A]\n" + ONE + "Quadro, special edition, 7.5, 8192, 8000\n")
    assert [card.name for card in cards] == ["NVIDIA H200", "Quadro, special edition"]
    assert cards[1].memory_bytes == 8192 * MIB


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called nvidia-smi that prints the file 'table' beside it: what the driver would say."""
    if sys.platform == "win32":
        pytest.skip("the program is a shell script")
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat '{tmp_path}/table'\n")
    program.chmod(0o755)
    (tmp_path / "table").write_text(TWO)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return program


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        (None, ["NVIDIA GeForce RTX 4090", "Tesla T4"]),
        ("0,1", ["NVIDIA GeForce RTX 4090", "Tesla T4"]),
        ("1", ["Tesla T4"]),
        (" 1 , 0 ", ["Tesla T4", "NVIDIA GeForce RTX 4090"]),
        ("", []),
        ("-1", []),
        ("7", []),
        ("1,-1,0", ["Tesla T4"]),
        ("GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", ["NVIDIA GeForce RTX 4090", "Tesla T4"]),
    ],
)
@pytest.mark.usefixtures("driver")
def test_cuda_visible_devices_is_respected(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, names: list[str]
) -> None:
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    assert [card.name for card in detect(Settings()).cuda] == names


def test_a_driver_that_fails_is_no_device(driver: Path) -> None:
    driver.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n")
    assert detect(Settings()).cuda == ()
    driver.write_text("this is no program")
    assert detect(Settings()).cuda == ()


def control_group(folder: Path, limit: str, used: int, stat: str) -> Path:
    """The files of a control group, version 2."""
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(stat)
    return folder


def test_a_container_is_as_large_as_its_limit(tmp_path: Path) -> None:
    folder = control_group(tmp_path, str(8 * GIB), 3 * GIB, "anon 100\nfile 200\n")
    assert container_memory(folder) == (8 * GIB, 5 * GIB)


def test_files_that_were_read_do_not_fill_a_container(tmp_path: Path) -> None:
    """A model of 6 GiB that was copied into it fills the count, and is dropped when memory is wanted."""
    stat = f"anon {GIB}\nfile {6 * GIB}\ninactive_file {4 * GIB}\nactive_file {2 * GIB}\n"
    assert container_memory(control_group(tmp_path, str(8 * GIB), 7 * GIB, stat)) == (8 * GIB, 7 * GIB)


def test_a_container_over_its_limit_has_nothing_left_and_one_without_a_limit_is_none(tmp_path: Path) -> None:
    assert container_memory(control_group(tmp_path, str(GIB), 2 * GIB, "")) == (GIB, 0)
    assert container_memory(control_group(tmp_path, "max", GIB, "")) is None
    assert container_memory(tmp_path / "absent") is None
    assert container_memory(control_group(tmp_path, str(GIB), 0, "odd lines\n")) is None
