"""Sentences, words and numbers: the units in which everything else measures."""

from __future__ import annotations

import tracemalloc

import pytest

from docmind.sentences import content_terms, names, normal_number, numbers, split_sentences


def test_sentences_end_where_a_reader_ends_them() -> None:
    text = "The rent is £1,450.50 a month. Dr. Smith pays it, e.g. by transfer! Does she? Yes."
    assert split_sentences(text) == [
        "The rent is £1,450.50 a month.",
        "Dr. Smith pays it, e.g. by transfer!",
        "Does she?",
        "Yes.",
    ]


def test_an_abbreviation_ends_no_sentence() -> None:
    for text in (
        "See Mr. Lund, Ms. Tanaka and Prof. Adeyemi.",
        "Room No. 5 is approx. 20 square metres.",
        "Acme Inc. is the landlord (cf. Art. 3).",
    ):
        assert split_sentences(text) == [text]
    assert split_sentences("The answer is no. Ask again.") == ["The answer is no.", "Ask again."]


def test_a_line_break_ends_a_sentence() -> None:
    assert split_sentences("Part | Pieces\nSpoon | 1\n\n  Two words  \n") == ["Part | Pieces", "Spoon | 1", "Two words"]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\n"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == []


def test_no_letter_is_lost_in_splitting() -> None:
    text = "北京很大。上海也是。 Straße 5! “Yes.” (No.) … end"
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_telling_words_compare_across_grammar_and_case() -> None:
    assert set(content_terms("The RATE of interest")) == set(content_terms("interest rates"))
    assert content_terms("descaling the machines") == content_terms("Descale a machine")
    assert content_terms("the of and is") == []


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,577.00", "1577"),
        ("1577", "1577"),
        ("4.10", "4.10"),
        ("100", "100"),
        ("3.", "3"),
        ("10,000,", "10000"),
        ("0.0", "0"),
    ],
)
def test_one_number_has_one_spelling(written: str, number: str) -> None:
    assert normal_number(written) == number


def test_numbers_are_found_in_any_dress() -> None:
    assert numbers("£1,450.00 in 2025, 38% of (12) items; 7th place") == {"1450", "2025", "38", "12", "7"}
    assert numbers("no number at all") == set()


def test_names_are_found_inside_sentences() -> None:
    assert names("The landlord is Beatrix Nolan, of Linden Court.") == ["Beatrix", "Nolan", "Linden", "Court"]
    assert names("Nothing is named here.") == []


def test_a_line_without_end_is_split_in_bounded_memory_and_nothing_of_it_is_lost() -> None:
    line = "word " * 400_000
    tracemalloc.start()
    sentences = split_sentences(line)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "".join(sentences).replace(" ", "") == line.replace(" ", "")
    assert peak < 20 * len(line)
    assert split_sentences("x" * 50_000) == ["x" * 20_000, "x" * 20_000, "x" * 10_000]
