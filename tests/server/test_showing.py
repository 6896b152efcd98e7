"""Views: computed once for all, only while someone is ready, latest wins."""

import asyncio
import threading
from pathlib import Path

import pytest
from fakes import Rig, Wire, rig, until
from foghill.engine.protocol.frames import Look, Refused, Seen, Shown
from foghill.engine.protocol.pictures import Bars
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import (
    Curve,
    CurveRequest,
    Failed,
    Output,
    OutputRequest,
    PhasesRequest,
    PictureRequest,
    PredictRequest,
    StateRequest,
)
from foghill.engine.server import showing

CURVE = CurveRequest()
PICTURE = PictureRequest("weights")


async def shown(wire: Wire) -> Shown:
    frame = await wire.hear()
    assert isinstance(frame, Shown)
    return frame


async def test_the_next_state_waits_for_seen_and_is_the_latest(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach("watcher")
        wire.say(Look((StateRequest(),)))
        await shown(wire)
        for step in range(1, 500):
            r.session.publish(step=step, status="paused" if step % 2 else "running")
            if step % 50 == 0:
                await asyncio.sleep(0)
        wire.say(Seen(StateRequest()))
        view = (await shown(wire)).view
        assert isinstance(view, State)
        assert view.step == 499


async def test_a_change_of_status_does_not_wait_for_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "INTERVAL", 1e6)
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        await wire.state(lambda state: state.status == "warming up")
        r.session.publish(step=1)
        await until(lambda: r.server._showing.revision == 1)
        r.session.publish(step=2, status="paused")
        assert (await wire.state(lambda state: state.step > 0)).step == 2


async def test_equal_requests_are_computed_once(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        r.session.publish(step=1)
        wires = [(await r.attach("watcher"))[0] for _ in range(16)]
        for wire in wires:
            wire.say(Look((CURVE, PICTURE)))
        for wire in wires:
            assert (await shown(wire)).request == CURVE
        assert r.curves == 1
        await until(lambda: r.session.wanted == {PICTURE: -1})
        r.show(PICTURE, Bars("w", ("a",), [1.0]))
        for wire in wires:
            assert (await shown(wire)).view == Bars("w", ("a",), [1.0])


async def test_what_nobody_looks_at_is_not_computed(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        wire.say(Look((CURVE, PICTURE)))
        await shown(wire)
        await until(lambda: PICTURE in r.session.wanted)
        wire.say(Look(()))
        await until(lambda: not r.session.wanted)
        for step in range(5):
            r.session.publish(step=step)
        await wire.state(lambda state: state.step == 4)
        assert r.curves == 1


async def test_a_curve_nobody_waits_for_any_longer_is_not_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()

    def held(self: Rig, request: CurveRequest) -> Curve:
        self.curves += 1
        free.wait(10)
        return Curve(request.first, 1, 1, ())

    monkeypatch.setattr(Rig, "_curve", held)
    async with rig(tmp_path) as r:
        r.session.publish(step=1)
        wire, _ = await r.attach("watcher")
        wire.say(Look((CURVE,)))
        await until(lambda: r.curves == 1)
        for columns in range(1, 20):
            gone, _ = await r.attach("watcher")
            gone.say(Look((CurveRequest(columns=columns),)))
            gone.close()
        await until(lambda: len(r.server._peers) == 1)
        free.set()
        await shown(wire)
        wire.say(Look((CurveRequest(columns=50),)))
        assert (await shown(wire)).request == CurveRequest(columns=50)
        assert r.curves == 2


async def test_a_client_that_stopped_reading_costs_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        stalled, _ = await r.attach("watcher")
        stalled.stall()
        stalled.say(Look((CURVE, PICTURE, StateRequest())))
        await until(lambda: PICTURE in r.session.wanted)
        r.show(PICTURE, Bars("w", ("a",), [1.0]))
        await until(lambda: PICTURE not in r.session.wanted and r.curves == 1)
        other, _ = await r.attach()
        for step in range(1, 6):
            r.session.publish(step=step)
            await other.state(lambda state, step=step: state.step == step)
        assert r.curves == 1
        assert PICTURE not in r.session.wanted


async def test_a_picture_is_wanted_again_when_it_was_seen(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        wire.say(Look((PhasesRequest(),)))
        await until(lambda: r.session.wanted == {PhasesRequest(): -1})
        r.session.publish(step=3)
        r.show(PhasesRequest(), Failed("nothing yet"))
        assert (await shown(wire)).view == Failed("nothing yet")
        assert not r.session.wanted
        wire.say(Seen(PhasesRequest()))
        await until(lambda: r.session.wanted == {PhasesRequest(): 1})


async def test_a_client_that_leaves_takes_its_wants_along(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        wire.say(Look((PICTURE,)))
        await until(lambda: PICTURE in r.session.wanted)
        wire.close()
        await until(lambda: not r.session.wanted)
        assert not r.server._showing._shown


async def test_seen_without_need_changes_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        wire.say(Seen(CURVE), Look((CURVE,)), Seen(PICTURE))
        await shown(wire)
        wire.say(Seen(CURVE), Seen(CURVE))
        await wire.state(lambda state: state.drivers == 1)
        assert r.curves == 1


async def test_a_view_that_raises_is_shown_as_failed(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        r.server._showing._curve = lambda request: 1 / 0
        wire, _ = await r.attach()
        wire.say(Look((CURVE,)))
        assert (await shown(wire)).view == Failed("ZeroDivisionError: division by zero")


async def test_a_view_that_cannot_be_sent_is_shown_as_failed(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        wire.say(Look((PICTURE,)))
        await until(lambda: PICTURE in r.session.wanted)
        r.show(PICTURE, Bars("w", ("a",), [object()]))  # type: ignore[list-item]
        assert isinstance((await shown(wire)).view, Failed)


@pytest.mark.parametrize(
    "request_",
    [
        CurveRequest(columns=0),
        CurveRequest(columns=10**9),
        CurveRequest(first=-1),
        PictureRequest("fit", columns=10**6, rows=10**6),
        PictureRequest("fit", index=-1),
        OutputRequest(lines=0),
        PredictRequest((1.0,) * 5000),
    ],
)
async def test_absurd_sizes_fail_before_anything_is_computed(
    tmp_path: Path, request_: CurveRequest
) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        wire.say(Look((request_,)))
        frame = await shown(wire)
        assert not isinstance(frame, Refused)
        assert isinstance(frame.view, Failed)
        assert (r.curves, r.session.wanted) == (0, {})


async def test_the_output_follows_the_log(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_text("first\n")
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        wire.say(Look((OutputRequest(lines=2),)))
        assert (await shown(wire)).view == Output(("first",), str(log))
        wire.say(Seen(OutputRequest(lines=2)))
        with log.open("a") as file:
            file.write("second\nthird\n")
        assert (await shown(wire)).view == Output(("second", "third"), str(log))
