"""The app as a whole: what it loads, what it starts with, what it leaves behind."""

import subprocess
import sys

import pytest
from fakes_tui import FakeEngine, app_on, attached, until
from foghill.tui.app import FoghillApp
from foghill.tui.screens.picker import PickerScreen
from textual.geometry import Size


def test_the_screen_loads_no_torch_and_no_numpy():
    look = "import sys, foghill.tui.app, foghill.tui.screens.live, foghill.tui.screens.picker; "
    look += "print(sorted({'torch', 'numpy', 'plotext'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True)
    assert "torch" not in found.stdout, found.stdout
    assert "numpy" not in found.stdout, found.stdout
    assert found.returncode == 0, found.stderr


async def test_without_a_run_it_opens_the_picker(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    app = FoghillApp(directory=tmp_path)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
    assert (app.parting, app.exit_code) == ("", 0)


async def test_no_color_sends_no_colour(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_on(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        assert app.no_color
        filters = app.get_line_filters()
        strips = app.screen._compositor.render_strips(Size(80, 24))
        segments = [
            s
            for strip in strips
            for s in strip.apply_filter(filters[-1], app.screen.background_colors[1])
        ]
        colours = {str(s.style.color.name) for s in segments if s.style and s.style.color}
        assert colours <= {"default"}


async def test_no_key_of_another_program_is_bound():
    app = app_on(FakeEngine())
    async with app.run_test() as pilot:
        await attached(pilot)
        keys = set(app.screen.active_bindings)
        assert {"space", "q", "ctrl+p"} <= keys
        clash = {"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q"} | {f"f{n}" for n in range(1, 13)}
        assert not keys & clash
        assert not [key for key in keys if key.startswith("alt+")]


async def test_ctrl_c_in_a_dialog_ends_nothing():
    app = app_on(FakeEngine())
    async with app.run_test() as pilot:
        await attached(pilot)
        for opener in ("R", "S", "question_mark"):
            await pilot.press(opener, "ctrl+c")
            await pilot.pause()
            assert app.is_running
            await pilot.press("escape")
