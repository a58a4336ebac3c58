"""Quoting and refusing: what is shown are the document's letters, and only where they answer what was asked."""

from __future__ import annotations

import pytest

from docmind.answering.evidence import gather
from docmind.answering.expected import has_what_is_asked_for
from docmind.answering.generation import Written
from docmind.answering.grounding import ground
from docmind.answering.judging import Judgement, judge
from docmind.answering.quoting import choose
from docmind.answering.refusal import answer_score
from docmind.answering.writing import Draft
from docmind.embeddings import Embedder
from passages import passage

PLANT = (
    "Bergen Pumps has one plant. It was opened by Maria Olsen in 1962. The plant employs 340 people. "
    "Its canteen serves fish on Fridays. The first pump left the plant in 1963 and weighed 118 kilograms."
)
FEES = (
    "Fees of the club\n\nFee | Due | Amount\nMembership fee | in January | 120 dollars\n"
    "Locker fee | in June | 45 dollars"
)


PASSAGES = [passage(PLANT), passage(FEES, "club")]


def quoted(question: str, written: str, embedder: Embedder) -> Judgement:
    grounding = ground(question, PASSAGES, embedder)
    draft = Draft(written=Written(text=written), passages=tuple(PASSAGES), style="quote")
    return judge(question, draft, grounding, embedder, 0.6)


@pytest.mark.parametrize(
    "written", ["The plant employs 430 people.", "the plant does not employ 340 people", "The plant employs", ""]
)
def test_a_miscopied_sentence_is_printed_as_the_document_has_it(written: str, minilm: Embedder) -> None:
    judgement = quoted("How many people does the plant employ?", written, minilm)
    assert judgement.text == "The plant employs 340 people."
    assert judgement.citations[0].quote in PLANT


def test_a_sentence_that_refers_back_is_quoted_with_the_one_before_it(minilm: Embedder) -> None:
    judgement = quoted("Who opened the plant of Bergen Pumps?", "It was opened by Maria Olsen in 1962.", minilm)
    assert judgement.text == "Bergen Pumps has one plant. It was opened by Maria Olsen in 1962."
    assert [sentence.citations for sentence in judgement.sentences] == [(1,), (1,)]
    assert judgement.citations[0].quote in PLANT


def test_a_row_is_shown_with_its_columns_and_cited_as_it_stands(minilm: Embedder) -> None:
    judgement = quoted("What is the membership fee of the club?", "Membership fee", minilm)
    assert judgement.text == ("Fees of the club\nFee | Due | Amount\nMembership fee | in January | 120 dollars")
    assert judgement.citations[0].quote == "Membership fee | in January | 120 dollars"


def test_the_next_best_statement_is_offered_too(minilm: Embedder) -> None:
    judgement = quoted("When did the first pump leave the plant?", "", minilm)
    assert "1963" in judgement.text
    assert judgement.alternative
    assert judgement.alternative.quote in PLANT
    assert judgement.alternative.quote not in judgement.text


def test_a_heading_is_never_an_answer(minilm: Embedder) -> None:
    evidence = gather("Fees of the club", PASSAGES, minilm)
    assert all(not item.best.statement.heading for item in choose("Fees of the club", "", evidence, minilm))


@pytest.mark.parametrize(
    "question",
    [
        "How many people did the plant employ in 1987?",  # another year than any the passage tells of
        "Who opened the plant in Trondheim with Peter Dahl?",  # names that stand nowhere
        "What did the shareholders decide about the dividend?",  # a thing that stands nowhere
    ],
)
def test_the_nearest_statement_is_no_answer_to_something_else(question: str, minilm: Embedder) -> None:
    judgement = quoted(question, "The plant employs 340 people.", minilm)
    assert judgement.sentences == ()
    assert judgement.citations


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("Who opened the plant of Bergen Pumps in 1962?", "Maria Olsen"),
        ("Who oppened the plant of Bergn Pumps?", "Maria Olsen"),  # misspelt
        ("What did the first pump weigh?", "118"),
        ("When is the locker fee due?", "in June"),
    ],
)
def test_what_is_asked_for_is_answered(question: str, answers: str, minilm: Embedder) -> None:
    assert answers in quoted(question, "", minilm).text


def test_a_number_that_the_surroundings_lack_weighs_more_than_a_name(minilm: Embedder) -> None:
    def score(question: str) -> float:
        evidence = gather(question, PASSAGES, minilm)
        return answer_score(question, evidence, evidence)

    assert score("Who opened the plant of Bergen Pumps?") > score("Who opened the plant of Narvik Pumps?")
    assert score("Who opened the plant of Narvik Pumps?") > score("Who opened the plant of Bergen Pumps in 1871?")
    assert answer_score("Who?", [], []) == float("-inf")


def test_what_kind_is_asked_for_is_no_name_that_must_stand_there(minilm: Embedder) -> None:
    def score(question: str) -> float:
        evidence = gather(question, PASSAGES, minilm)
        return answer_score(question, evidence, evidence)

    assert score("Which famous Norwegian opened the plant?") > score("Which famous man opened the plant of Norwegian?")


def written(question: str, text: str, embedder: Embedder) -> Judgement:
    grounding = ground(question, PASSAGES, embedder)
    draft = Draft(written=Written(text=text), passages=tuple(PASSAGES), style="write")
    return judge(question, draft, grounding, embedder, 0.6)


def test_where_what_a_model_wrote_does_not_hold_the_document_answers_itself(minilm: Embedder) -> None:
    judgement = written("How many people does the plant employ?", "The plant employs 900 people.", minilm)
    assert (judgement.text, judgement.rejected) == ("The plant employs 340 people.", "The plant employs 900 people.")


def test_a_model_that_finds_nothing_is_believed_unless_a_sentence_is_plainly_about_the_question(
    minilm: Embedder,
) -> None:
    assert written("Who runs the plant's canteen?", "NOT FOUND", minilm).sentences == ()
    assert "340" in written("How many people does the plant employ?", "NOT FOUND", minilm).text


def test_a_model_and_the_search_that_find_the_same_place_are_each_others_witness(minilm: Embedder) -> None:
    question = "Which dish is served at the end of the working week?"
    assert not quoted(question, "fish", minilm).sentences
    assert written(question, "fish", minilm).text == "fish"
    assert not written(question, "meat", minilm).sentences


def test_where_another_sentence_is_plainly_nearer_that_one_answers(minilm: Embedder) -> None:
    judgement = written("What did the first pump weigh?", "The plant employs 340 people.", minilm)
    assert "118 kilograms" in judgement.text
    assert judgement.rejected == "The plant employs 340 people."


def test_a_sentence_that_only_says_what_kind_comes_with_the_one_that_names_it(minilm: Embedder) -> None:
    town = passage("Halden is the oldest of the county. The town lies on both sides of the river Tista.", "county")
    question = "Which town lies on both sides of the river Tista?"
    judgement = judge(question, Draft(passages=(town,), style="quote"), ground(question, [town], minilm), minilm, 0.6)
    assert judgement.text == town.text


@pytest.mark.parametrize(
    ("question", "statement", "has"),
    [
        ("In what month was it painted?", "It was painted in the early 1970s.", False),
        ("In what month was it painted?", "It was painted in May 1971.", True),
        ("In which year did he die?", "He died soon after the war.", False),
        ("How many people work there?", "Those who work there like it.", False),
        ("How many people work there?", "Several hundred work there.", True),
        ("When did he write most?", "He wrote most before the war.", True),
        ("When did he write most?", "He wrote novels with great success.", False),
        ("When does the gate open?", "The gate opens at nine.", True),
        ("When does the gate open and where do dogs stay?", "Dogs stay outside.", True),
        ("Who wrote it?", "He wrote novels with great success.", True),
    ],
)
def test_a_question_for_a_number_or_a_time_wants_one(question: str, statement: str, has: bool) -> None:
    assert has_what_is_asked_for(question, statement) == has


def test_an_item_of_a_list_answers_under_its_heading(minilm: Embedder) -> None:
    manual = passage(
        "Daily care\n\n- Every week: rinse the milk tube.\n- Every three months: descale.", "coffee machine"
    )
    question = "How often does the coffee machine need descaling?"
    draft = Draft(passages=(manual,), style="quote")
    judgement = judge(question, draft, ground(question, [manual], minilm), minilm, 0.6)
    assert judgement.text == "- Every three months: descale."


def test_the_opposite_of_what_is_asked_is_no_answer(minilm: Embedder) -> None:
    town = passage("The Tower neighbourhood lies west of the river. The old mill was closed in spring.", "town")

    def quotation(question: str) -> Judgement:
        grounding = ground(question, [town], minilm)
        return judge(question, Draft(passages=(town,), style="quote"), grounding, minilm, 0.6)

    assert quotation("Which neighbourhood lies west of the river?").sentences
    assert not quotation("Which neighbourhood lies east of the river?").sentences
    assert quotation("When was the old mill closed?").sentences
    assert not quotation("When was the old mill opened?").sentences


def test_a_name_with_a_number_may_stand_elsewhere_in_the_document(minilm: Embedder) -> None:
    lease = passage(
        "The term is two years.\n\nThe tenant moves in at noon.\n\nThe monthly rent is 1,450 pounds.",
        "lease",
    )
    question = "How much is the monthly rent for Flat 3?"
    judgement = judge(question, Draft(passages=(lease,), style="quote"), ground(question, [lease], minilm), minilm, 0.6)
    assert "1,450" in judgement.text
