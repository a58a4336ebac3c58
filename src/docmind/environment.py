"""What libraries and other processes are told through the environment, and the one address that they share with us."""

from __future__ import annotations

import os

# What libraries can only be told before they load.
_LIBRARY_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",  # they open folders; a model is fetched only by `docmind.models.pull`
    "TOKENIZERS_PARALLELISM": "false",  # it would warn at every process we start
    # torch's threads wait for each other in a busy loop otherwise, and embedding takes many times as long as soon as
    # the language model, or anything else, wants the same cores.
    "OMP_WAIT_POLICY": "PASSIVE",
    # vLLM would tell its makers what machine and model this is; either name stops it, and others obey the second too.
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_HOST_IP": "127.0.0.1",  # it would find out and listen on the address that other machines see
    "VLLM_LOGGING_LEVEL": "ERROR",  # a hundred lines a start otherwise
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",  # forking a process with threads and CUDA in it may never come back
    "VLLM_WORKER_SHUTDOWN_TIMEOUT_SECONDS": "1",  # it waits five for a process that holds nothing worth waiting for
}


# What a program needs to find its files, its language and a place for temporary ones.
_NEEDED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH")


def bare_environment(**extra: str) -> dict[str, str]:
    """The environment for a child process that handles what nobody trusts: no setting, no address and no key in it."""
    return {name: os.environ[name] for name in _NEEDED if name in os.environ} | extra


def model_hub() -> str:
    """The address of the model hub, by the variable that the hub's own tools know too."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def hub_name() -> str:
    """The hub in words: its address without what an address may hold beside it, such as a password."""
    scheme, _, rest = model_hub().rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest


def prepare_process() -> None:
    """Tell this process's libraries what they must know before they load; what the user has set stays."""
    for name, value in _LIBRARY_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def import_nothing_from_here() -> None:
    """Have no Python process that starts from this one, even deep inside a library, import from the current folder."""
    os.environ["PYTHONSAFEPATH"] = "1"


def process_environment(**extra: str) -> dict[str, str]:
    """The environment for a child process: ours, with what its libraries must know before they load."""
    return {**_LIBRARY_ENVIRONMENT, **os.environ, **extra}
