"""A line of keys: what each word means, and what is wrong with those that mean nothing."""

import pytest
from foghill.tui.commands import LIVE
from foghill.tui.entry import shown_key
from foghill.tui.keys import MOST, Move, key, read, split


def test_every_kind_of_word():
    line = "lr=0.1 space until:step>=50 s*3 . type:200 enter 'stop=step>=3 or epoch>=1' wait:1.5"
    moves = read(line)
    assert [(m.kind, m.text) for m in moves] == [
        ("set", "0.1"),
        ("key", "space"),
        ("until", "step>=50"),
        *[("key", "s")] * 3,
        ("key", "full_stop"),
        ("type", "200"),
        ("key", "enter"),
        ("set", "step>=3 or epoch>=1"),
        ("wait", "1.5"),
    ]
    assert moves[9].knob == "stop"


def test_settings_at_the_front_are_where_the_run_starts():
    settings, moves = split(read("lr=0.1 seed=3 s lr=1"))
    assert settings == {"lr": "0.1", "seed": "3"}
    assert moves == (Move("key", "s", shown="s"), Move("set", "1", "lr", "lr=1"))
    assert split(read("")) == ({}, ())


def test_every_key_that_help_shows_can_be_named():
    for entry in LIVE:
        for name in entry.keys:
            assert key(shown_key(name)) == name, name


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("spcae", "did you mean space"),
        ("unknown_key", "keys are named"),
        ("until:", "needs something behind the colon"),
        ("wait:soon", "takes seconds"),
        ("s*0", "pressed 1 to"),
        (f"s*{MOST + 1}", "pressed 1 to"),
        (f"s*{MOST} s", "at most"),
        ("'unclosed", "No closing quotation"),
    ],
)
def test_what_means_nothing_is_said(line: str, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        read(line)
