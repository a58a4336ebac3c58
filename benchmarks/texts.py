"""Made-up text of real words, for the benchmarks that need more than the documents at hand hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from docmind.bench.corpus import samples_folder
from docmind.parsing import SUPPORTED_SUFFIXES, Reader
from docmind.sentences import split_sentences
from docmind.settings import Settings


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and how likely each is drawn, the commonest first."""

    words: tuple[str, ...]
    chances: tuple[float, ...]


def files_of(folder: Path) -> list[Path]:
    """The documents in a folder and its subfolders that DocMind reads."""
    hidden = {path for path in folder.rglob("*") if any(part[0] == "." for part in path.relative_to(folder).parts)}
    return [
        path for path in sorted(folder.rglob("*")) if path not in hidden and path.suffix.lower() in SUPPORTED_SUFFIXES
    ]


def sentences_of(folder: Path, reader: Reader, limit: int) -> list[str]:
    """Distinct sentences of the documents in a folder, at most `limit`, spread evenly over all of them."""
    files = files_of(folder)
    found: dict[str, None] = {}
    for path in files:
        blocks = reader.parse(path, path.name).blocks
        mine = [text for block in blocks for text in split_sentences(block.text) if len(text.split()) > 3]
        step = max(1, len(mine) * len(files) // limit)
        found.update(dict.fromkeys(mine[::step]))
    return list(found)[:limit]


def joined(sentences: Sequence[str], count: int) -> list[str]:
    """The sentences and, until there are `count` texts, random pairs of them."""
    generator = np.random.default_rng(0)
    texts = dict.fromkeys(sentences[:count])
    for first, second in generator.integers(len(sentences), size=(4 * count, 2)).tolist():
        if len(texts) >= count:
            break
        if first != second:
            texts[f"{sentences[first]} {sentences[second]}"] = None
    return list(texts)


def sample_vocabulary(settings: Settings) -> Vocabulary:
    """The vocabulary of the sample documents."""
    with Reader(settings.parse_seconds, settings.parse_memory_mib) as reader:
        return vocabulary(sentences_of(samples_folder(), reader, 2_000), 5_000)


def vocabulary(sentences: Sequence[str], size: int) -> Vocabulary:
    """A vocabulary with Zipf's distribution: the sentences' words, then pairs of them joined as rare words.

    A short text has few words, and a search by words over few words would be slower than over real text, because
    every word would stand in many chunks.
    """
    counted = Counter(word for sentence in sentences for word in re.findall(r"[^\W\d_]{2,}", sentence.casefold()))
    words = [word for word, _ in counted.most_common(size)]
    plain = len(words)
    for number in range(max(0, size - plain)):
        words.append(words[number % plain] + words[(number * 7 + number // plain + 1) % plain])
    weights = 1.0 / np.arange(1, len(words) + 1)
    return Vocabulary(tuple(words), tuple((weights / weights.sum()).tolist()))


def made_up_texts(known: Vocabulary, count: int, words: int, seed: int) -> Iterator[str]:
    """Texts of words drawn from a vocabulary, in sentences of ten words."""
    generator = np.random.default_rng(seed)
    names = np.array(known.words, dtype=object)
    # As `generator.choice` draws, which adds the chances up anew for every text.
    up_to = np.cumsum(known.chances)
    up_to /= up_to[-1]
    for _ in range(count):
        drawn = names[up_to.searchsorted(generator.random(words), side="right")]
        yield " ".join(" ".join(drawn[begin : begin + 10]).capitalize() + "." for begin in range(0, words, 10))
