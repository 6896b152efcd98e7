"""What a person types as an input: numbers, words for one-hot columns, yes and no."""

import pytest
from foghill.engine.protocol.pictures import Prediction
from foghill.tui.predict_input import UNKNOWN, asked, columns, number_in_table, parsed, row, typed

INPUTS = ("rooms", "city=Bonn", "city=Köln", "city=missing", "garage")


def view(**more: object) -> Prediction:
    plain: dict[str, object] = {"inputs": INPUTS, "given": [3.0, 0.0, 1.0, 0.0, 1.0]}
    return Prediction(shape=(5,), answer="x", **(plain | more))  # type: ignore[arg-type]


def test_words_stand_for_their_columns():
    assert columns(INPUTS) == [
        ("rooms", ()),
        ("city", ("Bonn", "Köln", "missing")),
        ("garage", ()),
    ]
    assert parsed("4.5 köln yes", INPUTS) == (4.5, 0.0, 1.0, 0.0, 1.0)
    assert parsed("4, Bonn, 0", INPUTS) == (4.0, 1.0, 0.0, 0.0, 0.0)
    assert row({"rooms": "1", "city": "", "garage": "no"}, INPUTS) == (1, 0, 0, 1, 0)


def test_what_is_shown_can_be_typed_back():
    assert typed(view()) == "3 Köln 1"
    assert parsed(typed(view()), INPUTS) == (3.0, 0.0, 1.0, 0.0, 1.0)
    assert "city (Bonn/Köln/missing)" in asked(view())
    assert asked(view(inputs=(), given=[0.0] * 5)) == "5 numbers, separated by spaces"
    assert parsed("1 2 3", ()) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("4 Bonn", "3 to type"),
        ("4 Berlin yes", "city takes Bonn, Köln, missing, not 'Berlin'"),
        ("many Bonn 1", "rooms takes a number, not 'many'"),
        ("nan Bonn 1", "rooms takes a number"),
        ("'4", "No closing quotation"),
    ],
)
def test_what_is_no_input_is_said(text: str, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        parsed(text, INPUTS)


def test_cells_of_a_table_are_read_as_in_training():
    read = number_in_table(decimal_comma=False)
    cells = {"rooms": "NA", "city": "?", "garage": "yes"}
    assert row(cells, INPUTS, read) == (UNKNOWN, 0, 0, 1, 1)
    assert [read(cell, "n") for cell in ("1,234.5", "-7", "no")] == [1234.5, -7, 0]
    assert number_in_table(decimal_comma=True)("1,5", "n") == 1.5
    with pytest.raises(ValueError, match="rooms takes a number, not 'many'"):
        row(cells | {"rooms": "many"}, INPUTS, read)


def test_words_that_differ_in_case_only_are_two():
    assert row({"c": "b"}, ("c=B", "c=b")) == (0, 1)
    assert row({"c": "B"}, ("c=B", "c=b")) == (1, 0)


def test_a_long_list_of_words_is_cut():
    with pytest.raises(ValueError, match=r"takes w0, .*, w11, …, not 'x'$"):
        row({"c": "x"}, [f"c=w{i}" for i in range(30)])
