"""One child process, and the pipes and the thread that carry its answers."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from docmind.environment import bare_environment
from docmind.errors import ParserCrashedError

_RECYCLE_AFTER = 50  # documents; parsers leak, and a fresh child costs a few tenths of a second


class TimedOutError(Exception):
    """No answer in time."""


class AnswerTooLongError(Exception):
    """The answer passed the limit."""


class DiedError(Exception):
    """The child ended without an answer; `args[0]` is its exit status."""


class Child:
    """One process that answers one request at a time: whoever asks holds its `lock`."""

    def __init__(self, memory_mib: int, max_answer_bytes: int) -> None:
        self.lock = threading.Lock()
        self._memory_mib = memory_mib
        self._max_answer_bytes = max_answer_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes | Exception] = queue.Queue()
        self._served = 0

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            TimedOutError, AnswerTooLongError, DiedError: the child is gone; the next call starts another.
        """
        if self._process is None or self._process.poll() is not None or self._served >= _RECYCLE_AFTER:
            self._start()
        self._served += 1
        try:
            if not self._send(request):  # it died between two documents, and `poll` did not know yet
                self._start()
                self._send(request)
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            self.stop()
            raise TimedOutError from None
        if isinstance(answer, Exception):
            self.stop()
            raise answer
        try:
            decoded = json.loads(answer)
        except (ValueError, RecursionError):
            decoded = None
        if not isinstance(decoded, dict):
            self.stop()
            raise DiedError(0)
        if decoded.get("retire"):
            self.stop()
        return decoded

    def stop(self) -> None:
        """Kill the process, if there is one. It holds nothing worth a farewell."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _send(self, request: dict[str, Any]) -> bool:
        """Hand over a request; returns whether somebody is there to take it."""
        process = self._process
        if process is None or process.stdin is None:  # stopped by another thread
            return False
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            return False
        return True

    def _start(self) -> None:
        self.stop()
        self._served = 0
        self._answers = queue.Queue()
        started: queue.Queue[subprocess.Popen[bytes] | OSError] = queue.Queue()
        # The thread that forks must outlive the child: Linux delivers the parent-death signal when the
        # *thread* ends, and the threads of a web app end with each click. So the pump itself forks.
        threading.Thread(
            target=_pump,
            args=(started, self._answers, self._memory_mib, self._max_answer_bytes),
            name="docmind-reader",
            daemon=True,
        ).start()
        process = started.get()
        if isinstance(process, OSError):
            raise ParserCrashedError(
                f"The reading process cannot be started: {process}. Close other programs and try again."
            ) from process
        self._process = process


def _pump(
    started: queue.Queue[subprocess.Popen[bytes] | OSError],
    answers: queue.Queue[bytes | Exception],
    memory_mib: int,
    max_answer_bytes: int,
) -> None:
    """Start a child and carry its answers, one a line, until it ends."""
    package_root = str(Path(__file__).parents[3])
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "docmind.parsing.sandbox.child", str(memory_mib)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=bare_environment(PYTHONPATH=package_root, PYTHONUTF8="1", MALLOC_ARENA_MAX="2"),
        )
    except OSError as error:
        started.put(error)
        return
    started.put(process)
    stream = process.stdout
    assert stream is not None  # noqa: S101 - for the type checker
    with stream:
        while line := stream.readline(max_answer_bytes + 1):
            if line.endswith(b"\n"):
                answers.put(line)
            elif len(line) > max_answer_bytes:
                answers.put(AnswerTooLongError())
                process.kill()
                break
    answers.put(DiedError(process.wait()))
