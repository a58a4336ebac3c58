"""Runs `docmind` as a process or, which takes no seconds, in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from docmind.cli.main import main


@dataclass(frozen=True)
class Done:
    """A finished command."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)


class Shell:
    """Runs `docmind` as a process, in a folder of its own and without the settings of whoever runs the tests."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCMIND_")}
        self.environment = {**kept, **settings}

    def __call__(self, *arguments: str | Path, status: int = 0) -> Done:
        command = [str(Path(sys.executable).with_name("docmind")), *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == status, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)


class Call(Shell):
    """Runs what that process would run: the same function, with its arguments, environment and folder."""

    def __init__(self, shell: Shell, captured: pytest.CaptureFixture[str]) -> None:
        self.folder, self.environment = shell.folder, shell.environment
        self.captured = captured

    def __call__(self, *arguments: str | Path, status: int = 0) -> Done:
        with pytest.MonkeyPatch.context() as patch:
            for name in os.environ.keys() - self.environment.keys():
                patch.delenv(name)
            # The command itself sets the last one for its children; named here, it is taken back.
            for name, value in {**self.environment, "PYTHONSAFEPATH": ""}.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["docmind", *map(str, arguments)])
            self.captured.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        out, err = self.captured.readouterr()
        assert int(ended.value.code or 0) == status, err
        return Done(status, out, err)
