"""A real server that speaks OpenAI's protocol: llama.cpp's own, on loopback, in a process of its own.

`python tests/engines/serving.py --port 0` prints its address and serves until its standard input ends.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTER = Path(__file__).resolve().parents[2] / ".cache/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"


@contextmanager
def llama_server(model_path: Path = STARTER, *, window: int = 8192, key: str = "") -> Iterator[str]:
    """A server with a model, gone when the context is left.

    Args:
        model_path: A .gguf file.
        window: Tokens that all requests share.
        key: What requests must carry as `Authorization: Bearer`; '' asks for none.

    Yields:
        Its address without a path, such as 'http://127.0.0.1:41955'. It answers at /v1/completions,
        /v1/chat/completions, /v1/models, /tokenize, /apply-template, /props and /health.
    """
    command = [sys.executable, __file__, "--model", str(model_path), "--window", str(window), "--key", key]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"llama.cpp's server did not start (exit {process.wait(10)}); its words are above.")
        yield address
    finally:
        process.kill()  # it holds nothing that could be lost
        process.wait()
        process.stdin.close()
        process.stdout.close()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes one that is free")
    parser.add_argument("--model", type=Path, default=STARTER)
    parser.add_argument("--window", type=int, default=8192)
    parser.add_argument("--key", default="")
    arguments = parser.parse_args()

    import xllamacpp  # after the arguments, so that --help answers at once

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(arguments.model)
    parameters.model_alias = {arguments.model.stem}
    parameters.n_ctx = arguments.window
    parameters.n_parallel = 4
    parameters.kv_unified = True
    parameters.n_batch = parameters.n_ubatch = 128  # it notices that a client is gone between two batches
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = arguments.port
    parameters.api_keys = [arguments.key] if arguments.key else []
    parameters.ui = False
    parameters.offline = True
    parameters.verbosity = 1  # errors alone
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    # Freeing the model takes time that nobody waits for.
    os._exit(0)


if __name__ == "__main__":
    main()
