"""The coach's line: what it says in how much room, the alarm, and what `a` and enter do."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, seen, state_of, text_of, until
from foghill.engine.protocol.commands import Set
from foghill.engine.protocol.state import Advice
from foghill.tui.app import FoghillApp
from foghill.tui.screens.advice import AdviceScreen
from foghill.tui.widgets.coach import ALARM, CoachLine, coach_rows

ADVICE = Advice(
    "diverges",
    "loss 3.2e4 at step 40, was 12 at step 10",
    "Each step goes farther than the slope holds.",
    "lr ÷ 10",
    {"lr": 1e-4},
)


def said(*args: object) -> list[str]:
    return ["".join(text for text, _ in row) for row in coach_rows(*args)]  # type: ignore[arg-type]


def test_it_says_verdict_numbers_and_key():
    assert said(ADVICE, 100) == [
        " coach  diverges: loss 3.2e4 at step 40, was 12 at step 10 · a: lr ÷ 10"
    ]
    assert said(None, 100) == []


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_the_key_stays_where_the_sentence_is_cut(width: int):
    (row,) = said(ADVICE, width)
    assert len(row) <= width
    if width >= 60:
        assert row.endswith("a: lr ÷ 10")
        assert "…" in row or width == 80


def test_no_number_is_cut_in_two():
    for width in range(50, 80):
        for most in (1, 2):
            words = " ".join(said(ADVICE, width, most)).replace("…", " ").split()
            whole = f"coach diverges: · a: lr ÷ 10 {ADVICE.sentence}"
            assert set(words) <= set(whole.split())


def test_two_rows_where_there_is_room_for_them():
    rows = said(ADVICE, 50, 2)
    assert len(rows) == 2
    assert "".join(rows).endswith("a: lr ÷ 10")
    assert all(len(row) <= 50 for row in rows)
    assert said(ADVICE, 100, 2) == said(ADVICE, 100, 1)


def test_the_alarm_is_a_mark_and_a_word():
    alarmed = Advice(ADVICE.verdict, ADVICE.sentence, remedy=ADVICE.remedy, alarm=True)
    assert said(alarmed, 100)[0].startswith(f" {ALARM}  coach  diverges")
    assert "ALARM" in ALARM


def test_whoever_only_watches_is_told_what_would_help():
    assert said(ADVICE, 100, 1, False)[0].endswith("a: lr ÷ 10")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_line_comes_and_goes_with_the_advice(size: tuple[int, int]):
    engine = FakeEngine(state_of(coach=ADVICE))
    app = app_on(engine)
    async with app.run_test(size=size) as pilot:
        await attached(pilot)
        assert live(app).query_one(CoachLine).display
        assert text_of(app, "#coach").startswith(" coach  diverges: loss 3.2e4")
        engine.push(coach=None)
        await until(pilot, lambda: not text_of(app, "#coach").strip() or not coach(app).display)
        assert coach(app).display == seen(app).roomy, "there its place is kept: nothing jumps"


def coach(app: FoghillApp) -> CoachLine:
    return live(app).query_one(CoachLine)


@pytest.mark.parametrize("size", [(40, 24), (80, 12)])
async def test_there_is_no_line_without_room(size: tuple[int, int]):
    app = app_on(FakeEngine(state_of(coach=ADVICE)))
    async with app.run_test(size=size) as pilot:
        await attached(pilot)
        assert not live(app).query_one(CoachLine).display


async def test_a_tells_more_and_enter_takes_the_advice():
    engine = FakeEngine(state_of(coach=ADVICE))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AdviceScreen))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, AdviceScreen))
        assert Set({"lr": 1e-4}) not in engine.orders
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AdviceScreen))
        await pilot.press("enter")
        await until(pilot, lambda: Set({"lr": 1e-4}) in engine.orders)


async def test_without_advice_the_key_does_nothing():
    app = app_on(FakeEngine(state_of()))
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert not isinstance(app.screen, AdviceScreen)
