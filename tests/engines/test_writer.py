"""The writer for real, a model that can more than quote: answers, calls, forms, several users. `make test-writer`.

The same in each engine that runs here, because each reads its weights, its tokenizer and its template in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest
from llama_index.core.base.llms.types import ChatMessage, MessageRole, TextBlock, ToolCallBlock
from llama_index.core.prompts import PromptTemplate
from opening import opened
from pydantic import BaseModel

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.engines import Engine
from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.workspace import Workspace

pytestmark = pytest.mark.writer

CALCULATE: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "calculate",
        "description": "Calculate an arithmetic expression.",
        "parameters": {
            "type": "object",
            "properties": {"expression": {"type": "string"}},
            "required": ["expression"],
        },
    },
}
SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"


@pytest.fixture(params=["openvino", "llamacpp", "openai_compatible"], scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, writer: Path) -> Iterator[Engine]:
    """Each engine in turn, with the writer in it."""
    with opened(request.param, tmp_path_factory.mktemp("engine"), writer.parents[1], window=2048) as engine:
        yield engine


def test_it_writes_in_its_own_words_calls_tools_and_does_not_think(engine: Engine) -> None:
    assert engine.best_style == "write"
    assert engine.modes == {"plain", "tools"}
    assert not engine.options({"thinking": True}).thinking


def test_a_tool_that_was_offered_is_called_and_no_other_text_is_shown(engine: Engine) -> None:
    question = ChatMessage(content="What is 1450 times 12? Use the tool.")
    message = engine.chat([question], tools=[CALCULATE], max_tokens=48).message
    [call] = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
    assert call.tool_name == "calculate"
    assert isinstance(call.tool_kwargs, dict)
    assert "1450" in call.tool_kwargs["expression"]
    assert not (message.content or "").strip()


def test_the_result_of_a_call_is_read(engine: Engine) -> None:
    call = ToolCallBlock(tool_name="calculate", tool_kwargs={"expression": "1450 * 12"})
    asked = [
        ChatMessage(content="What is 1450 times 12?"),
        ChatMessage(role=MessageRole.ASSISTANT, blocks=[TextBlock(text=""), call]),
        ChatMessage(role=MessageRole.TOOL, content="17400"),
        ChatMessage(role=MessageRole.ASSISTANT, content="1450 times 12 is"),
    ]
    answer = engine.chat(asked, tools=[CALCULATE], max_tokens=8).message.content or ""
    assert "17400" in answer.replace(",", "")


class Lease(BaseModel):
    """What is read out of a sentence."""

    tenant: str
    rent: int
    kind: Literal["flat", "house"]
    deposit: int | None


def test_a_form_is_filled_in_from_a_sentence(engine: Engine) -> None:
    prompt = PromptTemplate("{text}\nFill in a JSON record of this lease: tenant, rent, kind, deposit.")
    text = "Ana Ruiz rents Flat 3 for 1450 pounds a month; the deposit is 1800 pounds."
    lease = engine.structured_predict(Lease, prompt, {"max_tokens": 60}, text=text)
    assert lease == Lease(tenant="Ana Ruiz", rent=1450, kind="flat", deposit=1800)


def test_several_users_get_their_own_answers(engine: Engine) -> None:
    towers = {"Ashford": "31", "Barlow": "47", "Corran": "58"}

    def asked(town: str) -> str:
        question = f"The tower of {town} is {towers[town]} metres high. How high is it? Answer with the number alone."
        return engine.chat([ChatMessage(content=question)], max_tokens=8).message.content or ""

    with ThreadPoolExecutor(3) as pool:
        assert all(height in answer for height, answer in zip(towers.values(), pool.map(asked, towers), strict=True))


def test_a_long_prompt_is_read_to_its_first_word(engine: Engine) -> None:
    """As long as the tests' window allows; the 32,768 tokens of the model were tried by hand, see docs/engines.md."""
    if engine.engine_name != "openvino":
        pytest.skip("takes half a minute there on two cores")
    clauses = " ".join(f"Clause {number}: the tenant pays {number * 7} pounds." for number in range(1, 120))
    question = f"The word of the house is marmalade.\n{clauses}\nWhat is the word of the house? Answer with it alone."
    assert engine.count_prompt([ChatMessage(content=question)], engine.options({})) > 1_400
    answer = engine.chat([ChatMessage(content=question)], max_tokens=8).message.content or ""
    assert "marmalade" in answer.lower()


def test_a_question_about_the_samples_is_answered_in_words_that_are_supported(
    tmp_path: Path, models_dir: Path, writer: Path
) -> None:
    embedder = str(models_dir / "all-minilm-l6-v2")
    settings = Settings(
        data_dir=tmp_path, models_dir=writer.parents[1], model=str(writer), engine="openvino", embedder=embedder
    )
    with Workspace(settings) as workspace:
        assert all(outcome.status == "ingested" for outcome in ingest(workspace, [SAMPLES]))
        *_, answer = ask(workspace, "How often does the coffee machine need descaling?")
    assert isinstance(answer, Answer)
    assert answer.found
    assert "three months" in answer.text
    assert answer.citations
