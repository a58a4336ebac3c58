"""Citations: what the real MiniLM and the rules of proof make of true, false and evasive answers."""

from __future__ import annotations

import time

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from docmind.answering.citations import AnswerSentence, Citation, align, answer_sentences, nearest
from docmind.answering.evidence import Evidence, gather, most_telling
from docmind.embeddings import Embedder
from docmind.records import Locator

LEASE = (
    "The rent is £1,450 a month, payable in advance on the first day of each month. "
    "The deposit is £2,000 and is held by Haven Deposits. "
    "The tenant may not keep pets without written consent. "
    "Either party ends the lease by giving one month's written notice to the other. "
    "The landlord must repair an urgent fault within 24 hours."
)
MANUAL = "Descale the machine every three months. Vinegar damages the seals. Maria Olsen answers questions about it."
THRESHOLD = 0.6


def passage(name: str, text: str, page: int | None, heading: str = "") -> TextNode:
    return TextNode(
        id_=f"00000000-0000-4000-8000-{sum(name.encode()):012d}",
        text=text,
        metadata={"title": name, "heading": heading, "document": f"{name}.pdf", "page": page, "ordinal": 0},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"id-of-{name}")},
    )


PASSAGES = [passage("lease", LEASE, 2, "Rent"), passage("manual", MANUAL, None)]


@pytest.fixture(scope="module")
def embedder(minilm: Embedder) -> Embedder:
    return minilm


def evidence(question: str, embedder: Embedder) -> list[Evidence]:
    return gather(question, PASSAGES, embedder)


def judged(question: str, answer: str, embedder: Embedder) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    return align(question, answer, evidence(question, embedder), embedder, THRESHOLD)


def supported(question: str, answer: str, embedder: Embedder) -> bool:
    sentences, _ = judged(question, answer, embedder)
    return all(sentence.supported for sentence in sentences)


def test_a_quotation_is_supported_by_its_own_sentence(embedder: Embedder) -> None:
    quote = "The deposit is £2,000 and is held by Haven Deposits."
    (sentence,), (citation,) = judged("How much is the deposit?", quote, embedder)
    assert sentence == AnswerSentence(quote, True, sentence.score, (1,))
    assert sentence.score > 0.95
    assert citation.quote == quote
    assert (citation.n, citation.document, citation.document_id) == (1, "lease.pdf", "id-of-lease")
    assert (citation.locator.page, citation.heading, citation.passage) == (2, "Rent", LEASE)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How much is the rent?", "The rent is £1,450 each month."),
        ("How much is the rent?", "It is £1450.00 a month."),
        ("How often must I descale?", "You descale the machine every three months."),
        ("When must a fault be repaired?", "The landlord has to repair urgent faults within 24 hours."),
        ("How does the lease end?", "A party ends the lease by giving the other one month's notice in writing."),
        ("Are pets allowed?", "Without written consent the tenant may not keep pets."),
        ("Who answers questions?", "Questions about it are answered by Maria Olsen."),
    ],
)
def test_a_true_answer_in_other_words_is_supported(question: str, answer: str, embedder: Embedder) -> None:
    assert supported(question, answer, embedder)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How much is the rent?", "The rent is £1,540 a month."),
        ("How much is the rent?", "The rent is £14.50 a month."),
        ("Is the rent £1,700 a month?", "Yes, the rent is £1,700 a month."),
        ("Is the rent £2,000 a month?", "Yes, the rent is £2,000 a month, payable in advance on the first day."),
        ("When must a fault be repaired?", "The landlord must repair an urgent fault within 48 hours."),
        ("How much is the deposit?", "The deposit is £2,000, of which 12% is kept."),
    ],
)
def test_a_number_that_the_source_lacks_is_not_supported(question: str, answer: str, embedder: Embedder) -> None:
    assert not supported(question, answer, embedder)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who holds the deposit?", "The deposit is £2,000 and is held by Barclays Deposits."),
        ("Who answers questions?", "Questions about it are answered by Peter Olsen."),
        ("Is the deposit held by Barclays?", "Yes, the deposit is held by Barclays."),
    ],
)
def test_a_name_that_the_source_lacks_is_not_supported(question: str, answer: str, embedder: Embedder) -> None:
    assert not supported(question, answer, embedder)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Are pets allowed?", "The tenant may keep pets."),
        ("Does vinegar harm?", "Vinegar does not damage the seals."),
        ("Does the landlord repair faults?", "The landlord never has to repair an urgent fault within 24 hours."),
        ("Is the rent due in advance?", "The rent isn't payable in advance on the first day of each month."),
    ],
)
def test_a_denial_of_the_source_is_not_supported(question: str, answer: str, embedder: Embedder) -> None:
    assert not supported(question, answer, embedder)


@pytest.mark.parametrize(
    "answer",
    [
        "The sun rises in the east.",
        "The landlord likes to sing in the evening.",
        "I am happy to help you with that!",
        "How much is the rent?",
        "Is the rent not £1,450 a month?",
        "Of the and.",
    ],
)
def test_what_no_passage_says_is_not_supported(answer: str, embedder: Embedder) -> None:
    assert not supported("How much is the rent?", answer, embedder)


def test_each_sentence_is_judged_alone(embedder: Embedder) -> None:
    answer = "The rent is £1,450 a month. It includes a free car. Vinegar damages the seals."
    sentences, citations = judged("How much is the rent?", answer, embedder)
    assert [sentence.supported for sentence in sentences] == [True, False, True]
    assert [sentence.citations for sentence in sentences] == [(1,), (), (2,)]
    assert [(citation.n, citation.document) for citation in citations] == [(1, "lease.pdf"), (2, "manual.pdf")]


def test_two_sentences_from_one_place_share_a_citation(embedder: Embedder) -> None:
    answer = "The deposit is £2,000. It is held by Haven Deposits."
    sentences, citations = judged("How much is the deposit?", answer, embedder)
    assert [sentence.citations for sentence in sentences] == [(1,), (1,)]
    assert len(citations) == 1


def test_the_models_own_marks_prove_nothing_and_are_not_shown(embedder: Embedder) -> None:
    sentences, citations = judged("How much is the rent?", "The rent is £9,999 a month [1]. See [2, 3].", embedder)
    assert not any(sentence.supported for sentence in sentences)
    assert not any("[" in sentence.text for sentence in sentences)
    assert [sentence.verdict for sentence in sentences] == ["partly supported", "not supported"]
    assert [citation.document for citation in citations] == ["lease.pdf"]  # of what the rent truly is


def test_an_answer_splits_into_sentences_without_marks() -> None:
    assert answer_sentences("1. Pay rent [1].\n2) Keep quiet[2,3].\n***\n- Leave.") == [
        "1. Pay rent.",
        "2) Keep quiet.",
        "- Leave.",
    ]
    assert answer_sentences("") == []
    assert answer_sentences("[1] [2]") == []


@pytest.mark.parametrize("answer", ["", "   ", "[1]"])
def test_no_answer_has_no_sentences(answer: str, embedder: Embedder) -> None:
    assert judged("How much is the rent?", answer, embedder) == ((), ())


def test_without_passages_nothing_is_supported(embedder: Embedder) -> None:
    sentences, citations = align("Rent?", "The rent is £1,450.", [], embedder, THRESHOLD)
    assert [(sentence.supported, sentence.score) for sentence in sentences] == [(False, 0.0)]
    assert citations == ()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How much is the rent?", "£1,450 a month"),
        ("How much is the rent?", "The answer is £1,450."),
        ("How much is the deposit?", "2000"),
        ("Who holds the deposit?", "Haven Deposits"),
        ("Within how many hours must an urgent fault be repaired?", "24"),
        ("Within how many hours must an urgent fault be repaired?", "twenty-four hours"),
        ("What may the tenant not keep without written consent?", "pets"),
        ("What damages the seals?", "Vinegar"),
        ("Who holds the deposit?", "Who holds the deposit? Haven Deposits"),
        ("Who holds the deposit?", "Haven Deposits holds the deposit."),
    ],
)
def test_a_bare_answer_is_proved_by_the_sentence_that_answers(question: str, answer: str, embedder: Embedder) -> None:
    assert supported(question, answer, embedder)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How much is the rent?", "2,000"),
        ("How much is the deposit?", "£1,450"),
        ("Who holds the deposit?", "Maria Olsen"),
        ("Who holds the deposit?", "The answer is Maria Olsen."),
        ("What damages the seals?", "pets"),
        ("What does vinegar protect?", "the seals"),
        ("Within how many days must an urgent fault be repaired?", "24 days"),
        ("Who holds the deposit?", "Maria Olsen holds the deposit."),
    ],
)
def test_a_bare_answer_that_answers_something_else_is_not_supported(
    question: str, answer: str, embedder: Embedder
) -> None:
    assert not supported(question, answer, embedder)


def test_two_sources_support_together_what_neither_says_alone(embedder: Embedder) -> None:
    answer = "The rent is £1,450 a month, and the deposit is held by Haven Deposits."
    (sentence,), citations = judged("How much is the rent?", answer, embedder)
    assert sentence.supported
    assert sentence.citations == (1, 2)
    assert {citation.quote.split(" is ")[0] for citation in citations} == {"The rent", "The deposit"}
    false = "The rent is £1,450 a month, and the deposit is held by Maria Olsen."
    assert not supported("How much is the rent?", false, embedder)


def test_five_sentences_over_sixty_are_judged_in_no_time(embedder: Embedder) -> None:
    text = " ".join(f"The clause {number} about rent says that {number * 7} pounds are due." for number in range(60))
    found = gather("What is due?", [passage("clauses", text, 1)], embedder)
    answer = " ".join(f"The clause {number} says that {number * 7} pounds are due." for number in range(5, 10))
    started = time.process_time()
    sentences, _ = align("What is due?", answer, found, embedder, THRESHOLD)
    assert time.process_time() - started < 1.5  # of all cores together, on a machine that has other work as well
    assert all(sentence.supported for sentence in sentences)


def test_the_threshold_decides(embedder: Embedder) -> None:
    found = evidence("How much is the rent?", embedder)
    answer = "The rent is £1,450 each month."
    (strict,), _ = align("How much is the rent?", answer, found, embedder, 1.0)
    (lenient,), _ = align("How much is the rent?", answer, found, embedder, 0.1)
    assert (strict.supported, lenient.supported) == (False, True)
    assert strict.score == lenient.score


def test_the_nearest_places_come_one_a_passage_the_nearest_first(embedder: Embedder) -> None:
    places = nearest(evidence("What harms the seals of the machine?", embedder))
    assert [(place.n, place.document) for place in places] == [(1, "manual.pdf"), (2, "lease.pdf")]
    assert places[0].quote == "Vinegar damages the seals."
    assert nearest([]) == ()


def test_citations_say_the_place_in_the_terms_of_the_format(embedder: Embedder) -> None:
    node = passage("deck", "The rent is due monthly.", None)
    node.metadata["slide"] = 7
    (shown,) = nearest(gather("When is the rent due?", [node], embedder))
    assert (shown.locator, shown.place) == (Locator(slide=7), "deck.pdf, slide 7")
    leased = nearest(gather("How much is the rent?", PASSAGES[:1], embedder))[0]  # a payload that knows pages only
    assert (leased.locator, leased.place) == (Locator(page=2), "lease.pdf, page 2")


def test_a_name_is_proved_by_the_abbreviation_that_a_passage_explains(embedder: Embedder) -> None:
    question = "Who compiles and reports the sizes of all shipyards?"
    found = [
        passage("papers", "Captains read the Oslo Shipping Review (OSR), the Bergen Echo and the Narvik Times.", 1),
        passage("yards", "Each year, OSR compiles and reports the sizes of all shipyards of the north.", 2),
    ]

    def stands(answer: str) -> bool:
        sentences, citations = align(question, answer, gather(question, found, embedder), embedder, THRESHOLD)
        return sentences[0].supported and "compiles" in citations[0].quote

    assert stands("Oslo Shipping Review (OSR)")
    assert not stands("Bergen Shipping Review (BSR)")


def test_the_most_relevant_sentence_is_the_one_asked_for(embedder: Embedder) -> None:
    question = "How much notice ends the lease?"
    assert "one month's written notice" in most_telling(evidence(question, embedder)).text


def test_headings_and_marks_are_no_evidence(embedder: Embedder) -> None:
    node = passage("note", "Rent\n\nThe rent is due.\n***\n---", None, "Rent")
    assert [item.text for item in gather("When is rent due?", [node], embedder)] == ["The rent is due."]
    assert gather("Anything?", [passage("note", "***", None)], embedder) == []
    assert gather("Anything?", [], embedder) == []


@pytest.mark.parametrize(
    ("source", "answer", "proved"),
    [
        ("Jones signed the supply contract with Acme in May.", "Jones signed the supply contract with Acme.", True),
        ("Jones signed the supply contract with Acme in May.", "Smith signed the supply contract with Acme.", False),
        ("Section 4.1 allows pets in the home.", "Section 4.10 allows pets in the home.", False),
        ("The fee is 45.00 euros a year.", "The fee is 45 euros a year.", True),
    ],
)
def test_names_at_the_beginning_and_numbers_of_sections_must_match(
    source: str, answer: str, proved: bool, embedder: Embedder
) -> None:
    gathered = gather("What does it say?", [passage("other", source, 1)], embedder)
    (sentence,), _ = align("What does it say?", answer, gathered, embedder, THRESHOLD)
    assert sentence.supported is proved


def test_a_row_supports_what_it_says_under_its_header(embedder: Embedder) -> None:
    table = "| Flat | Monthly rent |\n|---|---|\n| Flat 3 | £1,450 |\n| Flat 4 | £1,610 |"
    found = gather("What is the monthly rent of Flat 3?", [passage("rents", table, 1)], embedder)
    for answer, proved in (("The monthly rent of Flat 3 is £1,450.", True), ("The rent of Flat 3 is £1,610.", False)):
        sentences, _ = align("What is the monthly rent of Flat 3?", answer, found, embedder, THRESHOLD)
        assert [sentence.supported for sentence in sentences] == [proved]
