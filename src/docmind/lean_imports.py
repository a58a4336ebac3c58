"""Importing large libraries: whole before any thread takes a part, and without optional ones that nobody here uses."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType

_TRANSFORMERS = threading.RLock()


def import_llama_index() -> None:
    """Import LlamaIndex, or wait until another thread has done so.

    Whoever may be the first of several threads calls this before it imports a part: Python would hand a part that is
    half imported to another thread that asks for it.
    """
    importlib.import_module("llama_index.core")


@contextmanager
def one_imports_transformers() -> Iterator[None]:
    """Inside the block, this thread imports transformers, or a library that brings it; others wait until it has.

    Its names come into being as they are asked for, and two threads that ask at once meet one that is half made:
    'cannot import name AutoTokenizer'. Whatever imports it does so in here.
    """
    with _TRANSFORMERS:
        yield


@contextmanager
def without(*optional: str) -> Iterator[None]:
    """Inside the block, imports of these libraries fail as if they were not installed, in this thread alone.

    What is loaded already stays. Only for libraries that the imported one declares to do without.
    """
    finder = _Absent(optional, threading.get_ident())
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Absent(MetaPathFinder):
    def __init__(self, names: Sequence[str], thread: int) -> None:
        self._names, self._thread = names, thread

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:  # noqa: ARG002 - the protocol's signature
        if fullname.partition(".")[0] in self._names and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{fullname} is left out on purpose", name=fullname)
