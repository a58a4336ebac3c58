"""Pages: each page once among the passages that were found, with the neighbours that were found beside its best one.

Chunks are small, so that one of them has one meaning; a person, and a model, read better what stood together. So the
best chunk of a page stands for it, and those found right before and behind it are put back in their places. What
stands elsewhere on that page waits behind all other pages: a second place on a page tells less than another page.
"""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core.schema import BaseNode, NodeWithScore

from docmind.records import TABLE
from docmind.stores.base import ORDINAL


def one_a_page(passages: Sequence[NodeWithScore]) -> list[NodeWithScore]:
    """The passages with each page once, as long as there are other pages.

    Args:
        passages: Best first.

    Returns:
        The best of each page, with its neighbours, in the order given and with its own id and score; behind them what
        was found elsewhere on those pages. Passages of documents without pages stay as they are.
    """
    by_page: dict[tuple[str, object], list[NodeWithScore]] = {}
    for item in passages:
        page = item.node.metadata.get("page")
        by_page.setdefault((item.node.ref_doc_id or "", item.node.node_id if page is None else page), []).append(item)
    first: list[NodeWithScore] = []
    behind: list[NodeWithScore] = []
    for best, *others in by_page.values():
        run = _run_around(best.node, [item.node for item in others])
        first.append(NodeWithScore(node=_joined(best.node, run), score=best.score) if len(run) > 1 else best)
        behind += [item for item in others if item.node not in run]
    return first + sorted(behind, key=lambda item: (-(item.score or 0.0), item.node.node_id))


def _run_around(best: BaseNode, others: Sequence[BaseNode]) -> list[BaseNode]:
    """The best chunk and those of the others that follow one another up to it and from it, in reading order."""
    by_ordinal = {node.metadata[ORDINAL]: node for node in others}
    begin = end = best.metadata[ORDINAL]
    by_ordinal[begin] = best
    while begin - 1 in by_ordinal:
        begin -= 1
    while end + 1 in by_ordinal:
        end += 1
    return [by_ordinal[ordinal] for ordinal in range(begin, end + 1)]


def _joined(best: BaseNode, run: Sequence[BaseNode]) -> BaseNode:
    """Chunks that follow one another as one passage, under the id of the best."""
    first, *rest = run
    text = first.get_content()
    for node in rest:
        # The rows of a table that goes on follow the rows above them; their header stands there already.
        text += ("\n" if TABLE in node.metadata else "\n\n") + node.get_content()
    joined = first.model_copy(update={"id_": best.node_id})
    joined.set_content(text)
    return joined
