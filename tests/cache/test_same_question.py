"""Which questions ask the same, and which only look like it: a class a trap."""

from __future__ import annotations

import pytest

from docmind.answering.cache.comparing import difference, mend, one_slip
from docmind.answering.cache.phrasing import bare, lemmas, one_spelling
from docmind.answering.cache.reading import read_question

# What the embedding model's tokenizer has whole; a slip makes a word that it does not have.
UNKNOWN = {"monthyl", "captial", "wich", "whihc", "revenu", "presidnt", "winnner"}


def same(one: str, other: str) -> bool:
    def is_known(word: str) -> bool:
        return word not in UNKNOWN

    first, second = (read_question(question, mend(is_known)) for question in (one, other))
    assert bool(difference(first, second, is_known)) == bool(difference(second, first, is_known))
    return not difference(first, second, is_known)


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("What is the monthly rent?", "what is the monthly rent"),
        ("What is the monthly rent?", "WHAT IS THE MONTHLY RENT???"),
        ("What is the monthly rent?", "What's the monthly rent?"),
        ("What is the monthly rent?", "Could you please tell me what the monthly rent is?"),
        ("What is the monthly rent?", "Hi, I'd like to know: what is the monthly rent? Thanks!"),
        ("What is the monthly rent?", "According to the document, what is the monthly rent?"),
        ("What is the monthly rent?", "The monthly rent is what?"),
        ("What is the monthly rent?", "What is the monthyl rent?"),
        ("Which city is the capital?", "Wich city is the captial?"),
        ("When was the bank founded?", "In what year was the bank founded?"),
        ("When was the bank founded?", "The bank was established when?"),
        ("When was the bank founded?", "Do you know when the bank was founded?"),
        ("Who won the final in 2015?", "In 2015, who won the final?"),
        ("Who wrote the report?", "By whom was the report written?"),
        ("Who wrote the report?", "Who was the report written by?"),
        ("How many people live in Leeds?", "What is the number of people who live in Leeds?"),
        ("What is the capital of France?", "What is France's capital?"),
        ("Which colour is the centre?", "What color is the center?"),
        ("Who paid 10,000 dollars?", "Who paid $10 000?"),
        ("Who paid 1.2 million dollars?", "Who paid $1,200,000?"),
        ("Which of the two ships sank?", "Which of the 2 ships sank?"),
        ("Why did the firm not pay?", "Why didn't the company pay?"),
        ("When did the war begin?", "When did the war start?"),
        ("Is the garden open on Sunday?", "Can you tell me if the garden is open on Sunday?"),
        ("Where did the meeting take place?", "In which place did the meeting happen?"),
    ],
)
def test_the_same_question_in_other_words_is_the_same(kept: str, asked: str) -> None:
    assert same(kept, asked)


TRAPS = {
    "a name": [
        ("What is the capital of France?", "What is the capital of Italy?"),
        ("What is the rent of flat A?", "What is the rent of flat B?"),
        ("Who is Anna Larsen?", "Who is Anne Larsen?"),
        ("When did Apple publish it?", "When did Google publish it?"),
    ],
    "a number or date": [
        ("What was the revenue in 2014?", "What was the revenue in 2015?"),
        ("What happened on 3 May 2015?", "What happened on 4 May 2015?"),
        ("What happened on 3 May 2015?", "What happened on 3 June 2015?"),
        ("Who paid 10,000 dollars?", "Who paid 100,000 dollars?"),
        ("What does section 4.1 say?", "What does section 4.10 say?"),
        ("Who came second?", "Who came third?"),
        ("What was the first article?", "What was the second article?"),
    ],
    "a unit": [
        ("How far is 5 km?", "How far is 5 miles?"),
        ("How many months does it take?", "How many weeks does it take?"),
        ("What is 5 % of it?", "What is 5 of it?"),
        ("Who paid 10 dollars?", "Who paid 10 euros?"),
    ],
    "a denial": [
        ("Who did pay the rent?", "Who did not pay the rent?"),
        ("Which states agreed?", "Which states never agreed?"),
        ("Which rooms have windows?", "Which rooms have no windows?"),
        ("Who came with a ticket?", "Who came without a ticket?"),
        ("Is the deposit refundable?", "Isn't the deposit refundable?"),
        ("Which are listed?", "Which are unlisted?"),
    ],
    "the opposite": [
        ("When did prices rise?", "When did prices fall?"),
        ("What is the maximum fee?", "What is the minimum fee?"),
        ("Who was the buyer?", "Who was the seller?"),
        ("What was the first step?", "What was the last step?"),
        ("What is legal there?", "What is illegal there?"),
        ("Is it typical?", "Is it atypical?"),
    ],
    "what is asked for": [
        ("When did she leave?", "Why did she leave?"),
        ("Who signed it?", "When was it signed?"),
        ("How many ships sank?", "Which ships sank?"),
        ("How long is the bridge?", "How old is the bridge?"),
        ("In what year did it open?", "In what city did it open?"),
        ("What is the fee?", "Is there a fee?"),
        ("Who was it?", "Whose was it?"),
    ],
    "who does it to whom": [
        ("Did Google acquire Waymo?", "Did Waymo acquire Google?"),
        ("Who did the Broncos beat?", "Who beat the Broncos?"),
        ("Who bought the house?", "Whom did the house buy?"),
        ("Who wrote Emma?", "Who did Emma write?"),
        ("Who was invited by Anna?", "Who invited Anna?"),
        ("Which firm sued Acme?", "Which firm did Acme sue?"),
        ("How many points did Rome score against Milan?", "How many points did Milan score against Rome?"),
        ("What was Anna's brother's name?", "What was Anna's name's brother?"),
        ("When did Prussia attack Denmark?", "When was Prussia attacked by Denmark?"),
        ("Who borrowed money from the bank?", "Who did the bank borrow money from?"),
    ],
    "from where to where": [
        ("How long is the flight from Oslo to Rome?", "How long is the flight from Rome to Oslo?"),
        ("Who moved from sales to finance?", "Who moved from finance to sales?"),
        ("To whom did she write?", "From whom did she hear?"),
        ("Who did she write to?", "Who did she write about?"),
        ("What rose from 5 to 10?", "What rose from 10 to 5?"),
    ],
    "before and after": [
        ("What happened before the war?", "What happened after the war?"),
        ("What was true until 2010?", "What was true since 2010?"),
        ("What happened in the war?", "What happened before the war?"),
        ("Who is the director?", "Who was the director?"),
        ("Who is the current director?", "Who is the former director?"),
        ("Who leads the party?", "Who led the party?"),
        ("Does Oslo pay?", "Did Oslo pay?"),
    ],
    "more and less": [
        ("Which costs more than 5 pounds?", "Which costs less than 5 pounds?"),
        ("Which is the largest lake?", "Which is the smallest lake?"),
        ("Which is the largest lake?", "Which is the large lake?"),
        ("Which took at least ten days?", "Which took at most ten days?"),
        ("Which took over ten days?", "Which took ten days?"),
        ("Which was the most popular?", "Which was the least popular?"),
    ],
    "all and some": [
        ("Are all members paid?", "Are some members paid?"),
        ("Which apply to every tenant?", "Which apply to any tenant?"),
        ("Who only sold books?", "Who sold books?"),
        ("Which other rooms are there?", "Which rooms are there?"),
        ("Did both parties sign?", "Did either party sign?"),
        ("How many people came?", "How few people came?"),
    ],
    "may and must": [
        ("What may the tenant do?", "What must the tenant do?"),
        ("What can be deducted?", "What should be deducted?"),
        ("Who will pay?", "Who would pay?"),
    ],
    "another side of the same thing": [
        ("What is the population of Chad?", "What is the area of Chad?"),
        ("Who directed the film?", "Who produced the film?"),
        ("What is the deposit of the flat?", "What is the rent of the flat?"),
        ("Who is the author of it?", "Who is the authority of it?"),
        ("Which imports rose?", "Which important rose?"),
        ("What is the university called?", "What is the universe called?"),
    ],
    "a part more or less": [
        ("How many people died?", "How many people died in Paris?"),
        ("What is the rent?", "What is the rent for pets?"),
        ("What is the rent?", "What is the monthly rent?"),
    ],
    "words that only look misspelt": [
        ("What is the form of the contract?", "What is the norm of the contract?"),
        ("Who likes the causal link?", "Who likes the casual link?"),
        ("What is in the first county?", "What is in the first country?"),
    ],
}


@pytest.mark.parametrize("trap", TRAPS)
def test_questions_that_differ_in_what_matters_are_not_the_same(trap: str) -> None:
    assert [pair for pair in TRAPS[trap] if same(*pair)] == []


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Could you tell me who won?", "who won?"),
        ("I was wondering, is it raining?", "is it raining?"),
        ("Who wrote it, do you know?", "Who wrote it"),
        ("Who would like to know more?", "Who would like to know more?"),
        ("Can you tell a male from a female?", "Can you tell a male from a female?"),
        ("What can you tell me about the lease?", "What can you tell me about the lease?"),
    ],
)
def test_politeness_is_left_out_and_nothing_else(said: str, asked: str) -> None:
    assert bare(said) == asked


def test_a_slip_is_one_letter() -> None:
    assert one_slip("capital", "captial")
    assert one_slip("capital", "capitall")
    assert one_slip("capital", "capial")
    assert one_slip("capital", "capitel")
    assert not one_slip("capital", "captiel")
    assert not one_slip("capital", "capital")


def test_only_endings_are_taken_off() -> None:
    assert lemmas("planned") >= {"plan"}
    assert lemmas("cities") >= {"city"}
    assert not lemmas("universe") & lemmas("university")
    assert lemmas("news") == {"news"}


def test_british_and_american_spellings_are_one() -> None:
    for british, american in (
        ("colour", "color"),
        ("organised", "organized"),
        ("theatre", "theater"),
        ("defence", "defense"),
        ("travelled", "traveled"),
        ("catalogue", "catalog"),
    ):
        assert one_spelling(british) == one_spelling(american)
