"""The benchmark of the search reads questions of both kinds, measures as it says, and takes the search apart."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from commands import Call, Shell
from docmind.bench.intervals import bootstrap, wilson
from docmind.bench.retrieval.measuring import bench_retrieval
from docmind.bench.retrieval.metrics import Ranks, holds, measures, ranks_of
from docmind.bench.retrieval.questions import RetrievalQuestion, in_folder, read_questions
from docmind.errors import SettingsError
from docmind.settings import Settings
from filings import write_filings

STAGES = [
    "words alone", "meaning alone", "words and meaning", "+ captions of pages", "+ figures asked for",
    "+ names of documents", "the whole search",
]  # fmt: skip
BY_PAGE = RetrievalQuestion(1, "?", "a.pdf", pages=frozenset({3, 4}))
BY_ANSWER = RetrievalQuestion(1, "?", "a.md", answers=("Maria Holm", "Mrs Holm"))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two filings of two pages, notes without pages, a copy of them, and five questions; nobody may change it."""
    folder = write_filings(tmp_path_factory.mktemp("retrieval") / "set", asked=(1, 2))
    (folder / "pdfs").rename(folder / "documents")
    for name in ("copy.md", "notes.md"):
        (folder / "documents" / name).write_text(
            "# Cedar\n\nThe founder of Cedar was\nMaria Holm, a teacher.\n\n# Apples\n\nCedar grows apples.\n",
            encoding="utf-8",
        )
    with (folder / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"question": "Who was the founder of Cedar?", "document": "notes.md", "answer": "maria holm"}\n')
    return folder


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where reports go and the library is kept, so that it is read only once."""
    return tmp_path_factory.mktemp("reports")


@pytest.fixture
def docmind(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Call:
    """The command, without any model."""
    return Call(Shell(tmp_path, DOCMIND_DATA_DIR=str(tmp_path / "unused"), DOCMIND_EMBEDDER="hash"), capfd)


def passages(*places: tuple[str, int | None, str]) -> list[TextNode]:
    """Passages of these documents, pages and texts."""
    return [
        TextNode(
            id_=str(number), text=text, metadata={"document": owner, "page": page},
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=owner)},
        )
        for number, (owner, page, text) in enumerate(places)
    ]  # fmt: skip


def test_ranks_count_different_pages_of_the_right_document() -> None:
    found = passages(("b", 3, ""), ("a", 2, ""), ("a", 2, ""), ("b", 3, ""), ("a", 4, ""), ("a", 4, ""), ("a", 3, ""))
    assert ranks_of(BY_PAGE, "a", found) == Ranks((3, 4), 2, 2)
    assert ranks_of(BY_PAGE, "a", found[:4]) == Ranks((), 2, 2)
    assert ranks_of(BY_PAGE, "c", found) == Ranks((), 2, None)


def test_without_pages_ranks_count_passages_and_the_first_that_has_an_answer() -> None:
    said = "It was founded by MRS\n  HOLM."
    found = passages(("b", None, said), ("a", None, "Nothing."), ("a", None, said), ("a", None, "Maria Holm"))
    assert ranks_of(BY_ANSWER, "a", found) == Ranks((3,), 1, 2)
    assert ranks_of(BY_ANSWER, "b", found) == Ranks((1,), 1, 1)


def test_an_answer_counts_wherever_it_stands_on_a_page() -> None:
    found = passages(("b", 1, ""), ("a", 7, "Nothing."), ("b", 2, ""), ("a", 7, "Maria Holm"))
    assert ranks_of(BY_ANSWER, "a", found) == Ranks((2,), 1, 2)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("In 12 days", "12"), ("the\nEiffel  tower.", "The Eiffel Tower"), ("(“308”)", "308"), ("STRASSE 9", "Straße"),
     ("合計は三十日です", "三十日")],
)  # fmt: skip
def test_a_text_holds_an_answer_whatever_case_and_white_space(text: str, answer: str) -> None:
    assert holds(text, ["something else", answer])


@pytest.mark.parametrize(
    ("text", "answer"), [("in 2012", "12"), ("the party", "art"), ("3,200", "320"), ("Holms", "Holm")]
)
def test_part_of_a_word_or_number_is_no_answer(text: str, answer: str) -> None:
    assert not holds(text, [answer])


def test_measures_are_what_one_computes_by_hand() -> None:
    # Two pages of evidence, at the ranks 2 and 6; the right document comes first at rank 2.
    found = measures(Ranks((2, 6), 2, 2))
    best = 1 + 1 / math.log2(3)
    assert found == {
        "hit@1": 0, "hit@5": 1, "hit@10": 1,
        "recall@1": 0, "recall@5": 0.5, "recall@10": 1,
        "MRR@10": 0.5, "nDCG@10": pytest.approx((1 / math.log2(3) + 1 / math.log2(7)) / best),
        "document@1": 0, "document@5": 1,
    }  # fmt: skip
    assert found["nDCG@10"] == pytest.approx(0.605, abs=0.0005)
    assert set(measures(Ranks((1, 2), 2, 1)).values()) == {1, 0.5}  # the best there is: only recall@1 cannot be 1
    assert set(measures(Ranks((1,), 1, 1)).values()) == {1}
    assert set(measures(Ranks((), 3, None)).values()) == {0}
    assert measures(Ranks((11,), 1, 11))["recall@10"] == measures(Ranks((11,), 1, 11))["MRR@10"] == 0


def test_wilson_interval() -> None:
    low, high = wilson(26, 41)  # by hand: 0.634 between 0.481 and 0.764
    assert (round(low, 3), round(high, 3)) == (0.481, 0.764)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == pytest.approx(1)


def test_bootstrap_intervals_are_as_wide_as_the_mean_is_uncertain_and_pairs_stay_together() -> None:
    zeros_and_ones = np.tile([0.0, 1.0], 200)
    low, high = bootstrap(np.column_stack([zeros_and_ones, zeros_and_ones + 0.25, np.full(400, 0.7)]))
    # A mean of 400 has the standard error 0.5 / 20, and 1.96 of them to each side.
    assert low[0] == pytest.approx(0.451, abs=0.01)
    assert high[0] == pytest.approx(0.549, abs=0.01)
    assert high - low == pytest.approx([high[0] - low[0], high[0] - low[0], 0])
    again = bootstrap(np.column_stack([zeros_and_ones]))
    assert (again[0][0], again[1][0]) == (low[0], high[0])  # the same draws every time


def test_questions_are_read_with_pages_or_answers(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text(
        '\ufeff{"question": "How many?", "document": "Alder.pdf", "pages": [2, 1], "answer": "forty", "id": 7}\n\n'
        '{"question": "Who?", "document": "notes.md", "answers": ["Maria Holm", "Holm"]}\n'
        '{"question": "Who?\u2028", "document": "notes.md", "answer": ["Holm"], "pages": null}\n',
        encoding="utf-8",
    )
    assert read_questions(path, library / "documents") == [
        RetrievalQuestion(1, "How many?", "Alder.pdf", pages=frozenset({1, 2})),
        RetrievalQuestion(3, "Who?", "notes.md", answers=("Maria Holm", "Holm")),
        RetrievalQuestion(4, "Who?\u2028", "notes.md", answers=("Holm",)),
    ]


def test_questions_are_read_from_csv(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "asked.csv"
    path.write_text(
        'document,question,pages,answer\r\nAlder.pdf,"How many, and of what?",1; 2,\r\nnotes.md,Who?,,Maria Holm\r\n',
        encoding="utf-8",
    )
    assert read_questions(path, library / "documents") == [
        RetrievalQuestion(2, "How many, and of what?", "Alder.pdf", pages=frozenset({1, 2})),
        RetrievalQuestion(3, "Who?", "notes.md", answers=("Maria Holm",)),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "Line 6 .* is no JSON"),
        ("[1]", "Line 6 .* is no JSON object"),
        ('{"document": "notes.md", "answer": "x"}', "Line 6 .*'question' should be a text, and is missing"),
        ('{"question": "a", "document": 3, "answer": "x"}', "Line 6 .*'document' should be a text, and is 3"),
        ('{"question": "a", "document": "notes.md"}', "Line 6 .*neither 'pages' nor 'answer'"),
        ('{"question": "a", "document": "notes.md", "answer": []}', "Line 6 .*'answer' should be a text or a list"),
        ('{"question": "a", "document": "Alder.pdf", "pages": [0]}', "Line 6 .*'pages' should be a list of numbers"),
        ('{"question": "a", "document": "Alder.pdf", "pages": "3"}', r"Line 6 .*from 1, as \[3, 4\], and is"),
        ('{"question": "a", "document": "Elm.pdf", "pages": [1]}', r"Line 6 .* asks about Elm\.pdf, which is not"),
        ('{"question": "a", "document": "old/notes.md", "answer": "x"}', r"Line 6 .*; write it as notes\.md"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_named_with_what_is_wrong(
    library: Path, tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text((library / "questions.jsonl").read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        read_questions(path, library / "documents")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "no question"), (b"\xff\xfe\x00", "UTF-8"), (b'question\n"a"b\n', "Line 2 .* is no CSV"),
     (b"question,document,pages\na,Alder.pdf,one\n", "Line 2 .*'pages' should")],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_why(library: Path, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "asked.csv"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        read_questions(path, library / "documents")


def test_a_data_folder_holds_documents_and_questions(library: Path, tmp_path: Path) -> None:
    assert in_folder(library) == (library / "documents", library / "questions.jsonl")
    (tmp_path / "documents").mkdir()
    with pytest.raises(SettingsError, match=r"no questions\.jsonl"):
        in_folder(tmp_path)
    (tmp_path / "questions.csv").touch()
    assert in_folder(tmp_path) == (tmp_path / "documents", tmp_path / "questions.csv")


def test_pages_that_a_document_has_not_are_refused(
    plain_settings: Settings, library: Path, out: Path, tmp_path: Path
) -> None:
    path = tmp_path / "asked.jsonl"
    for line, said in (
        ({"document": "Alder.pdf", "pages": [2, 3]}, r"Line 1 .* names page 3, but Alder\.pdf has 2 pages"),
        ({"document": "notes.md", "pages": [1]}, r"notes\.md has no pages; name the 'answer' instead"),
    ):
        path.write_text(json.dumps({"question": "What?", **line}), encoding="utf-8")
        with pytest.raises(SettingsError, match=said):
            bench_retrieval(plain_settings, library / "documents", path, out=out)


def test_answers_that_stand_nowhere_are_told_and_a_copy_answers_by_its_own_name(
    plain_settings: Settings, library: Path, out: Path, tmp_path: Path
) -> None:
    path = tmp_path / "asked.jsonl"
    lines = [
        {"question": "Who was the founder of Cedar?", "document": name, "answer": answer}
        for name, answer in (("notes.md", "Maria Holm"), ("copy.md", "Maria Holm"), ("notes.md", "Jonas Berg"))
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    report = bench_retrieval(plain_settings, library / "documents", path, out=out)
    assert report.setting["questions"].startswith("3 whose answer is known; the answers of 1 stand in no passage")
    values = {figure.name: figure for figure in report.figures}
    assert values["hit@1"].value == pytest.approx(66.7)
    assert values["hit@1"].note == "2 of 3"
    assert values["document@1"].value == 100
    assert [detail["stages"]["the whole search"]["evidence"] for detail in report.details] == [[1], [1], []]


def test_the_command_measures_a_library_and_keeps_it(library: Path, out: Path, tmp_path: Path, docmind: Call) -> None:
    given = ("--documents", library / "documents", "--questions", library / "questions.jsonl")
    (report,) = docmind("bench", "retrieval", *given, "--out", out, "--json").document["reports"]
    assert report["command"] == f"docmind bench retrieval {' '.join(map(str, given))}"
    assert set(report) == {"name", "command", "figures", "setting", "machine"}
    assert report["setting"]["documents"].startswith("3 documents, 4 pages, ")
    assert report["setting"]["questions"] == "4 whose pages are known, 1 whose answer is known"
    values = {figure["name"]: figure for figure in report["figures"]}
    for name in ("hit@1", "hit@10", "recall@1", "MRR@10", "nDCG@10", "document@1"):
        assert values[name]["value"] == (1 if name in ("MRR@10", "nDCG@10") else 100)
    assert values["hit@10"]["reached"] is True
    assert values["hit@10"]["spread"]["of"] == "Wilson 95%"
    assert values["recall@10"]["spread"] == {"low": 100, "median": None, "high": 100, "of": "bootstrap 95%"}
    kept = json.loads((out / "retrieval.json").read_text(encoding="utf-8"))
    assert [detail["stages"]["the whole search"]["evidence"] for detail in kept["details"]] == [[1]] * 5
    assert (out / "retrieval.png").read_bytes()[:4] == b"\x89PNG"
    assert not (tmp_path / "unused").exists()  # the user's own library is left alone

    read = (out / "retrieval-library" / "catalog.sqlite").stat().st_ino
    again = docmind("bench", "retrieval", "--data", library, "--out", out)
    assert "hit@10" in again.out
    assert "docmind bench retrieval --data" in again.out
    assert (out / "retrieval-library" / "catalog.sqlite").stat().st_ino == read


def test_comparing_shows_every_stage_and_how_far_it_is_from_the_whole(library: Path, out: Path, docmind: Call) -> None:
    shown = docmind("bench", "retrieval", "--data", library, "--compare", "--out", out).out
    for stage in STAGES[:-1]:
        assert shown.count(f"\n  {stage} ") == 2  # what it finds, and how far that is from the whole
    report = json.loads((out / "retrieval.json").read_text(encoding="utf-8"))
    assert report["command"].endswith(" --compare")
    values = {figure["name"]: figure for figure in report["figures"]}
    for stage in STAGES[:-1]:
        assert values[f"{stage}: recall@5"]["value"] == 100
        less = values[f"{stage}: recall@5, less that of the whole search"]
        assert (less["value"], less["spread"]["of"]) == (0, "bootstrap 95%, paired")
    assert list(report["details"][0]["stages"]) == STAGES
    assert [list(plot["series"]) for plot in report["plots"]] == [STAGES, STAGES]
    assert (out / "retrieval-2.png").is_file()


def test_the_command_says_what_it_needs(library: Path, docmind: Call) -> None:
    missing = docmind("bench", "retrieval", "--documents", library / "documents", status=1)
    assert "--questions FILE" in missing.err
    assert "docs/benchmarks/retrieval.md" in missing.err
