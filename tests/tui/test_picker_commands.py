"""The picker's rows of the command table."""

from dataclasses import replace

from foghill.tui.entry import acting
from foghill.tui.listing import Item, PickerState
from foghill.tui.picker_commands import PICKER


def offered(state: PickerState) -> set[str]:
    return {row.id for row in acting(PICKER, state)}


def test_an_empty_picker_offers_nothing_to_open():
    assert {"open", "watch", "stop", "delete"}.isdisjoint(offered(PickerState()))
    assert {"quit", "help", "find"} <= offered(PickerState())


def test_moving_is_part_of_the_table():
    state = PickerState((Item("lessons", "a"), Item("lessons", "b")))
    down = next(row for row in PICKER if row.id == "down")
    assert down.turn is not None
    assert down.turn(state).place == 1


def test_all_are_shown_again_only_after_a_search():
    state = PickerState((Item("lessons", "a"),))
    assert "escape" not in offered(state)
    assert "escape" in offered(replace(state, words="x"))
