"""Quoting and refusing: what is shown are the document's letters, and only where they answer what was asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from llama_index.core.schema import TextNode

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.evidence import apart, gather, weigh
from docmind.answering.expected import depends_on_a_case, does_what_is_asked_for, has_what_is_asked_for
from docmind.answering.generation import Written
from docmind.answering.grounding import ground
from docmind.answering.judging import Judgement, judge
from docmind.answering.quoting import choose
from docmind.answering.refusal import answer_score
from docmind.answering.writing import Draft
from docmind.embeddings import Embedder
from docmind.ingestion.ingest import ingest
from docmind.sentences import content_terms
from docmind.workspace import Workspace
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


def quoted_of(question: str, only: TextNode, embedder: Embedder) -> Judgement:
    grounding = ground(question, [only], embedder)
    return judge(question, Draft(passages=(only,), style="quote"), grounding, embedder, 0.6)


@pytest.mark.parametrize(
    "written", ["The plant employs 430 people.", "the plant does not employ 340 people", "The plant employs", ""]
)
def test_a_miscopied_sentence_is_printed_as_the_document_has_it(written: str, minilm: Embedder) -> None:
    judgement = quoted("How many people does the plant employ?", written, minilm)
    assert judgement.text == "The plant employs 340 people."
    assert judgement.citations[0].quote in PLANT


LEASE = (
    "The lease begins on 1 March 2026 and ends on 28 February 2027. The rent is £1,450 a month, payable in advance on "
    "the first day of each month. If rent is more than 14 days late, the tenant pays interest at 3 per cent a year, "
    "counted from the day it was due. Rent includes cold water."
)


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("When is the rent due?", "The rent is £1,450"),  # 'due' and 'payable' ask for the same
        ("When does the lease start?", "The lease begins"),  # though it says when it ends, too
        ("When does the lease end?", "The lease begins"),
        ("What happens if the rent is late?", "If rent is more"),
        ("How much interest is due on late rent?", "If rent is more"),
    ],
)
def test_what_holds_in_a_case_only_answers_who_asks_for_that_case(
    question: str, beginning: str, minilm: Embedder
) -> None:
    assert quoted_of(question, passage(LEASE, "lease"), minilm).text.startswith(beginning)


def test_a_role_is_known_by_its_other_name(minilm: Embedder) -> None:
    lease = passage(f"This lease is between Elena Marsh (the landlord) and Tom Reyes (the tenant). {LEASE}", "lease")
    assert quoted_of("Who is the lessor?", lease, minilm).text.startswith("This lease is between Elena Marsh")


@pytest.mark.parametrize(
    ("question", "statement", "depends"),
    [
        ("When is the rent due?", "2.3 If rent is more than 14 days late, interest is due.", True),
        ("When is the rent due?", "Unless the parties agree otherwise, rent is due on the first.", True),
        ("When is the rent due?", "Rent is due on the first if the bank is open.", False),
        (
            "Is interest due on late rent?",
            "If rent is late, interest is due.",
            False,
        ),  # the question speaks of the case
        ("What happens if the heating fails?", "If the home has no heating, the rent is reduced.", False),
        ("Who is told?", "In the event of a fire, the landlord is told.", True),
        ("Who is told?", "Ifeoma is told.", False),
    ],
)
def test_a_statement_that_holds_in_a_case_only_is_told(question: str, statement: str, *, depends: bool) -> None:
    assert depends_on_a_case(question, statement) is depends


def test_a_sentence_that_refers_back_is_quoted_with_the_one_before_it(minilm: Embedder) -> None:
    judgement = quoted("Who opened the plant of Bergen Pumps?", "It was opened by Maria Olsen in 1962.", minilm)
    assert judgement.text == "Bergen Pumps has one plant. It was opened by Maria Olsen in 1962."
    assert [sentence.citations for sentence in judgement.sentences] == [(1,), (1,)]
    assert judgement.citations[0].quote in PLANT


def test_a_row_is_shown_with_its_columns_and_cited_as_it_stands(minilm: Embedder) -> None:
    judgement = quoted("What is the membership fee of the club?", "Membership fee", minilm)
    assert judgement.text == ("Fees of the club\nFee | Due | Amount\nMembership fee | in January | 120 dollars")
    assert judgement.citations[0].quote == "Membership fee | in January | 120 dollars"
    assert judgement.citations[0].read_alone == judgement.text  # where it is offered and answers nothing


def test_a_row_answers_for_its_own_label_alone(minilm: Embedder) -> None:
    """Also in a passage that begins inside the table."""
    rows = passage("\n".join(f"Station {number} | {number * 7} | open" for number in range(40, 70)), "network")
    rows.metadata["table"] = "Table 4: stations\nStation | Docks | State"
    there = quoted_of("How many docks does Station 47 have?", rows, minilm)
    assert there.text == "Table 4: stations\nStation | Docks | State\nStation 47 | 329 | open"
    assert there.citations[0].quote == "Station 47 | 329 | open"
    assert quoted_of("How many docks does Station 33 have?", rows, minilm).sentences == ()


def test_the_engine_without_a_model_quotes_and_offers_the_next_best(plain_workspace: Workspace, tmp_path: Path) -> None:
    """Its words are the document's own, and a table's caption is none of its answers."""
    (tmp_path / "club.txt").write_text(
        "Table 2: the locker fee of the club in 2026\n\nThe locker fee of the club is 45 dollars.\n\n"
        "The club has a fee for each locker.", encoding="utf-8"
    )  # fmt: skip
    list(ingest(plain_workspace, [tmp_path / "club.txt"]))
    *_, answer = ask(plain_workspace, "How high is the locker fee of the club in 2026?")
    assert isinstance(answer, Answer)
    assert answer.text == "The locker fee of the club is 45 dollars."
    assert answer.alternative is not None
    assert [sentence.citations for sentence in answer.sentences] == [(1,)]


MINUTES = (
    "2. Roof repair\n\nMs Finch reported that the roof over the stairwell will be repaired in March. Scaffolding goes "
    "up on Friday. The landlord pays the whole cost of 38,500 pounds.\n\n3. Bicycles\n\nThe committee met."
)


def test_who_does_something_is_told_by_a_sentence_with_the_verb_under_its_heading(minilm: Embedder) -> None:
    """The heading stands in the passage, where no format told it from the text."""
    evidence = gather("Who pays for the roof repair?", [passage(MINUTES)], minilm)
    best, *_ = choose("Who pays for the roof repair?", "the roof will be repaired in March", evidence, minilm)
    assert best.evidence.text == "The landlord pays the whole cost of 38,500 pounds."
    by_text = {item.text: item for item in evidence}
    assert by_text["The landlord pays the whole cost of 38,500 pounds."].before > 0
    assert by_text["The committee met."].before == 0  # under another heading


@pytest.mark.parametrize(
    ("question", "statement", "tells"),
    [
        ("Who pays for the repair?", "The cost is high.", False),
        ("Who pays for the repair?", "The landlord pays the whole cost.", True),
        ("Who must pay for the repair?", "The roof is repaired.", False),
        ("Who is the landlord?", "The roof is repaired.", True),
        ("What is repaired?", "The roof.", True),
    ],
)
def test_only_a_question_who_does_something_wants_its_verb(question: str, statement: str, *, tells: bool) -> None:
    assert does_what_is_asked_for(question, frozenset(content_terms(statement))) is tells


def test_the_next_best_statement_is_offered_too(minilm: Embedder) -> None:
    judgement = quoted("When did the first pump leave the plant?", "", minilm)
    assert "1963" in judgement.text
    assert judgement.alternative
    assert judgement.alternative.quote in PLANT
    assert judgement.alternative.quote not in judgement.text


def test_a_heading_is_never_an_answer(minilm: Embedder) -> None:
    evidence = gather("Fees of the club", PASSAGES, minilm)
    assert all(not item.best.statement.heading for item in choose("Fees of the club", "", evidence, minilm))


def test_where_only_headings_and_figures_without_names_are_left_nothing_is_an_answer(minilm: Embedder) -> None:
    bare = passage("Fees of the club\n\n120 | 45 | 12\n130 | 50 | 13", "club")
    evidence = gather("Fees of the club", [bare], minilm)
    assert evidence
    assert choose("Fees of the club", "", evidence, minilm) == []
    judgement = quoted_of("What are the fees of the club?", bare, minilm)
    assert judgement.sentences == ()
    assert judgement.citations


def test_a_row_of_a_name_and_what_it_is_needs_no_columns(minilm: Embedder) -> None:
    told = passage("Terms of the lease\n\nMonthly rent | £1,450\nDeposit | £2,900\nNotice | two months", "lease")
    judgement = quoted_of("How much is the monthly rent?", told, minilm)
    assert "£1,450" in judgement.text


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


def test_a_number_in_words_and_an_irregular_verb_are_read_in_question_and_statement(minilm: Embedder) -> None:
    def score(question: str, text: str) -> float:
        evidence = gather(question, [passage(text)], minilm)
        return answer_score(question, evidence, evidence)

    museum, sales = "The museum has twelve galleries.", "Sales fell while costs rose."
    assert score("Has the museum 12 galleries?", museum) > score("Has the museum 15 galleries?", museum) + 1
    assert score("Has the museum twelve galleries?", museum) > score("Has the museum fifteen galleries?", museum) + 1
    # What fell is no opposite of what is asked for: it did fall.
    assert score("Why did sales fall?", sales) > score("Why did sales climb?", sales)


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


@pytest.mark.parametrize(
    ("question", "telling"),
    [
        ("How often must the coffee machine be descaled?", {"coffe", "machin", "descal"}),
        ("May a dog be kept?", {"dog", "kept"}),
        ("What does the machine need to run?", {"machin", "run"}),
        ("May 2024: who was elected?", {"may", "2024", "elect"}),
        ("Who was elected in May?", {"may", "elect"}),
    ],
)
def test_words_that_only_ask_weigh_nothing(question: str, telling: set[str]) -> None:
    assert set(weigh(question, apart([passage("A dog was kept in May.", "dogs")]))) == telling


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
