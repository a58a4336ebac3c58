"""A question in a language that the search model does not know says so, once, in that language."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import PATIENCE
from streamlit.testing.v1 import AppTest

from docmind.ingestion.ingest import ingest
from docmind.languages import language_of_question
from docmind.storage.chats import Message
from docmind.ui.language_notice import LANGUAGES, language_notices
from docmind.workspace import Workspace

ASKED = [
    "How much is the rent?",
    "Wie hoch ist die monatliche Miete?",
    "Wer zahlt die Reparatur des Dachs?",
    "¿Quién paga la reparación del tejado?",
]


def conversation() -> list[Message]:
    return [
        Message(role, {"text": text}) for question in ASKED for role, text in (("user", question), ("assistant", "…"))
    ]


def test_the_first_question_of_a_chat_in_each_such_language_says_so(sample_library: Workspace) -> None:
    assert language_notices(sample_library, conversation()) == {2: "de", 6: "es"}


def test_nothing_is_said_of_a_search_model_that_knows_other_languages_or_is_not_known(
    plain_workspace: Workspace, tmp_path: Path
) -> None:
    assert language_notices(plain_workspace, conversation()) == {}
    document = tmp_path / "lease.txt"
    document.write_text("The rent is 950 pounds a month.", encoding="utf-8")
    list(ingest(plain_workspace, [document]))
    assert language_notices(plain_workspace, conversation()) == {}


@pytest.mark.parametrize(
    "question",
    ["And the pets?", "Rent?", "EBITDA 2022?", "Summarise", "pet policy", "force majeure", "Total capex FY2018", "12"],
)
def test_a_short_english_question_is_not_taken_for_another_language(question: str) -> None:
    assert language_of_question(question, LANGUAGES) is None


def page(code: str) -> None:
    from docmind.ui.language_notice import show_language_notice

    show_language_notice(code)


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_every_notice_is_shown_in_its_language_and_names_a_model(code: str) -> None:
    shown = AppTest.from_function(page, args=(code,), default_timeout=PATIENCE).run()
    assert not shown.exception
    [notice] = [str(element.value) for element in shown.get("html")]
    assert f'lang="{code}" dir="auto"' in notice
    assert "bge-m3" in notice
    text = notice.partition(">")[2].partition("<")[0]
    assert language_of_question(text, LANGUAGES) == code
