"""Follow-ups: what they leave out is taken from the turn before; what stands alone stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from docmind.answering.follow_up import rewrite
from docmind.answering.follow_up.model import SayAnew, say_anew, sayer_of, says_no_more
from docmind.answering.question import Question, Turn
from docmind.answering.understanding import understand
from docmind.engines.extractive import ExtractiveEngine
from docmind.engines.speed import Speed
from docmind.settings import Settings
from docmind.workspace import Workspace

REVENUE = Turn("What was the revenue of Northwind in 2020?", "The revenue of Northwind was 3 million euros in 2020.")
CHAIR = Turn("Who is the chair of the Harbour Trust?", "Amina Yusuf is the chair of the Harbour Trust.")
LEASE = Turn("When does the lease begin?", "The lease begins on 1 May 2020.")
RENT = Turn("How much is the rent?", "The rent is 900 pounds a month.")
MILLERS = Turn("How many boats did the Millers build?", "The Millers built 12 boats.")
NOTICE = Turn("What is the notice period of the lease?", "Three months.")
TERM = Turn("In the lease agreement, when does the term begin?", "The term begins on 1 May.")
FEE = Turn("What is the fee according to tariff.pdf?", "The fee is 12 euros.")
COVER = Turn("Does the policy cover water damage?", "The policy covers water damage.")
INCOME = Turn("What was Northwind's net income in fiscal 2021?", "Net income was 3 million.")
HEAD = Turn("Who is the CEO of Northwind?", "Omar Diaz is the CEO.")
ENGINEER = Turn("What did Ada Brandt design?", "Ada Brandt designed the Tide Bridge.")


@pytest.mark.parametrize(
    ("before", "follow_up", "stands_alone"),
    [
        (REVENUE, "And in 2021?", "What was the revenue of Northwind in 2021?"),
        (REVENUE, "What about 2019?", "What was the revenue of Northwind in 2019?"),
        (REVENUE, "2021?", "What was the revenue of Northwind in 2021?"),
        (REVENUE, "and the profit?", "What was the profit of Northwind in 2020?"),
        (REVENUE, "What about Southwind?", "What was the revenue of Southwind in 2020?"),
        (REVENUE, "in Germany?", "What was the revenue of Northwind in 2020 in Germany?"),
        (REVENUE, "What was its profit?", "What was Northwind's profit in 2020?"),
        (REVENUE, "How much was that?", "How much was the revenue of Northwind in 2020?"),
        (REVENUE, "How many employees did the company have?", "How many employees did Northwind have?"),
        (REVENUE, "What else happened in that year?", "What else happened in 2020?"),
        (CHAIR, "When did she take office?", "When did Amina Yusuf take office?"),
        (CHAIR, "When was it founded?", "When was the Harbour Trust founded?"),
        (CHAIR, "And who is the secretary?", "Who is the secretary of the Harbour Trust?"),
        (LEASE, "And when does it end?", "When does the lease end?"),
        (LEASE, "And the insurance?", "When does the insurance begin?"),
        (LEASE, "Why?", "Why does the lease begin?"),
        (LEASE, "Where is it kept?", "Where is the lease kept?"),
        (RENT, "When is it due?", "When is the rent due?"),
        (RENT, "and the deposit?", "How much is the deposit?"),
        (RENT, "Why?", "Why: The rent is 900 pounds a month?"),
        (MILLERS, "Where did they build them?", "Where did the Millers build boats?"),
        (MILLERS, "How many houses did they build?", "How many houses did the Millers build?"),
        (MILLERS, "What became of their boats?", "What became of the Millers' boats?"),
        (CHAIR, "What is the size of its garden?", "What is the size of the Harbour Trust's garden?"),
        (CHAIR, "Did it publish its report?", "Did the Harbour Trust publish its report?"),
        (COVER, "And fire damage?", "Does the policy cover fire damage?"),
        (COVER, "What about theft?", "Does the policy cover theft?"),
        (COVER, "Since when?", "Since when does the policy cover water damage?"),
        (INCOME, "And in fiscal 2020?", "What was Northwind's net income in fiscal 2020?"),
        (INCOME, "How did that compare to fiscal 2020?", "How did Northwind's net income compare to fiscal 2020?"),
        (HEAD, "How long has he been in the role?", "How long has Omar Diaz been in the role?"),
        (HEAD, "And the CFO?", "Who is the CFO of Northwind?"),
        (HEAD, "Where is the company based?", "Where is Northwind based?"),
        (Turn("When was the Tide Bridge built?", "In 1931."), "By whom?", "By whom was the Tide Bridge built?"),
        (Turn("What causes rust?", "Water and oxygen."), "How can it be prevented?", "How can rust be prevented?"),
        (CHAIR, "Which grant did it lose in May?", "Which grant did the Harbour Trust lose in May?"),
        (CHAIR, "And what is the Dutch name?", "What is the Dutch name of the Harbour Trust?"),
        (TERM, "And when does it end?", "When does the term end in the lease agreement?"),
        (TERM, "And in the sublease agreement?", "In the sublease agreement, when does the term begin?"),
        (FEE, "How is it paid?", "How is the fee paid according to tariff.pdf?"),
        (NOTICE, "How long is it?", "How long is the notice period of the lease?"),
        (ENGINEER, "When was she born?", "When was Ada Brandt born?"),
        (ENGINEER, "What is her address?", "What is Ada Brandt's address?"),
    ],
)  # fmt: skip
def test_what_a_follow_up_leaves_out_is_carried_over(before: Turn, follow_up: str, stands_alone: str) -> None:
    said = rewrite(follow_up, [before])
    assert said is not None
    assert said.text == stands_alone


@pytest.mark.parametrize("before", [REVENUE, CHAIR, LEASE, MILLERS])
@pytest.mark.parametrize(
    "question",
    [
        "How long is the notice period?",
        "What is the name of the latest epoch?",
        "Who pays for heating and water?",
        "Is it possible to end the lease early?",
        "How long does it take to appeal?",
        "What time is it in Lagos?",
        "What did the landlord say about its condition when the flat was let?",
        "What did Ada Brandt say about her bridge?",
        "Which bridge is the one that collapsed?",
        "Who agreed that the period is fixed?",
        "What is this document about?",
        "Summarise these documents.",
        "Where did the Millers keep their boats?",
        "And who is Amina Yusuf?",
        "What does clause 4 say?",
        "When a tenant leaves, what is it called?",
        "Which boats did the Millers take with them?",
        "In what way do people behave to have their case heard?",
        "What role that the council wants makes it unpopular?",
        "What do older boats not have that other boats have?",
        "Name a larger boat.",
    ],
)
def test_a_question_that_stands_alone_is_not_changed(before: Turn, question: str) -> None:
    assert rewrite(question, [before]) is None


def test_without_an_earlier_turn_nothing_is_carried_over() -> None:
    assert rewrite("And in 2021?", []) is None
    assert understand(Question("When does it end?"), "never").asked_as is None


def test_the_subject_may_stand_some_turns_back() -> None:
    said = rewrite("When does it end?", [LEASE, Turn("What else is there?", "")])
    assert said is not None
    assert said.text == "When does the lease end?"


def test_the_stand_alone_text_is_what_later_stages_take() -> None:
    understood = understand(Question("  And when does it end? ", history=(LEASE,)), "never")
    assert understood.text == understood.asked_as == "When does the lease end?"
    assert understood.asked == "And when does it end?"


def test_a_question_that_the_user_has_put_right_is_taken_as_it_is() -> None:
    understood = understand(Question("When does it end?", history=(LEASE,), stands_alone=True), "never")
    assert understood.text == "When does it end?"
    assert understood.asked_as is None


def scripted(said: str | None, asked: list[str]) -> SayAnew:
    def say(question: str, _: Sequence[Turn]) -> str | None:
        asked.append(question)
        return said

    return say


def test_a_model_is_asked_only_where_the_rules_are_not_sure() -> None:
    asked: list[str] = []
    say = scripted("How long is the Tide Bridge?", asked)
    sure = Question("And when does it end?", history=(LEASE,))
    unsure = Question("How long is it?", history=(ENGINEER,))
    alone = Question("How long is the notice period?", history=(CHAIR,))
    assert understand(sure, "never", say).text == "When does the lease end?"
    assert understand(alone, "never", say).text == "How long is the notice period?"
    assert asked == []
    assert understand(unsure, "never", say).text == "How long is the Tide Bridge?"
    assert asked == ["How long is it?"]
    assert understand(unsure, "never", scripted(None, asked)).text == "How long is Ada Brandt?"


@pytest.mark.parametrize(("reads", "asked"), [(None, True), (900.0, True), (9.0, False)])
def test_a_model_that_reads_too_slowly_is_not_asked(
    plain_workspace: Workspace, reads: float | None, asked: bool
) -> None:
    current = plain_workspace.current_engine
    assert sayer_of(current, plain_workspace.settings, lambda: False) is None  # and none is opened for it
    speed = Speed(reads=reads, writes=9.0) if reads else None
    current.replace(lambda: ExtractiveEngine(speed=speed, best_style="write"))
    assert (sayer_of(current, plain_workspace.settings, lambda: False) is not None) is asked


@pytest.mark.parametrize(
    "said",
    [
        "Amina Yusuf was born in 1960.",  # an answer
        "When was Amina Yusuf born in 1960?",  # a number of its own
        "When was Mr. Smith born?",  # a name of its own
        "When was Amina Yusuf elected chairwoman of the board?",  # words of its own
        "Who is the chair of the Harbour Trust?",  # another question
        "When was Amina Yusuf born? Where was she born?",
        "",
    ],
)
def test_what_a_model_adds_or_leaves_out_does_not_count(said: str) -> None:
    assert says_no_more("When was Amina Yusuf born?", "And when was she born?", [CHAIR])
    assert not says_no_more(said, "And when was she born?", [CHAIR])


@pytest.mark.writer
def test_the_writer_says_a_follow_up_anew_or_is_not_believed(writer: Path, tmp_path: Path) -> None:
    with Workspace(Settings(data_dir=tmp_path, model=str(writer), window=4096)) as workspace:
        said = say_anew(workspace.engine, "And in 2021?", [REVENUE])
        assert said == "What was the revenue of Northwind in 2021?"
        for question in ("When was it founded?", "How long is the notice period?", "Why?"):
            said = say_anew(workspace.engine, question, [CHAIR])
            assert said is None or says_no_more(said, question, [CHAIR])
