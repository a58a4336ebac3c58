"""What rules find in whole documents: dates, names, duties, open questions, each word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from docmind.answering.whole import names, rules
from docmind.answering.whole.reading import Source, read
from docmind.dates import date_words, dates
from docmind.ingestion.ingest import ingest
from docmind.workspace import Workspace


def source_of(workspace: Workspace, folder: Path, text: str) -> Source:
    path = folder / "notes.txt"
    path.write_text(text, encoding="utf-8")
    assert [outcome.status for outcome in ingest(workspace, [path])] == ["ingested"]
    document = workspace.catalog.find("notes.txt")
    return read(document, list(workspace.store.chunks_of(document.id)), workspace.embedder)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Signed on January 28, 2023.", ["2023-01-28"]),
        ("Signed on 2 February 2026 in Harrowby.", ["2026-02-02"]),
        ("Valid from 2024-05-01 until 2025-04-30.", ["2024-05-01", "2025-04-30"]),
        ("It runs until June 2028.", ["2028-06"]),
        ("Sales rose in 2021.", ["2021"]),
        ("Due on 31.12.2024.", ["2024-12-31"]),
        ("Due on 03/04/2024.", []),  # the third of April, or the fourth of March
        ("Room 2021 holds 12 people.", []),
    ],
)
def test_dates_are_read_as_they_are_written_and_sort(text: str, found: list[str]) -> None:
    assert dates(text) == found


def test_a_date_is_said_in_words() -> None:
    assert [date_words(date) for date in ("2023-01-28", "2028-06", "2021")] == ["28 January 2023", "June 2028", "2021"]


def test_a_timeline_is_sorted_by_date(plain_workspace: Workspace, tmp_path: Path) -> None:
    source = source_of(
        plain_workspace,
        tmp_path,
        "The bridge was opened to traffic on 3 May 1931.\n\nWork on the bridge had begun in March 1928.\n\n"
        "A storm closed the bridge for weeks in 1962.\n",
    )
    assert [item.label for item in rules.dated(source)] == ["1928-03", "1931-05-03", "1962"]


def test_duties_are_what_must_be_done_or_is_promised_by_a_day(plain_workspace: Workspace, tmp_path: Path) -> None:
    source = source_of(
        plain_workspace,
        tmp_path,
        "The tenant must return every key on the last day.\n\nMs Reed sends the accounts by 3 March 2026.\n\n"
        "The house was painted within two weeks last year.\n\nThe garden lies to the south of the house itself.\n",
    )
    found = [source.evidence[item.place].text for item in rules.duties(source)]
    assert found == ["The tenant must return every key on the last day.", "Ms Reed sends the accounts by 3 March 2026."]


def test_open_questions_are_asked_or_said_to_be_open(plain_workspace: Workspace, tmp_path: Path) -> None:
    source = source_of(
        plain_workspace,
        tmp_path,
        "Who will pay for the new roof?\n\nThe date of the party is to be decided.\n\nThe roof was mended in May.\n\n"
        "It remains unclear whether the city agrees.\n",
    )
    found = [source.evidence[item.place].text for item in rules.open_questions(source)]
    assert len(found) == 3
    assert "The roof was mended in May." not in found


def test_names_in_the_head_of_minutes_are_found_and_nothing_else_of_it(
    plain_workspace: Workspace, tmp_path: Path
) -> None:
    source = source_of(
        plain_workspace,
        tmp_path,
        "Place:    Community Room, 14 Linden Court\nTime:     19:00 to 20:40\n"
        "Present:  Beatrix Nolan (chair), Samir Haddad (treasurer),\n          Oskar Lund and Grace Adeyemi\n"
        "Excused:  Peter Voss\nGuest:    Imogen Finch, Marlow & Finch Properties (items 2 and 3 only)\n"
        "Subject:  Annual Report\n\nMr Lund thanked the guests.\n\nMinutes taken by Yuki Tanaka, 11 February 2026\n",
    )
    found = {item.label: item.count for item in names.named(source)}
    people = ("Beatrix Nolan", "Samir Haddad", "Oskar Lund", "Grace Adeyemi", "Peter Voss", "Imogen Finch")
    assert {*people, "Marlow & Finch Properties", "Yuki Tanaka"} == set(found) - {"Lund"}
    assert all(count == 1 for count in found.values())


def test_names_of_several_words_stay_whole_and_people_are_told_apart(
    plain_workspace: Workspace, tmp_path: Path
) -> None:
    source = source_of(
        plain_workspace,
        tmp_path,
        "Today the papers were signed by Ada Marsh and Tom Reed.\n\nThe report goes to the Securities and Exchange "
        "Commission in March.\n\nHeating is paid by the tenant, says Ada Marsh.\n",
    )
    found = {item.label: item.count for item in names.named(source)}
    assert found["Ada Marsh"] == 2
    assert "Tom Reed" in found
    assert "Securities and Exchange Commission" in found
    assert not {"March", "Heating", "Today"} & set(found)
