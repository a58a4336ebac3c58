"""The benchmark of answers scores as it says, makes sets in which what is said to be gone is gone, and goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.events import Answer, Read
from docmind.bench.answers.changed_questions import changed
from docmind.bench.answers.evaluation_set import EvaluationQuestion, EvaluationSet, read_set, shuffled
from docmind.bench.answers.keeping import Asked
from docmind.bench.answers.measuring import bench_answers
from docmind.bench.answers.removed_facts import without_fact
from docmind.bench.answers.run import Run
from docmind.bench.answers.scoring import altered, in_the_first_two, stands_in, verdict
from docmind.bench.answers.unanswerable import record
from docmind.bench.report import Report
from docmind.bench.retrieval.questions import read_questions
from docmind.errors import SettingsError
from docmind.records import Locator
from docmind.settings import Settings

TEXTS = {
    "Alder.md": "# Alder\n\nAlder sold 1,200 bicycles to schools in 1987. Its founder was Maria Holm.\n\n"
    "The workshop stands in Bergen harbour. Alder has ninety carpenters.\n\n"
    "In 1991 the company moved its offices to Oslo.\n",
    "Birch.md": "# Birch\n\nBirch paints wooden boats for fishermen. The largest boat was 40 metres long.\n\n"
    "Its paint is made from linseed oil.\n",
    "Cedar.md": "# Cedar\n\nCedar grows apples in the valley. The harvest of 2004 was 30 tonnes.\n\n"
    "Its cider won a medal in Paris.\n",
}
QUESTIONS = (
    ("How many bicycles did Alder sell to schools?", "Alder.md", "1,200"),
    ("Who was the founder of Alder?", "Alder.md", "Maria Holm"),
    ("Where does the workshop of Alder stand?", "Alder.md", "Bergen harbour"),
    ("How long was the largest boat of Birch?", "Birch.md", "40 metres"),
    ("What is the paint of Birch made from?", "Birch.md", "linseed oil"),
    ("Where did the cider of Cedar win a medal?", "Cedar.md", "Paris"),
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three small documents and questions that they answer."""
    folder = tmp_path / "set"
    (folder / "documents").mkdir(parents=True)
    for name, text in TEXTS.items():
        (folder / "documents" / name).write_text(text, encoding="utf-8")
    lines = [{"question": asked, "document": name, "answer": gold} for asked, name, gold in QUESTIONS]
    (folder / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def answer(text: str, *, found: bool = True, passage: str = "") -> Answer:
    """An answer of one sentence that cites a passage."""
    citation = Citation(1, "Alder.md", "1", Locator(), "", passage, passage)
    return Answer(
        question="?", text=text, found=found, stopped=False, draft=None,
        sentences=(AnswerSentence(text, found, 1.0, (1,)),), citations=(citation,), read=Read(1, 1, 10, 100),
        retrieve_seconds=0, first_token_seconds=None, total_seconds=0, tokens_per_second=None, engine="", model="",
    )  # fmt: skip


def figures(report: Report) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in report.figures}


@pytest.mark.parametrize(
    ("gold", "text"),
    [
        ("1,200", "They sold 1200 bicycles."),
        ("six", "It took 6 days."),
        ("nineteenth", "In the early 19th century."),
        ("The Maria Holm", "maria holm, who founded it"),
        ("6½", "He added 6.5 sacks."),
        ("20%", "About 20 percent of them."),
        ("1987", "(1987)"),
    ],
)
def test_an_answer_stands_in_a_text_however_it_is_written(gold: str, text: str) -> None:
    assert stands_in([gold], text)


@pytest.mark.parametrize(("gold", "text"), [("12", "In 2012."), ("Holm", "Holmgren"), ("...", "Anything.")])
def test_part_of_a_word_is_not_the_answer(gold: str, text: str) -> None:
    assert not stands_in([gold], text)


def test_an_answer_is_right_wrong_or_refused() -> None:
    assert verdict(answer("Maria Holm founded it."), ["Maria Holm"]) == "right"
    assert verdict(answer("Somebody in Oslo founded it."), ["Maria Holm"]) == "wrong"
    assert verdict(answer("Maria Holm founded it.", found=False), ["Maria Holm"]) == "refused"
    assert verdict(answer("It was she."), ["Maria Holm", "she"]) == "right"  # any of several ways to say it


def test_the_next_best_statement_counts_apart() -> None:
    offered = Citation(1, "Alder.md", "1", Locator(), "", "Maria Holm founded it.", "Maria Holm founded it.")
    beside = replace(answer("It stands in Oslo."), alternative=offered)
    assert verdict(beside, ["Maria Holm"]) == "wrong"
    assert in_the_first_two(beside, ["Maria Holm"])
    assert not in_the_first_two(replace(beside, found=False), ["Maria Holm"])


def test_a_quotation_is_altered_when_its_letters_are_not_the_documents() -> None:
    passage = "Alder sold 1,200 bicycles\nto schools in 1987."
    assert altered(answer('"Alder sold 1,200 bicycles to schools in 1987."', passage=passage)) == []
    assert altered(answer("Alder sold 1200 bicycles to schools in 1987.", passage=passage)) != []
    assert altered(answer("Alder sold nothing.", found=False, passage=passage)) == []  # not shown as supported


def test_a_set_is_split_by_its_documents(data: Path) -> None:
    whole = read_set(data)
    first, second = whole.half("first"), whole.half("second")
    assert {each.document for each in first.questions} == {"Alder.md", "Birch.md"}
    assert {each.document for each in second.questions} == {"Cedar.md"}
    assert list(first.documents) == list(TEXTS)  # the library is the same for both


def test_a_smaller_sample_begins_a_larger_one_and_is_spread_over_the_documents(data: Path) -> None:
    questions = read_set(data).questions
    assert shuffled(questions, "x") == shuffled(questions, "x")
    assert len({each.document for each in shuffled(questions, "x")[:3]}) == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"question": "Why?", "document": "Alder.md"}', "Line 7 .*'answer' .* is missing"),
        ('{"question": "Why?", "document": "Elm.md", "answer": "x"}', "Elm.md"),
        ('{"question": "Why?", "document": "Alder.md", "answer": []}', "Line 7 .*'answer' should be a text or a list"),
        ('{"question": 5}', "Line 7 .*'question' should be a text, and is 5"),
        ('{"question": "Why?", "document": ["Alder.md"], "answer": "x"}', "Line 7 .*'document' should be a text"),
        ('{"question": "Why?", "document": "Alder.md", "answer": "x", "passage": 3}', "Line 7 .*'passage' should be"),
        ('["Why?"]', "Line 7 .*no JSON object"),
        ("Why?", "Line 7 .*Expecting value"),
    ],
)
def test_a_set_that_cannot_be_read_says_where(data: Path, line: str, said: str) -> None:
    with (data / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(SettingsError, match=said):
        read_set(data)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no file here that fails to be read")
def test_questions_that_cannot_be_read_say_why(data: Path) -> None:
    (data / "questions.jsonl").unlink()
    (data / "questions.jsonl").symlink_to("/proc/self/mem")
    with pytest.raises(SettingsError, match=r"questions\.jsonl cannot be read"):
        read_set(data)
    with pytest.raises(SettingsError, match=r"questions\.jsonl cannot be read"):
        read_questions(data / "questions.jsonl", data / "documents")


@pytest.mark.parametrize("part", ["anserable", "answerable=0", "answerable=-1", f"answerable={'9' * 50}"])
def test_a_part_that_cannot_be_measured_is_refused_before_anything_is_read(
    plain_settings: Settings, tmp_path: Path, part: str
) -> None:
    with pytest.raises(SettingsError, match=r"There are: answerable, .* at least 1, as in answerable=40"):
        bench_answers(plain_settings, tmp_path / "no data", parts=[part])


def test_answerable_questions_are_scored_and_each_can_be_looked_at(plain_settings: Settings, data: Path) -> None:
    report = bench_answers(plain_settings, data, parts=["answerable"], half="both")
    named = figures(report)
    for half in ("first", "second"):
        assert (
            sum(named[f"answerable: {verdict} ({half} half)"] or 0 for verdict in ("right", "wrong", "refused")) == 100
        )
        assert named[f"answerable: altered sentences ({half} half)"] == 0
    assert [row[0] for row in report.rows[:2]] == ["figure", "answerable: right"]
    assert len(report.details) == len(QUESTIONS)
    assert {"question", "verdict", "answer", "gold", "nearest"} <= set(report.details[0])


def test_a_run_goes_on_with_the_answers_it_has(plain_settings: Settings, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    few = bench_answers(plain_settings, data, parts=["answerable=2"], out=out)
    kept = out / "answers" / "answers.jsonl"
    with kept.open("a", encoding="utf-8") as file:
        file.write('{"key": "cut sho')  # as a kill leaves it
    more = bench_answers(plain_settings, data, parts=["answerable=4"], out=out)
    assert more.details[:2] == few.details
    keys = [line for line in kept.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    assert len(keys) == 4  # none was asked twice
    assert bench_answers(plain_settings, data, parts=["answerable=4"], out=out).figures == more.figures


def test_a_copy_of_a_document_can_be_asked_by_its_own_name(
    plain_settings: Settings, data: Path, tmp_path: Path
) -> None:
    (data / "documents" / "Copy.md").write_text(TEXTS["Birch.md"], encoding="utf-8")
    with Run(plain_settings, read_set(data), tmp_path / "out").library() as library:
        assert library.text("Copy.md") == library.text("Birch.md")


def test_a_document_that_changed_is_asked_again(plain_settings: Settings, data: Path, tmp_path: Path) -> None:
    whole = read_set(data)
    run = Run(plain_settings, whole, tmp_path / "out")

    def nearest(where: EvaluationSet) -> str:
        with replace(run, data=where).library() as library:
            return str(library.ask(QUESTIONS[1][0]).nearest["text"])

    assert "Maria Holm" in nearest(whole)
    (data / "documents" / "Alder.md").write_text(TEXTS["Alder.md"].replace("Maria", "Berit"), encoding="utf-8")
    assert "Berit Holm" in nearest(read_set(data))
    (data / "documents" / "Alder.md").unlink()  # what is no longer in the folder is no longer in the library
    assert "Holm" not in nearest(whole)


HOLM = (
    "# Alder\n\nThe founder was Maria Holm, a teacher.\n\n"
    "In 1987 Maria Holm sold it. The workshop stands in Bergen.\n\n"
    "The founder was Holm, the teacher. It has ninety carpenters.\n\nOslo came later.\n"
)


def test_a_fact_that_was_removed_is_gone_and_the_rest_is_there() -> None:
    asked = EvaluationQuestion("1", "Who was the founder of Alder?", "Alder.md", ("Maria Holm",))
    left = without_fact(HOLM, asked)
    assert left is not None
    assert not stands_in(["Maria Holm"], left)
    assert "teacher" not in left  # said a second time in nearly the same words
    for kept in ("# Alder", "The workshop stands in Bergen.", "It has ninety carpenters.", "Oslo came later."):
        assert kept in left


def test_a_fact_is_not_removed_where_it_cannot_be() -> None:
    asked = EvaluationQuestion("1", "What is the company called?", "Alder.md", ("Alder",))
    assert without_fact(HOLM, asked) is None  # the heading says it
    assert without_fact(HOLM, EvaluationQuestion("1", "Who paid?", "Alder.md", ("nobody",))) is None
    short = "# Alder\n\nThe founder was Maria Holm.\n\nOslo came later.\n"
    assert without_fact(short, EvaluationQuestion("1", "Who founded it?", "Alder.md", ("Maria Holm",))) is None


@pytest.mark.parametrize(
    ("kind", "question", "gone"),
    [
        ("another year", "How many bicycles were sold to schools in 1987?", "1987"),
        ("another name", "What does the school say of Maria Holm today?", "Maria Holm"),
        ("the opposite", "How long was the largest boat?", "largest"),
        ("another attribute", "What was the length of the boat?", "length"),
    ],
)
def test_a_question_is_changed_to_ask_for_what_the_document_lacks(kind: str, question: str, gone: str) -> None:
    text = (
        "# Boats\n\nThe largest boat was 40 metres in length. In 1987 bicycles were sold to schools.\n\n"
        "The school honours its founder Maria Holm. An offer was made by Jonas Berg Lunde.\n"
    )
    made = changed(EvaluationQuestion("1", question, "Boats.md", ("40",)), text)[kind]
    assert gone not in made
    assert made != question


def test_a_question_is_not_changed_into_one_that_the_document_answers() -> None:
    text = "# Boats\n\nThe largest boat was 40 metres long, the smallest boat was 3 metres long.\n"
    asked = EvaluationQuestion("1", "How long was the largest boat?", "Boats.md", ("40",))
    assert "the opposite" not in changed(asked, text)


def test_an_answer_that_corrects_the_question_does_not_accept_it() -> None:
    asked = EvaluationQuestion("1", "How many catches did Kuechly register?", "Bowl.md", ("118",))
    said = "The documents say 118 tackles, not 118 catches."
    for given, expected in ((replace(answer(said), correction=said), "corrected"), (answer("118 catches"), "accepted")):
        found = record("near-miss", "another name", asked, asked.question, "Bowl.md", Asked(given, (), {}))
        assert found["verdict"] == expected


def test_unanswerable_questions_are_scored_by_what_is_shown(plain_settings: Settings, data: Path) -> None:
    with (data / "questions.jsonl").open("a", encoding="utf-8") as file:  # a second fact of the same paragraph
        file.write(
            json.dumps({"question": "When did Alder sell to schools?", "document": "Alder.md", "answer": "1987"})
        )
    report = bench_answers(plain_settings, data, parts=["near-miss=8", "absent=3", "other-scope=3"])
    named = figures(report)
    for name in ("near-miss: accepted", "absent: accepted, own document not there"):
        assert named[name] is not None
    by_part = {
        part: [detail for detail in report.details if detail["part"] == part] for part in ("near-miss", "absent")
    }
    assert len(by_part["absent"]) == 3
    assert not [detail for detail in by_part["absent"] if detail["gold shown"]]
    assert {"fact removed"} <= {detail["kind"] for detail in by_part["near-miss"]}
    assert report.plots[0].groups == ("near-miss", "absent", "other-scope")
