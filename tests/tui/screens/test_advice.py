"""The dialog of the coach, and the bell."""

from typing import Any

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, state_of, until
from foghill.engine.protocol.state import Advice
from foghill.tui.screens.advice import advice_rows, alarmed

ADVICE = Advice("overfits", "validation 0.2", "Why it is so.", "stop early", {"patience": 10})
ALARM = Advice("climbs", "loss 9 at step 3", alarm=True)


def said(advice: Advice, width: int = 60, offers: bool = True) -> str:
    return "\n".join("".join(text for text, _ in row) for row in advice_rows(advice, width, offers))


def test_everything_is_said():
    text = said(ADVICE)
    for words in ("coach: overfits", "Validation 0.2.", "Why it is so.", "stop early"):
        assert words in text
    assert "enter set patience = 10" in text


def test_only_who_drives_is_offered_the_knobs():
    assert "enter" not in said(ADVICE, offers=False)
    assert "stop early" in said(ADVICE, offers=False)


@pytest.mark.parametrize("width", [20, 40, 76])
def test_lines_fit(width: int):
    long = Advice("bounces", "loss " * 60, "Because " * 60, "lr ÷ 10", {"lr": 0.1})
    body = said(long, width).split("\n")[2:-4]
    assert max(map(len, body)) <= width


@pytest.mark.parametrize(("wanted", "rings"), [(True, 1), (False, 0)])
async def test_the_bell_rings_once_for_those_who_want_it(
    wanted: bool, rings: int, monkeypatch: pytest.MonkeyPatch
):
    engine = FakeEngine(state_of())
    app = app_on(engine, bell=wanted)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        rung: list[Any] = []
        monkeypatch.setattr(app, "bell", lambda: rung.append(1))
        engine.push(coach=ALARM)
        await until(pilot, lambda: alarmed(live(app).state.run))
        engine.push(coach=ALARM, step=4)
        await until(pilot, lambda: live(app).state.run.step == 4)
        assert len(rung) == rings


async def test_the_palette_turns_the_bell_on_and_off():
    app = app_on(FakeEngine(state_of()))
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        screen = live(app)
        assert not screen.state.bell
        screen.action_command("bell")
        assert screen.state.bell
        assert screen.state.said == "the bell is on"
        screen.action_command("bell")
        assert not screen.state.bell
