"""Makes what engines need out of the starter model: a GGUF file as a folder of .safetensors, which vLLM loads."""

from __future__ import annotations

import shutil
from pathlib import Path

from filelock import FileLock

from docmind.engines.local_tokenizer import tokenizer_at
from docmind.environment import prepare_process
from docmind.errors import ModelError


def starter_for_vllm(starter: Path) -> Path:
    """The starter model in the form that vLLM loads, made once for all test runs of this checkout."""
    # Beside the models folder rather than in it, where 'auto' would find it.
    return as_safetensors(starter, starter.parents[2] / "models-for-vllm" / starter.parent.name)


def as_safetensors(gguf: Path, folder: Path) -> Path:
    """Write a model's weights, in sixteen bits, with its configuration, tokenizer and chat template.

    Args:
        gguf: The model.
        folder: Where to write it; a finished one is left as it is.

    Returns:
        The folder.

    Raises:
        ModelError: transformers cannot read the model.
    """
    prepare_process()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not (folder / "config.json").is_file():
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            _convert(gguf, unfinished)
            unfinished.rename(folder)
    return folder


def _convert(gguf: Path, folder: Path) -> None:
    # Imported here because it costs seconds, which a finished folder need not pay.
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    try:
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent,
            gguf_file=gguf.name,
            quantization_config=GgufConfig(dequantize=True),
            dtype=torch.bfloat16,
            local_files_only=True,
        )
    except (ImportError, OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"{gguf.name} cannot be converted ({error}). `pip install gguf accelerate` brings what that needs."
        ) from error
    model.save_pretrained(folder)
    renderer = tokenizer_at(gguf).renderer
    assert renderer is not None
    renderer.save_pretrained(folder)


if __name__ == "__main__":
    from docmind.models import find_model
    from docmind.settings import Settings

    models = Path(__file__).resolve().parents[2] / ".cache" / "models"
    print(starter_for_vllm(find_model("auto", "language", Settings(models_dir=models))))  # noqa: T201 - for the Makefile
