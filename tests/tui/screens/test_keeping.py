"""Weights into a file and back, asked for in one line; and the settings as a line to copy."""

from pathlib import Path

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, seen, until
from foghill.engine.protocol.commands import Load, Save
from foghill.engine.protocol.knob import Value
from foghill.tui.screens.ask import AskScreen
from foghill.tui.screens.keeping import LineScreen, absolute
from foghill.tui.widgets.rows import Rows


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_w_and_enter_write_into_this_directory(here: Path) -> None:
    engine = FakeEngine()
    async with app_on(engine).run_test() as pilot:
        await attached(pilot)
        await pilot.press("W", "enter")
        await until(pilot, lambda: engine.orders == [Save(str(here / "parabola.safetensors"))])


async def test_w_says_that_only_the_same_model_is_written_over() -> None:
    app = app_on(FakeEngine())
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("W")
        shown = " ".join(" ".join(rows.text for rows in app.screen.query(Rows)).split())
        assert "A file with weights of this model is replaced; any other is left" in shown


async def test_what_cannot_be_a_file_is_said_in_place(here: Path) -> None:
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        for typed, wrong in (("x.txt", "ends in .safetensors"), ("no/x.pt", "no directory")):
            await pilot.press("W", "ctrl+u", *typed, "enter")
            assert isinstance(app.screen, AskScreen)
            assert wrong in app.screen.query_one("#wrong", Rows).text
            await pilot.press("escape")
        await pilot.press("L", "enter")
        assert isinstance(app.screen, AskScreen)
        assert "no file" in app.screen.query_one("#wrong", Rows).text
        assert engine.orders == []


async def test_l_offers_what_was_written_last(here: Path) -> None:
    import os

    for name, time in (("old.pt", 1), ("new.safetensors", 2), ("notes.txt", 3)):
        (here / name).write_text("")
        os.utime(here / name, (time, time))
    engine = FakeEngine()
    async with app_on(engine).run_test() as pilot:
        await attached(pilot)
        await pilot.press("L", "enter")
        await until(pilot, lambda: engine.orders == [Load(str(here / "new.safetensors"))])


def test_files_are_seen_from_where_the_screen_was_started(here: Path) -> None:
    assert absolute(" a.pt ") == here / "a.pt"
    assert absolute("/x/a.pt") == Path("/x/a.pt")


async def test_k_shows_the_line_and_leaves_it_behind() -> None:
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        values: dict[str, Value] = {"lr": 0.5, "batch_size": 32}
        live(app).apply(values)
        await until(pilot, lambda: not seen(app).asked)
        await pilot.press("K")
        assert isinstance(app.screen, LineScreen)
        shown = app.screen.query_one("#dialog", Rows).text
        assert 'foghill run parabola --keys "lr=0.5 stop=' in " ".join(shown.split())
        await pilot.press("enter", "escape", "K", "escape")
        assert len(app.lines) == 1
