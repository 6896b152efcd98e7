"""What inputs, target and classes are called, as a user's file says it."""

import pytest
from foghill.engine.experiment.names import Names, names_of


def test_what_is_not_said_has_a_plain_name():
    assert names_of({}) == Names()
    assert Names().y == "y"


def test_everything_is_read():
    said = {
        "x": ["t"],
        "y": "speed",
        "classes": "one",
        "offset": 3,
        "scale": "2",
        "x_offset": [1],
        "x_scale": [2],
        "x_range": [0, 20],
        "y_range": (-300, 200),
    }
    assert names_of(said) == Names(
        ("t",), "speed", ("one",), 3.0, 2.0, (1.0,), (2.0,), (0.0, 20.0), (-300.0, 200.0)
    )


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"colour": 3}, "names has the entry 'colour'"),
        ({"clases": []}, "classes"),
        ({"offset": "much"}, "numbers for offset"),
        ({"offset": float("nan")}, "numbers for offset"),
        ({"classes": 3}, "lists of texts"),
        ({"x_range": [3, 3]}, "[lowest, highest]"),
        ({"y_range": [1, 2, 3]}, "[lowest, highest]"),
        ({"x_scale": 2}, "names takes"),
    ],
)
def test_what_cannot_be_is_said(said: dict[str, object], sentence: str):
    with pytest.raises(ValueError, match="names") as raised:
        names_of(said)
    assert sentence in str(raised.value)
