"""The table of commands, and what is derived from it."""

from typing import Any

import pytest
from fakes_tui import state_of
from foghill.engine.protocol.commands import Pause, Run, Speed
from foghill.tui import commands, picker_commands, when
from foghill.tui.commands import LIVE
from foghill.tui.entry import Entry, acting, bindings
from foghill.tui.listing import PickerState
from foghill.tui.picker_commands import PICKER
from foghill.tui.screens.live import LiveScreen
from foghill.tui.screens.picker import PickerScreen
from foghill.tui.state import ScreenState

TABLES: list[tuple[tuple[Entry[Any], ...], type, object]] = [
    (LIVE, LiveScreen, ScreenState(state_of(), connection="attached")),
    (PICKER, PickerScreen, PickerState()),
]
DESIGNED = "space full_stop s e S less_than_sign greater_than_sign tab up down left right h j k l"
DESIGNED += " enter escape 1 2 3 4 5 6 7 8 9 0 z plus minus g G y m R v o u colon question_mark q Q"


def live(**changes: Any) -> ScreenState:
    return ScreenState(state_of(**changes), connection="attached")


def entry(name: str) -> Entry[ScreenState]:
    return next(entry for entry in LIVE if entry.id == name)


@pytest.mark.parametrize(("table", "screen", "state"), TABLES)
def test_every_row_can_be_done(table: tuple[Entry[Any], ...], screen: type, state: object):
    for row in table:
        ways = (row.order, row.turn, row.act, getattr(screen, f"do_{row.method or row.id}", None))
        assert sum(way is not None for way in ways) == 1, row.id
        assert row.help.endswith("."), row.id
        assert row.when(state) in (True, False)


@pytest.mark.parametrize(("table", "screen", "state"), TABLES)
def test_no_key_and_no_name_is_taken_twice(
    table: tuple[Entry[Any], ...], screen: type, state: object
):
    keys = [key for row in table for key in row.keys]
    assert len(keys) == len(set(keys))
    assert len({row.id for row in table}) == len(table)
    assert len(bindings(table)) == len(keys)


def test_the_keys_are_those_of_the_design():
    assert set(DESIGNED.split()) <= {key for row in LIVE for key in row.keys}


def test_labels_say_what_the_key_would_do_now():
    assert entry("run").says(live(status="paused")) == "run"
    assert entry("run").says(live(status="running")) == "pause"
    assert entry("quit").says(live(touched=True, status="running")) == "leave (run goes on)"


def test_orders_are_made_from_the_state():
    run = entry("run")
    assert run.order is not None
    assert run.order(live(status="running")) == Pause()
    assert run.order(live(status="paused")) == Run()
    slower = entry("slower")
    assert slower.order is not None
    assert slower.order(live(pace=0.0)) == Speed(1000.0)


def test_only_rows_that_act_are_offered():
    names = {row.id for row in acting(LIVE, live(status="running"))}
    assert "step" not in names
    assert "run" in names
    names = {row.id for row in acting(LIVE, live(status="warming up"))}
    assert {"run", "step", "enter", "restart"}.isdisjoint(names)
    assert {"help", "quit", "palette"} <= names
    watching = ScreenState(state_of(), role="watcher", connection="attached")
    names = {row.id for row in acting(LIVE, watching)}
    assert {"run", "step", "enter", "left", "restart", "quit_ask"}.isdisjoint(names)


def test_pictures_act_where_there_are_so_many():
    names = {row.id for row in acting(LIVE, live(pictures=("fit", "weights")))}
    assert {"picture_1", "picture_2"} <= names
    assert "picture_3" not in names


def test_validate_acts_where_there_is_something_held_out():
    assert not when.can_validate(live())
    assert when.can_validate(live(validation="20 held out"))


def test_the_tables_stand_in_their_files():
    assert commands.LIVE is LIVE
    assert picker_commands.PICKER is PICKER


def test_the_inspector_opens_and_goes_back_to_where_it_was_opened():
    turn = entry("inspect").turn
    assert turn is not None
    screen = ScreenState(state_of(), connection="attached", focus="picture")
    opened = turn(screen)
    assert opened.inspecting
    assert (turn(opened).focus, turn(opened).zoomed) == ("picture", False)
    assert entry("inspect").says(opened) == "close"


def test_walking_is_for_a_run_that_stands_and_can_always_be_stopped():
    walk = entry("walk")
    assert walk.when(live(status="paused"))
    assert not walk.when(live(status="running"))
    walking = ScreenState(state_of(status="running"), connection="attached", walking=0.8)
    assert walk.when(walking)
    assert (walk.says(walking), entry("run").says(walking)) == ("stop", "stop")


def test_fog_is_a_key_of_the_hill_alone():
    fog = entry("fog")
    assert fog.turn is not None
    assert not fog.when(live(pictures=("fit", "hill")))
    screen = live(pictures=("hill",))
    assert fog.when(screen)
    assert fog.turn(screen).in_fog
    assert not fog.turn(fog.turn(screen)).in_fog
