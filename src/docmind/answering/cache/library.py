"""GPTCache itself: the one place that imports it, in a way that neither runs nor leaves anything it should not.

Imported plainly it would unpickle `data_map.txt` of the current folder, which anybody may have put there, and give the
root logger a handler. It would also run pip for a package that it misses, so whatever it needs is among our own
dependencies.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import NoReturn

_READS_ON_IMPORT = "gptcache.manager.data_manager"


@contextmanager
def _as_from_an_empty_folder() -> Iterator[None]:
    """Inside the block, the part of GPTCache that looks into the current folder finds it empty.

    Really changing the folder would change it for every thread of the app and for each process that it starts.
    """
    finder, quiet, root = _Finder(), logging.NullHandler(), logging.getLogger()
    sys.meta_path.insert(0, finder)
    root.addHandler(quiet)  # `logging.basicConfig` does nothing where there is a handler already
    try:
        yield
    finally:
        root.removeHandler(quiet)
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _READS_ON_IMPORT:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Blindfolded(spec.loader)
        return spec


class _Blindfolded(Loader):
    """Executes a module whose `open` finds no file."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["open"] = _finds_nothing
        _blindfolded.append(module)  # until the package is whole: the file is looked for while a later part is executed
        self._loader.exec_module(module)


def _finds_nothing(file: object, *_: object, **__: object) -> NoReturn:
    raise FileNotFoundError(file)


_blindfolded: list[ModuleType] = []

with _as_from_an_empty_folder():
    from gptcache import Cache, Config
    from gptcache.adapter.api import get, put
    from gptcache.manager.data_manager import SSDataManager
    from gptcache.manager.eviction.base import EvictionBase
    from gptcache.manager.scalar_data.base import CacheData, Question, QuestionDep
    from gptcache.manager.scalar_data.sql_storage import SQLStorage
    from gptcache.manager.vector_data.base import VectorBase, VectorData
    from gptcache.processor.post import first
    from gptcache.similarity_evaluation import SimilarityEvaluation
for _module in _blindfolded:
    _module.__dict__.pop("open", None)

__all__ = [
    "Cache",
    "CacheData",
    "Config",
    "EvictionBase",
    "Question",
    "QuestionDep",
    "SQLStorage",
    "SSDataManager",
    "SimilarityEvaluation",
    "VectorBase",
    "VectorData",
    "first",
    "get",
    "put",
]
