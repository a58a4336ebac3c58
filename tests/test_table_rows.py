"""Rows of tables are shown as tables, whatever stands in their cells."""

from __future__ import annotations

from docmind.ui.table_rows import quoted_html, quoted_rows, rows_of


def test_a_row_stands_beneath_caption_and_header() -> None:
    text = "Charges\nCharge | Amount\nLost key | £45"
    assert rows_of(text) == [["Charges"], ["Charge", "Amount"], ["Lost key", "£45"]]
    assert quoted_html(text) == (
        '<div class="dm-quote"><p>Charges</p><table><tr><th scope="col">Charge</th><th scope="col">Amount</th></tr>'
        "<tr><td>Lost key</td><td>£45</td></tr></table></div>"
    )


def test_a_statement_that_ends_with_a_quoted_row_is_shown_with_what_stands_before_it() -> None:
    row = "Charge | Amount\nLost key | £45"
    shown = [["Charge", "Amount"], ["Lost key", "£45"]]
    assert quoted_rows(f"\n• Keys: {row}", {row, "Lost key | £45"}) == {"before": "\n• Keys: ", "rows": shown}
    assert quoted_rows("a model's own | bars", {row}) == {"before": "", "rows": []}
    assert quoted_rows("The rent is £950.", {"The rent is £950."}) == {"before": "", "rows": []}


def test_a_sentence_is_no_table() -> None:
    assert rows_of("The rent is\n£950 a month.") == []
    assert quoted_html("The rent is\n£950 a month.") == '<p class="dm-quote">The rent is\n£950 a month.</p>'


def test_nothing_in_a_cell_becomes_markup() -> None:
    shown = quoted_html("<img src=x onerror=alert(1)> | </table><script>alert(2)</script>\n\u202eevil | 1")
    assert "<img" not in shown
    assert "<script" not in shown
    assert shown.count("</table>") == 1
    assert "\u202e" not in shown
