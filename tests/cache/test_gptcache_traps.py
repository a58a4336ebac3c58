"""GPTCache's traps, each found by running it: what it would do by itself, it does not do here."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

IMPORT = "import docmind.answering.cache.kept"


class _Hostile:
    def __init__(self, caught: Path) -> None:
        self._caught = caught

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self._caught,)


def run(code: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_file_that_somebody_planted_in_the_current_folder_is_not_unpickled(tmp_path: Path) -> None:
    caught = tmp_path / "caught"
    (tmp_path / "data_map.txt").write_bytes(pickle.dumps(_Hostile(caught)))
    run(IMPORT, tmp_path)
    assert not caught.exists()
    run("import gptcache", tmp_path)  # what it guards against is still there
    assert caught.exists()


def test_the_root_logger_gets_no_handler_and_the_folder_no_file(tmp_path: Path) -> None:
    assert run(f"{IMPORT}; import logging; print(logging.getLogger().handlers)", tmp_path) == "[]"
    assert not list(tmp_path.iterdir())


def test_no_process_is_started(tmp_path: Path) -> None:
    code = f"""
import sys
started = []
STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn")
sys.addaudithook(lambda name, _: started.append(name) if name in STARTS else None)
{IMPORT}
from pathlib import Path
from docmind.answering.cache import AnswerCache, Embedding, Scope
embedding = Embedding("hash", 2, lambda text: [1.0, float(len(text))], lambda texts: [1 for _ in texts])
cache, scope = AnswerCache(Path("cache"), lambda: embedding, 10, 1.0), Scope("*", "a", "b")
cache.put("What is it?", scope, "It.", lambda: True)
assert cache.get("What is it?", scope) == "It."
cache.drop_where(lambda documents, state: True)
assert cache.get("What is it?", scope) is None
cache.close()
print(started)
"""
    assert run(code, tmp_path) == "[]"
