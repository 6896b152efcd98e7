"""The picker on a real directory and real run directories, with no engine behind."""

from pathlib import Path

import msgspec
import pytest
from fakes_tui import FakeEngine, until
from foghill.engine.runs import catalog
from foghill.engine.runs.catalog import EndNote, RunSpec, new_run, write_end_note
from foghill.tui.app import FoghillApp
from foghill.tui.screens.confirm import ChoiceScreen
from foghill.tui.screens.live import LiveScreen
from foghill.tui.screens.picker import PickerScreen
from foghill.tui.widgets.rows import Rows
from textual.pilot import Pilot

Started = list[tuple[object, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    work = tmp_path / "work"
    work.mkdir()
    (work / "houses.csv").write_text("rooms,area,price\n1,2,3\n")
    (work / "train.py").write_text('"""Mine."""\ndef model(): ...\n')
    return work


@pytest.fixture
def started() -> Started:
    return []


@pytest.fixture
def app(home: Path, started: Started) -> FoghillApp:
    engine = FakeEngine()

    def launch(what: object, role: str) -> object:
        started.append((what, role))
        return engine.launch(what, role)  # type: ignore[arg-type]

    return FoghillApp(launch=launch, directory=home)  # type: ignore[arg-type]


def picker(app: FoghillApp) -> PickerScreen:
    return next(screen for screen in app.screen_stack if isinstance(screen, PickerScreen))


async def ready(pilot: Pilot[None]) -> PickerScreen:
    app = pilot.app
    assert isinstance(app, FoghillApp)
    await until(pilot, lambda: any(isinstance(s, PickerScreen) for s in app.screen_stack))
    await until(pilot, lambda: not picker(app).state.looking)
    await pilot.pause()
    return picker(app)


async def choose(pilot: Pilot[None], name: str) -> None:
    """Move to an item, from the top."""
    app = pilot.app
    assert isinstance(app, FoghillApp)
    await pilot.press("pageup", "pageup", "pageup")
    for _ in range(50):
        chosen = picker(app).state.chosen
        if chosen is not None and chosen.name == name:
            return
        await pilot.press("down")
    raise AssertionError(f"{name} is not in the list")


def past_run(name: str = "old") -> RunSpec:
    spec = new_run("parabola", name=name)
    note = EndNote("stopped", "paused", 120, 3, 0.5, None, 1.7e9)
    write_end_note(Path(spec.directory), note)
    return spec


def shown(app: FoghillApp, name: str) -> str:
    return picker(app).query_one(name, Rows).text


async def test_lessons_files_and_runs_are_listed(app: FoghillApp):
    past_run()
    async with app.run_test(size=(80, 40)) as pilot:
        await ready(pilot)
        words = shown(app, "#list")
        for name in ("lessons", "parabola", "digits", "files here", "houses.csv", "train.py"):
            assert name in words
        assert "old" in "".join(item.name for item in picker(app).state.items)


async def test_enter_starts_a_lesson(app: FoghillApp, started: Started):
    async with app.run_test() as pilot:
        await ready(pilot)
        await choose(pilot, "line")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LiveScreen))
        (spec, role) = started[0]
        assert isinstance(spec, RunSpec)
        assert (spec.experiment, spec.kind, role) == ("line", "lesson", "driver")


async def test_a_table_asks_for_its_target(app: FoghillApp, started: Started):
    async with app.run_test() as pilot:
        await ready(pilot)
        await choose(pilot, "houses.csv")
        assert "choose target" in shown(app, "#keys")
        await pilot.press("enter")
        assert isinstance(app.screen, ChoiceScreen)
        await pilot.press("up", "enter")
        await until(pilot, lambda: bool(started))
        spec = started[0][0]
        assert isinstance(spec, RunSpec)
        assert (spec.kind, spec.target) == ("table", "area")


async def test_what_cannot_be_started_is_said(
    app: FoghillApp, started: Started, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object, **__: object) -> RunSpec:
        raise catalog.CatalogError("the disk is full")

    monkeypatch.setattr(catalog, "new_run", refuse)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "the disk is full" in shown(app, "#title"))
        assert started == []


async def test_find_keeps_what_contains_the_words(app: FoghillApp):
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("slash", *"hous", "enter")
        await until(pilot, lambda: "digits" not in shown(app, "#list"))
        assert "houses.csv" in shown(app, "#list")
        await pilot.press("escape")
        await until(pilot, lambda: "digits" in shown(app, "#list"))


async def test_a_past_run_says_how_it_ended_and_can_be_deleted(app: FoghillApp):
    spec = past_run()
    async with app.run_test(size=(100, 40)) as pilot:
        await ready(pilot)
        await choose(pilot, "old")
        await until(pilot, lambda: "step       120, epoch 3" in shown(app, "#about"))
        assert "stopped" in shown(app, "#about")
        await pilot.press("d", "n")
        assert Path(spec.directory).exists()
        await pilot.press("d", "y")
        await until(pilot, lambda: not Path(spec.directory).exists())
        await until(pilot, lambda: "old" not in shown(app, "#list"))


@pytest.mark.parametrize(("key", "role"), [("enter", "driver"), ("w", "watcher")])
async def test_a_living_run_is_gone_back_to(
    app: FoghillApp, started: Started, key: str, role: str, monkeypatch: pytest.MonkeyPatch
):
    run = catalog.Run(new_run("parabola", name="mine"), "alive", 4711)
    monkeypatch.setattr(catalog, "runs", lambda: [run])
    async with app.run_test() as pilot:
        await ready(pilot)
        await choose(pilot, "mine")
        await pilot.press(key)
        await until(pilot, lambda: started == [(run, role)])


async def test_a_run_of_another_host_is_listed_only(
    app: FoghillApp, started: Started, monkeypatch: pytest.MonkeyPatch
):
    spec = msgspec.structs.replace(new_run("parabola", name="far"), host="elsewhere.example")
    monkeypatch.setattr(catalog, "runs", lambda: [catalog.Run(spec, "elsewhere")])
    async with app.run_test() as pilot:
        await ready(pilot)
        await choose(pilot, "far")
        await pilot.press("enter", "d", "x")
        await pilot.pause()
        assert started == []
        assert isinstance(app.screen, PickerScreen)


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 10), (200, 60)])
async def test_any_size_is_alive(app: FoghillApp, size: tuple[int, int]):
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("down", "down", "up", "question_mark", "q", "slash", "escape")
        await pilot.pause()
        assert app.is_running
