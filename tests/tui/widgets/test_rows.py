"""Rows of a table as inputs: by name, in any order, the unreadable ones named and left out."""

from pathlib import Path

import pytest
from foghill.tui.predict_input import UNKNOWN
from foghill.tui.verbs import VerbError
from foghill.tui.verbs.rows import rows_of

INPUTS = ("rooms", "city=Bonn", "city=Köln", "column 3")


def read(folder: Path, text: str, inputs: tuple[str, ...] = INPUTS, table: bool = True):
    path = folder / "new.csv"
    path.write_text(text)
    rows, wrong = rows_of(path, inputs, trained_on_table=table)
    return [(row.place, row.request.values) for row in rows], wrong


def test_columns_are_found_by_name_however_they_stand(tmp_path: Path) -> None:
    rows, wrong = read(tmp_path, "city;rooms ;;who\nKöln;3;7,5;ann\n\n Bonn ;;NA;\n")
    assert (rows, wrong) == ([(1, (3, 0, 1, 7.5)), (2, (UNKNOWN, 1, 0, UNKNOWN))], 0)


def test_rows_that_cannot_be_read_say_so_and_keep_their_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "rooms,city,,x\n1,Bonn,2,\n2,Rom,2,\n3,Bonn\n,Köln,2,\n"
    rows, wrong = read(tmp_path, text)
    assert (rows, wrong) == ([(1, (1, 1, 0, 2)), (4, (UNKNOWN, 0, 1, 2))], 2)
    where = f"foghill: {tmp_path / 'new.csv'}"
    assert capsys.readouterr().err.splitlines() == [
        f"{where}, row 2: city takes Bonn, Köln, not 'Rom'",
        f"{where}, row 3: it has 2 fields, and 4 are needed",
        f"{where}: missing numbers filled in as in training, with the mean: 1 of rooms",
    ]


def test_a_table_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VerbError, match=r"new.csv has no column city"):
        read(tmp_path, "rooms,town,\n1,Bonn,2\n")


def test_without_names_the_order_counts(tmp_path: Path) -> None:
    assert read(tmp_path, "1,Bonn,2\n") == ([(1, (1, 1, 0, 2))], 0)
    assert read(tmp_path, "a,b\n1,2\n", ("x1", "x2"), table=False) == ([(1, (1, 2))], 0)
    assert read(tmp_path, "1,2,3\n", (), table=False) == ([(1, (1, 2, 3))], 0)


def test_where_no_table_was_trained_on_nothing_is_filled_in(tmp_path: Path) -> None:
    assert read(tmp_path, "x1,x2\n1,NA\n1,2\n", ("x1", "x2"), table=False) == (
        [(2, (1, 2))],
        1,
    )
