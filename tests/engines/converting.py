"""Makes what engines need out of the starter model."""

from __future__ import annotations

from pathlib import Path

from docmind.bench.safetensors import as_safetensors


def starter_for_vllm(starter: Path) -> Path:
    """The starter model in the form that vLLM loads, made once for all test runs of this checkout."""
    # Beside the models folder rather than in it, where 'auto' would find it.
    return as_safetensors(starter, starter.parents[2] / "models-for-vllm" / starter.parent.name)


if __name__ == "__main__":
    from docmind.models import find_model
    from docmind.settings import Settings

    models = Path(__file__).resolve().parents[2] / ".cache" / "models"
    print(starter_for_vllm(find_model("auto", "language", Settings(models_dir=models))))  # noqa: T201 - for the Makefile
