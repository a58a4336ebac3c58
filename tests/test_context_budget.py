"""The context budget: counted exactly, never over the window, giving way in one order, nothing left out in silence."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import openvino_genai as genai
import pytest
from llama_index.core.base.llms.types import MessageRole
from llama_index.core.schema import TextNode

from docmind import models
from docmind.answering.ask import ask
from docmind.answering.budget import answer_reserve, prompt_limit
from docmind.answering.context import FittedPrompt, fit_prompt
from docmind.answering.events import Answer, Retrieved
from docmind.answering.history import ChatSoFar, chat_so_far
from docmind.answering.question import Question, Turn
from docmind.answering.shortening import place_of, shortened_to_its_sentences
from docmind.answering.statements import statements_of
from docmind.answering.utilisation import advice, grade
from docmind.engines import Piece, PreparedPrompt
from docmind.engines.template import TemplateEngine
from docmind.errors import ContextWindowError
from docmind.ingestion.ingest import ingest
from docmind.records import AnswerStyle
from docmind.settings import Settings
from docmind.workspace import Workspace
from random_prompts import Material, material


class WordEngine(TemplateEngine):
    """Counts a token a word, and writes nothing."""

    engine_name: str = "words"
    model_name: str = "words"
    context_window: int = 2_000

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        return "".join(f"[{turn['role']}] {turn['content']}\n" for turn in turns) + "[assistant] "

    def encode(self, text: str) -> list[str]:
        return text.split()

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        yield Piece()


def fitted(engine: TemplateEngine, given: Material, style: AnswerStyle = "write", answer: int = 100) -> FittedPrompt:
    history, _ = chat_so_far(given.history)
    return fit_prompt(
        style, given.question, given.passages, "A hint.", engine, answer, history=history, pinned=given.pinned
    )


@pytest.mark.parametrize("seed", range(0, 300, 10))
def test_in_random_prompts_nothing_is_over_the_window_unnamed_or_out_of_order(seed: int) -> None:
    for number in range(seed, seed + 10):
        given, windows = material(number), (300, 400, 600, 900, 1_500, 4_000)
        engine = WordEngine(context_window=windows[number % len(windows)])
        try:
            prompt = fitted(engine, given)
        except ContextWindowError:
            continue
        assert prompt.tokens <= prompt.limit <= engine.context_window - 100
        assert prompt.tokens == engine.count_tokens(engine.render(prompt.prepared.messages, engine.options({})))
        check_parts(prompt)
        check_named(prompt, given)
        check_order(prompt, given)


def check_parts(prompt: FittedPrompt) -> None:
    parts = prompt.parts
    assert parts.instructions + parts.history + parts.passages + parts.question == prompt.tokens
    assert min(parts.instructions, parts.passages, parts.question) > 0
    assert parts.answer_reserve >= 100


def check_named(prompt: FittedPrompt, given: Material) -> None:
    """Whatever is not in the prompt word by word is named."""
    shown = prompt.prepared.text
    named = {item.what for item in prompt.left_out}
    escape = WordEngine().escape
    read = {node.node_id for node in prompt.passages}
    for node in given.passages:
        assert (node.node_id in read and escape(node.text) in shown) or place_of(node) in named
    history, _ = chat_so_far(given.history)
    for turn in history.turns:
        assert escape(turn.answer) in shown or turn.question in named
    for turn, line in zip(history.summarised, history.lines, strict=True):
        assert escape(line) in shown or turn.question in named


def check_order(prompt: FittedPrompt, given: Material) -> None:
    """What went first in the order had gone wholly before the next thing went."""
    places = {place_of(node): node for node in given.passages}
    why_not = {item.what: item for item in prompt.left_out}
    duplicates = {item.what for item in prompt.left_out if "same text" in item.why}
    dropped = [node for place, node in places.items() if place in why_not and why_not[place].how == "dropped"]
    dropped = [node for node in dropped if place_of(node) not in duplicates]
    read = {node.node_id for node in prompt.passages}
    free = [n for n in given.passages if n.node_id not in given.pinned and place_of(n) not in duplicates]
    free_read = [node for node in free if node.node_id in read]
    assert free_read == free[: len(free_read)]  # the best stay
    turns_left = sum(m.role == MessageRole.ASSISTANT for m in prompt.prepared.messages)
    how = {what: item.how for what, item in why_not.items()}
    turns_dropped = [turn for turn in given.history if how.get(turn.question) == "dropped"]
    summarised = [turn for turn in given.history if turn.question in why_not]
    if summarised or dropped:
        best = free[:1] if not given.pinned else []
        for node in free_read:
            whole = WordEngine().escape(node.text) in prompt.prepared.text
            is_one = len(statements_of(node.text)) < 2  # a sentence, or a row of a table, cannot be shortened
            assert node in (free[:1] or best) or not whole or is_one or place_of(node) in why_not
    if dropped:
        assert turns_left <= 1
    if turns_dropped:
        assert len(free_read) <= 1
    if free and not free_read:
        assert turns_left == 0
    if any(node.node_id in given.pinned for node in dropped):
        assert not free_read
        assert turns_left == 0


def passage(number: int, words: str, document: str = "a.txt") -> TextNode:
    metadata = {"title": "Lease", "heading": "", "page": number, "document": document, "ordinal": number}
    return TextNode(text=words, metadata=metadata)


LONG = [
    passage(number, f"Clause {number} is long. " + "Nothing is said here at all. " * 8 + "The rent is 900 pounds.")
    for number in range(1, 5)
]
CHAT = ChatSoFar(turns=(Turn("Who lives here?", "Anna lives here. " * 12), Turn("Since when?", "Since May. " * 12)))


def given_way(window: int, pinned: Sequence[TextNode] = ()) -> list[tuple[str, str]]:
    prompt = fit_prompt(
        "write", "How high is the rent?", LONG, "", WordEngine(context_window=window), 10, history=CHAT,
        pinned={node.node_id for node in pinned},
    )  # fmt: skip
    return [(item.what.removeprefix("a.txt, "), item.how) for item in prompt.left_out]


def test_things_give_way_in_the_promised_order() -> None:
    shortened = [(f"page {number}, passage {number + 1}", "shortened") for number in (4, 3, 2)]
    seen: list[list[tuple[str, str]]] = []
    for window in range(520, 120, -4):
        try:
            now = given_way(window)
        except ContextWindowError:
            break
        if not seen or seen[-1] != now:
            seen.append(now)
    assert seen[:5] == [[], shortened[:1], shortened[:2], shortened, [*shortened, ("Who lives here?", "summarised")]]
    dropped = [next((what for what, how in reversed(step) if how == "dropped"), "") for step in seen[5:]]
    assert dropped[:3] == ["page 4, passage 5", "page 3, passage 4", "page 2, passage 3"]
    assert ("Since when?", "dropped") in seen[-1]
    assert ("page 1, passage 2", "shortened") in seen[-1]


def test_what_is_pinned_goes_last_of_all() -> None:
    last = LONG[-1]
    for window in range(520, 120, -4):
        try:
            gone = given_way(window, [last])
        except ContextWindowError:
            break
        assert ("page 4, passage 5", "dropped") not in gone
    assert ("page 1, passage 2", "dropped") in gone
    assert ("Since when?", "dropped") in gone


def test_a_pinned_document_is_read_first_whatever_the_search_finds(plain_workspace: Workspace, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"zoo {number}.txt").write_text(
            f"The fee of zoo {number} is {number + 3} pounds.", encoding="utf-8"
        )
    (tmp_path / "opening.txt").write_text("The gates open at nine. Dogs stay outside.", encoding="utf-8")
    list(ingest(plain_workspace, [tmp_path / f"zoo {number}.txt" for number in range(12)] + [tmp_path / "opening.txt"]))
    kept = plain_workspace.catalog.find("opening.txt").id
    *_, unpinned = ask(plain_workspace, "How high is the fee of the zoo?")
    found, *_, answer = ask(plain_workspace, Question("How high is the fee of the zoo?", pinned=(kept,)))
    assert isinstance(unpinned, Answer)
    assert isinstance(answer, Answer)
    assert isinstance(found, Retrieved)
    assert kept in {item.node.ref_doc_id for item in found.passages}
    assert answer.read.chunks == unpinned.read.chunks + 1
    assert not any("opening.txt" in item.what for item in answer.read.left_out)
    *_, of_it = ask(plain_workspace, Question("When do the gates open and where do dogs stay?", pinned=(kept,)))
    assert isinstance(of_it, Answer)
    assert of_it.found
    *_, elsewhere = ask(
        plain_workspace,
        Question("How high is the fee of the zoo?", (found.passages[0].node.ref_doc_id or "",), pinned=(kept,)),
    )
    assert isinstance(elsewhere, Answer)
    assert elsewhere.read.documents == 1  # what is not asked is not read


def test_a_shortened_passage_keeps_whole_sentences_that_are_about_the_question() -> None:
    prompt = fit_prompt("write", "How high is the rent?", LONG, "", WordEngine(context_window=400), 10, history=CHAT)
    assert "The rent is 900 pounds." in prompt.prepared.text.split("[4]")[1]
    assert prompt.prepared.text.split("[4]")[1].count("Nothing is said here at all.") < 8


def test_a_row_of_a_shortened_table_keeps_its_line_and_the_names_of_its_columns() -> None:
    table = "Fees are due.\n\nCharge | When | Amount\nLost key | at once | £45\nCar park | monthly | $20\n\n"
    text = (
        f"{table}All fees include tax. They are paid by card. Nothing else is asked for here at all, whatever happens."
    )
    shortened = shortened_to_its_sentences(
        passage(1, text), lambda _, sentence: float("key" in sentence), lambda told: len(told.split())
    )
    assert shortened is not None
    assert "Charge | When | Amount\nLost key | at once | £45" in shortened
    assert "All fees include tax" not in shortened


def test_the_same_text_is_read_once_and_the_copy_is_named() -> None:
    copy = passage(9, LONG[0].text, "copy.txt")
    prompt = fit_prompt("write", "How high is the rent?", [LONG[0], copy], "", WordEngine(), 10)
    assert prompt.passages == (LONG[0],)
    [named] = prompt.left_out
    assert (named.what, named.why) == (
        "copy.txt, page 9, passage 10", "the same text stands in a.txt, page 1, passage 2"
    )  # fmt: skip


def test_each_prompt_of_a_chat_begins_like_the_one_before_it() -> None:
    """The instructions and the earlier turns stay where they are; only passages and question come anew."""
    turns = [Turn(f"Question {number}?", f"Answer {number}.") for number in range(5)]
    engine, before = WordEngine(), ""
    for count in range(6):
        history, _ = chat_so_far(turns[:count])
        prompt = fit_prompt("write", "And now?", LONG[:1], "", engine, 10, history=history).prepared.text
        stable = before.rpartition("[user]")[0]
        assert prompt.startswith(stable)
        assert count == 0 or len(stable) > 0
        before = prompt


def test_older_turns_are_a_line_each_made_of_what_was_kept_with_them() -> None:
    turns = [Turn(f"Question {number}?", f"Long. Answer {number}.", f"Gist {number}.") for number in range(7)]
    history, left_out = chat_so_far(turns)
    assert history.lines == tuple(f"- Question {number}? Gist {number}." for number in range(3))
    assert [turn.question for turn in history.turns] == [f"Question {number}?" for number in range(3, 7)]
    assert [(item.what, item.how) for item in left_out] == [(f"Question {n}?", "summarised") for n in range(3)]
    prompt = fit_prompt("write", "And now?", LONG[:1], "", WordEngine(), 10, history=history)
    assert "Earlier in this conversation:\n- Question 0? Gist 0.\n" in prompt.prepared.text
    assert chat_so_far([Turn("Anything?", "")]) == (ChatSoFar(), [])


def test_a_model_that_quotes_is_not_shown_the_chat() -> None:
    prompt = fit_prompt("quote", "How high is the rent?", LONG[:1], "A hint.", WordEngine(), 10, history=CHAT)
    assert "Anna" not in prompt.prepared.text
    assert prompt.parts.history == 0
    assert prompt.left_out == ()


def test_the_room_for_a_prompt_follows_the_window() -> None:
    assert answer_reserve(131_072, 400) == 8_192
    assert answer_reserve(32_768, 400) == 2_048
    assert answer_reserve(8_192, 4_352) == 4_352  # with thoughts
    assert prompt_limit(131_072, 8_192) == 120_000
    assert prompt_limit(262_144, 8_192) == 120_000
    assert prompt_limit(32_768, 2_048) == 30_000
    assert prompt_limit(4_096, 256, longest_prompt=2_048) == 2_048


def test_utilisation_is_graded_and_advice_given_at_its_ends() -> None:
    assert [grade(share) for share in (1.0, 0.8, 0.79, 0.6, 0.4, 0.2, 0.19, 0.0)] == [*"AABBCDEE"]
    assert "DOCMIND_FIRST_WORD_SECONDS" in advice(0.29)
    assert advice(0.3) == advice(0.59) == advice(0.86) == advice(0.9) == ""
    assert "Well filled" in advice(0.6)
    assert "new chat" in advice(0.91)


@pytest.mark.parametrize("style", ["write", "quote"])
def test_random_prompts_are_counted_as_the_real_tokenizer_counts_them(
    sample_library: Workspace, tokenizer: genai.Tokenizer, style: AnswerStyle
) -> None:
    opened = sample_library.engine
    assert isinstance(opened, TemplateEngine)
    gave_way = set()
    # In the small window things give way, and what is left is counted as exactly.
    for seed, window in zip(range(9), cycle([8_192, 700, 1_000]), strict=False):
        engine = opened.model_copy(update={"context_window": window})
        given = material(seed, passage_words=40, most_passages=5)
        prompt = fitted(engine, given, style, 256)
        read = tokenizer.encode(prompt.prepared.text, add_special_tokens=False).input_ids.data[0].tolist()
        assert prompt.tokens == len(read) <= prompt.limit <= window - 256
        check_parts(prompt)
        if style == "write":
            check_order(prompt, given)
        gave_way |= {item.how for item in prompt.left_out if "same text" not in item.why}
    assert {"shortened", "dropped"} <= gave_way


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_500_random_prompts_are_as_long_as_the_engine_itself_says(sample_library: Workspace, models_dir: Path) -> None:
    """OpenVINO is given the text, cuts it into tokens itself, and reports how many it has read."""
    engine = sample_library.engine
    assert isinstance(engine, TemplateEngine)
    model = models.find_model("auto", "language", Settings(models_dir=models_dir))
    pipeline = genai.LLMPipeline(str(model), "CPU")
    config = genai.GenerationConfig()
    config.max_new_tokens, config.apply_chat_template = 1, False
    counts = []
    for seed in range(500):
        style: AnswerStyle = "write" if seed % 2 else "quote"
        prompt = fitted(engine, material(seed, passage_words=8, most_passages=3, turn_words=5), style, 256)
        assert prompt.tokens + 256 <= engine.context_window
        result: Any = pipeline.generate([prompt.prepared.text], config)
        counts.append((prompt.tokens, result.perf_metrics.get_num_input_tokens()))
    assert [ours for ours, _ in counts] == [theirs for _, theirs in counts]
