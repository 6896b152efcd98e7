"""The rows of the command table that act in the picker."""

from dataclasses import replace

from .entry import Entry
from .listing import PickerState

_P = Entry[PickerState]

PICKER: tuple[_P, ...] = (
    _P(
        "open",
        ("enter",),
        lambda p: p.opens,
        "Start the lesson or file, ask for a table's target, or go back to a run.",
        when=lambda p: bool(p.opens),
        footer=1,
        group="choose",
    ),
    _P("up", ("up", "k"), "up", "The one above.", group="choose", turn=lambda p: p.moved(-1)),
    _P("down", ("down", "j"), "down", "The one below.", group="choose", turn=lambda p: p.moved(1)),
    _P("page_up", ("pageup",), "page up", "Ten up.", group="choose", turn=lambda p: p.moved(-10)),
    _P(
        "page_down",
        ("pagedown",),
        "page down",
        "Ten down.",
        group="choose",
        turn=lambda p: p.moved(10),
    ),
    _P(
        "find",
        ("slash",),
        "find",
        "Keep only what contains the words typed; esc shows all again.",
        footer=1,
        group="choose",
    ),
    _P(
        "escape",
        ("escape",),
        "show all",
        "Show all again.",
        when=lambda p: bool(p.words),
        footer=1,
        group="choose",
        turn=lambda p: replace(p, words="", place=0),
    ),
    _P(
        "watch",
        ("w",),
        "watch",
        "Look at a living run without being able to steer it.",
        when=lambda p: p.chosen is not None and p.chosen.life == "alive",
        footer=2,
        group="runs",
    ),
    _P(
        "stop",
        ("x",),
        "stop",
        "End a living run. Asks first.",
        when=lambda p: p.chosen is not None and p.chosen.life == "alive",
        footer=2,
        group="runs",
    ),
    _P(
        "delete",
        ("d", "delete"),
        "delete",
        "Delete a past run with its directory. Asks first.",
        when=lambda p: p.chosen is not None and p.chosen.life in ("ended", "died"),
        footer=2,
        group="runs",
    ),
    _P("again", ("r",), "look again", "Read the directory and the runs anew.", group="runs"),
    _P("palette", ("colon", "ctrl+p"), "commands", "Every command by name.", group="leave"),
    _P("help", ("question_mark",), "help", "This help.", footer=1, group="leave"),
    _P("quit", ("q",), "leave", "Leave. Runs that are alive go on.", footer=1, group="leave"),
    _P("interrupt", ("ctrl+c",), "hint", "Says how to leave.", group="leave"),
)
