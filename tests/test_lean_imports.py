"""Large libraries: threads that are the first to want one get it whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

AT_ONCE = """
import sys, threading
from importlib import import_module
from pathlib import Path
from docmind.embeddings.hugging_face import load_hugging_face
from docmind.errors import ModelError
import torch  # so that all of them come to transformers at the same time
sys.setswitchinterval(1e-5)
together = threading.Barrier(3)

def embed():
    try:
        load_hugging_face(Path(sys.argv[1]), 1)
    except ModelError:
        pass  # there is no model in the folder; the library is there by then

def run(opening, *given):
    together.wait()
    try:
        opening(*given)
    except ImportError as error:
        print(error)

openings = [
    (import_module, "docmind.engines.local_tokenizer"),
    (import_module, "docmind.checking.sequence_classifier"),
    (embed,),
]
threads = [threading.Thread(target=run, args=opening) for opening in openings]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_want_transformers_at_once_all_get_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", AT_ONCE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
