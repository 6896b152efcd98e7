"""The live screen against a fake engine: keys in, orders and pictures out."""

import pytest
from fakes_tui import (
    KNOBS,
    FakeEngine,
    app_on,
    attached,
    live,
    seen,
    shown,
    state_of,
    text_of,
    until,
)
from foghill.engine.protocol.commands import (
    Pause,
    Rejected,
    Restart,
    Run,
    Set,
    SetBack,
    Speed,
    Step,
    Stop,
)
from foghill.engine.protocol.state import Problem
from foghill.engine.protocol.views import CurveRequest, PhasesRequest, PictureRequest, StateRequest
from foghill.tui.screens.ask import AskScreen
from foghill.tui.screens.confirm import ChoiceScreen

FILE = {"kind": "file", "experiment": "train.py", "run": "train"}


async def test_the_screen_is_there_before_the_engine_answers():
    engine = FakeEngine()
    engine.ready.clear()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await shown(pilot)
        assert "warming up: starting the engine" in text_of(app, "#status")
        engine.ready.set()
        await attached(pilot)
        assert "paused" in text_of(app, "#status")


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("space", Run()),
        ("full_stop", Step("phase")),
        ("s", Step("step")),
        ("e", Step("epoch")),
        ("less_than_sign", Speed(10.0)),
        ("greater_than_sign", Speed(100.0)),
    ],
)
async def test_one_key_is_one_order(key: str, order: object):
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press(key)
        await until(pilot, lambda: engine.orders == [order])


async def test_space_pauses_a_running_run():
    engine = FakeEngine(state_of(status="running", step=5, touched=True))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("space")
        await until(pilot, lambda: engine.orders == [Pause()])
        assert "paused" in text_of(app, "#status")


async def test_a_turn_in_a_lesson_acts_at_once():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("down", "right", "right")
        await until(pilot, lambda: len(engine.orders) == 2)
        assert engine.orders == [Set({"lr": 0.002}), Set({"lr": 0.005})]
        await until(pilot, lambda: not seen(app).asked)
        assert "lr 0.002 → 0.005 at step 0" in text_of(app, "#footer")


async def test_quick_turns_add_up_before_the_engine_answers():
    engine = FakeEngine(answers=False)
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("j", "l", "l", "l")
        assert seen(app).asked == {"lr": 0.01}
        assert "→ 0.01" in text_of(app, "#knobs")


async def test_a_turn_elsewhere_is_pending_until_enter():
    engine = FakeEngine(state_of(**FILE))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("down", "right", "down", "down", "down", "right")
        assert engine.orders == []
        assert "0.001 → 0.002" in text_of(app, "#knobs")
        await pilot.press("enter")
        await until(pilot, lambda: engine.orders == [Set({"lr": 0.002, "batch_size": 40})])
        await until(pilot, lambda: not seen(app).asked)
        assert not seen(app).pending


async def test_escape_drops_what_is_pending():
    engine = FakeEngine(state_of(**FILE))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("down", "right", "escape")
        assert not seen(app).pending
        assert "→" not in text_of(app, "#knobs")
        assert engine.orders == []


async def test_what_the_engine_refuses_is_pending_again():
    engine = FakeEngine(state_of(**FILE))
    engine.refuse = lambda _: Rejected(0, "lr is too high", "at most 0.001")
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("down", "right", "enter")
        await until(pilot, lambda: "lr is too high" in text_of(app, "#footer"))
        assert seen(app).pending == {"lr": 0.002}


async def test_a_typed_value_is_judged_in_place():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("down", "down", "enter")
        assert isinstance(app.screen, AskScreen)
        await pilot.press(*"3", "enter")
        assert isinstance(app.screen, AskScreen)
        from foghill.tui.widgets.rows import Rows

        assert "from 0 to 1" in app.screen.query_one("#wrong", Rows).text
        await pilot.press("backspace", *"0.9", "enter")
        await until(pilot, lambda: engine.orders == [Set({"momentum": 0.9})])


async def test_a_choice_is_chosen_from_a_list():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("enter")
        assert isinstance(app.screen, ChoiceScreen)
        await pilot.press("down", "enter")
        await until(pilot, lambda: engine.orders == [Set({"optimizer": "adam"})])


async def test_u_sets_the_knob_back():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("down", "u")
        assert engine.orders == [], "there is nothing to set back yet"
        await pilot.press("right")
        await until(pilot, lambda: not seen(app).asked)
        await pilot.press("u")
        await until(pilot, lambda: SetBack("lr") in engine.orders)


async def test_steps_asks_how_many_and_remembers():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("S", *"25", "enter")
        await until(pilot, lambda: engine.orders == [Step("step", 25)])
        await pilot.press("S", "enter")
        await until(pilot, lambda: engine.orders == [Step("step", 25)] * 2)


async def test_restart_asks_what_is_to_be_new():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("R", "w")
        await until(pilot, lambda: engine.orders == [Restart("weights")])


async def test_only_what_is_seen_is_asked_for():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await until(pilot, lambda: len(engine.looked) == 4)
        kinds = [type(request) for request in engine.looked]
        assert kinds == [StateRequest, PhasesRequest, CurveRequest, PictureRequest]
        await pilot.press("z")
        await until(pilot, lambda: engine.looked == (StateRequest(),))
        await pilot.press("tab", "tab")
        await until(pilot, lambda: [type(r) for r in engine.looked] == [StateRequest, CurveRequest])


async def test_zoom_fills_the_screen_with_the_focused_panel_and_q_closes_it():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("tab", "z")
        await pilot.pause()
        assert live(app).query_one("#step").size.width > 70
        assert not live(app).query_one("#chart").display
        assert "q close" in text_of(app, "#footer")
        await pilot.press("q")
        await pilot.pause()
        assert live(app).query_one("#chart").display
        assert app.is_running


async def test_output_and_text_share_the_place_of_the_picture():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("0")
        await pilot.pause()
        assert "thick fog" in text_of(app, "#text")
        await pilot.press("o")
        await until(pilot, lambda: "hello from the user" in text_of(app, "#output"))
        assert "\x1b" not in text_of(app, "#output")
        await pilot.press("1")
        await pilot.pause()
        assert live(app).query_one("#picture").display


async def test_the_key_of_a_picture_goes_there_once_it_is_shown():
    app = app_on(FakeEngine(state_of(pictures=("fit", "weights", "hill"))))
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        for key, showing, focus in (
            ("2", "weights", "knobs"),
            ("2", "weights", "picture"),
            ("H", "hill", "picture"),
            ("shift+tab", "hill", "chart"),
            ("H", "hill", "picture"),
            ("H", "fit", "picture"),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert (seen(app).showing, seen(app).focus) == (showing, focus), key


async def test_page_down_pages_the_text():
    app = app_on(FakeEngine(state_of(text="\n\n".join(f"line {n}" for n in range(99)))))
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("0", "pagedown", "pagedown")
        await until(pilot, lambda: "line 0" not in text_of(app, "#text"))
        await pilot.press("pageup", "pageup")
        await until(pilot, lambda: "line 0" in text_of(app, "#text"))


async def test_a_problem_is_readable_and_stands_in_nobodys_way():
    problem = Problem(
        "data() raised ZeroDivisionError: division by zero", "train.py", 12, "x = 1/0"
    )
    engine = FakeEngine(state_of(problem=problem, touched=True, step=3))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        words = text_of(app, "#banner")
        assert "division by zero" in words
        assert "train.py, line 12: x = 1/0" in words
        await pilot.press("s")
        await until(pilot, lambda: engine.orders == [Step("step")])


async def test_untouched_lessons_end_when_left():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        assert "q leave (ends)" in text_of(app, "#footer")
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert (app.parting, app.exit_code, engine.orders) == ("", 0, [])


async def test_a_touched_run_goes_on_and_the_program_says_how_to_come_back():
    engine = FakeEngine(state_of(touched=True, step=7, status="running"))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        assert "q leave (run goes on)" in text_of(app, "#footer")
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert "foghill attach parabola" in app.parting
    assert engine.orders == []


@pytest.mark.parametrize(("early", "code"), [(True, 2), (False, 1)])
async def test_leaving_a_failed_run(early: bool, code: int):
    problem = Problem("there is no model in train.py", "train.py", before_first_step=early)
    engine = FakeEngine(state_of(status="failed", problem=problem, touched=not early, **FILE))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert app.exit_code == code
    assert "there is no model in train.py" in app.parting
    assert engine.orders == ([Stop(delete=True)] if early else [])


@pytest.mark.parametrize(
    ("key", "orders"), [("d", []), ("s", [Stop()]), ("x", [Stop(delete=True)])]
)
async def test_shift_q_asks(key: str, orders: list[Stop]):
    engine = FakeEngine(state_of(touched=True, step=7))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("Q", key)
        await until(pilot, lambda: not app.is_running)
    assert engine.orders == orders
    assert ("attach" in app.parting) == (key == "d")


async def test_ctrl_c_never_ends_a_run():
    engine = FakeEngine(state_of(touched=True, step=7))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app.is_running
        assert "ctrl-c never ends a run" in text_of(app, "#footer")
    assert engine.orders == []


async def test_a_watcher_only_looks():
    engine = FakeEngine()
    app = app_on(engine, watch=True)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("space", "s", "right", "R", "Q")
        await pilot.pause()
        assert engine.orders == []
        assert "watching" in text_of(app, "#status")
        assert "space" not in text_of(app, "#footer")


async def test_a_lost_engine_is_said_and_the_keys_that_remain_work():
    engine = FakeEngine(state_of(touched=True, step=7))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        engine.lose()
        await until(pilot, lambda: "the engine died" in text_of(app, "#banner"))
        assert "engine lost" in text_of(app, "#status")
        await pilot.press("space", "s")
        assert engine.orders == []
        assert "run" not in text_of(app, "#footer").split()
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def test_an_engine_that_lives_is_found_again():
    engine = FakeEngine(state_of(touched=True, step=7))
    engine.fate_is = "alive"
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        engine.lose()
        assert not seen(app).attached
        await until(pilot, lambda: seen(app).attached)
        await pilot.press("s")
        await until(pilot, lambda: engine.orders == [Step("step")])
        assert len(engine.looked) == 4, "the views are asked for anew"


async def test_an_engine_that_never_answers_is_exit_code_2():
    engine = FakeEngine()
    engine.fails = "the engine ended before it answered (exit code 1)"
    app = app_on(engine)
    async with app.run_test() as pilot:
        await shown(pilot)
        await until(pilot, lambda: seen(app).connection == "lost")
        assert "before it answered" in text_of(app, "#banner")
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert app.exit_code == 2
    assert "before it answered" in app.parting


async def test_leaving_while_the_engine_starts_gives_the_run_up():
    engine = FakeEngine()
    engine.ready.clear()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await shown(pilot)
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert engine.abandoned


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 12), (79, 20), (120, 40), (300, 90)])
async def test_any_size_is_alive(size: tuple[int, int]):
    engine = FakeEngine(state_of(problem=Problem("something " * 30, "a.py", 1, "x")))
    app = app_on(engine)
    async with app.run_test(size=size) as pilot:
        await attached(pilot)
        await pilot.press("tab", "z", "tab", "0", "o", "1", "question_mark", "q", "R", "escape")
        await pilot.press("S", "escape")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await pilot.resize_terminal(2, 1)
        await pilot.pause()
        assert app.is_running


async def test_ascii_has_no_other_signs():
    engine = FakeEngine(state_of(touched=True))
    app = app_on(engine, ascii=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("s", "s", "tab", "tab", "left", "left")
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        text = "\n".join(strip.text for strip in strips)
        assert "knobs" in text
        assert text.isascii(), sorted({sign for sign in text if not sign.isascii()})


async def test_the_focused_title_is_in_brackets():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        for name in ("knobs", "step", "chart", "picture"):
            titles = {
                panel: str(live(app).query_one(f"#{panel}").border_title).startswith(("[", "\\["))
                for panel in ("knobs", "step", "chart", "picture")
            }
            assert titles == {panel: panel == name for panel in titles}
            await pilot.press("tab")
            await pilot.pause()


async def test_the_cursor_reads_out_a_number_of_the_chart():
    engine = FakeEngine(state_of(touched=True, step=40))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("tab", "tab", "left")
        await pilot.pause()
        chart = live(app).query_one("#chart")
        await until(pilot, lambda: "step 40 · loss 20" in chart.readout())


def test_the_knobs_used_here_have_no_twins():
    assert len({knob.name for knob in KNOBS}) == len(KNOBS)
