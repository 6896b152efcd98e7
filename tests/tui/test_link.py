"""The screen's connection: greeting, answers, acknowledgements, and what it says when lost."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_engine import PATIENCE, FakeEngine, state
from foghill.engine.protocol.commands import Applied, Command, Pause, Rejected, Run, Step
from foghill.engine.protocol.frames import VERSION, Bye, Hello, Look, Order, Refused, Seen, Shown
from foghill.engine.protocol.views import CurveRequest, StateRequest
from foghill.tui.link import Link, LinkError


class Screen:
    """What a screen was told, with conditions to wait for."""

    def __init__(self) -> None:
        self.frames: list[Shown | Bye] = []
        self.lost: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.link = Link(self.take, self.lost.append)

    async def take(self, frame: Shown | Bye) -> None:
        self.frames.append(frame)
        await self.gate.wait()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


async def frame_of(engine: FakeEngine, kind: type) -> object:
    return await asyncio.to_thread(engine.next, kind)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s"


async def test_greeting_brings_the_present_state(path: Path) -> None:
    with FakeEngine(path, state(step=7)) as engine:
        screen = Screen()
        welcome = await screen.link.connect(path, "watcher", "ann")
        assert (welcome.role, welcome.state.step) == ("watcher", 7)
        assert await frame_of(engine, Hello) == Hello(VERSION, "watcher", "ann")
        assert screen.link.connected
        await screen.link.close()
        assert not screen.link.connected


async def test_connecting_waits_for_an_engine_that_is_starting(path: Path) -> None:
    tried = threading.Event()

    def hopeless() -> str:
        tried.set()
        return ""

    connecting = asyncio.create_task(Screen().link.connect(path, hopeless=hopeless))
    assert await asyncio.to_thread(tried.wait, PATIENCE)
    with FakeEngine(path):
        assert (await connecting).state.run == "parabola"


async def test_connecting_gives_up_at_once_when_the_process_has_ended(path: Path) -> None:
    with pytest.raises(LinkError, match="ended with code 2"):
        await Screen().link.connect(path, hopeless=lambda: "the engine ended with code 2")


async def test_connecting_gives_up_at_its_deadline(path: Path) -> None:
    with pytest.raises(LinkError, match="no engine answers"):
        await Screen().link.connect(path, patience=0.05)


async def test_an_engine_that_never_greets_is_an_error(path: Path) -> None:
    with FakeEngine(path, silent=True), pytest.raises(LinkError, match="does not answer"):
        await Screen().link.connect(path, patience=0.05)


async def test_leaving_before_the_greeting_hangs_up(path: Path) -> None:
    with FakeEngine(path, silent=True) as engine:
        link = Screen().link
        connecting = asyncio.create_task(link.connect(path))
        await frame_of(engine, Hello)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert not link.connected
        await asyncio.to_thread(engine.gone.wait, PATIENCE)
        assert engine.gone.is_set()


async def test_a_refusal_is_told_in_its_own_words(path: Path) -> None:
    refusal = Refused("version", "this engine speaks version 9")
    with FakeEngine(path, refused=refusal), pytest.raises(LinkError, match="speaks version 9"):
        await Screen().link.connect(path)


async def test_commands_get_their_own_answers_in_any_order(path: Path) -> None:
    engine: FakeEngine
    held: list[int] = []

    def answer(number: int, command: Command) -> Applied | Rejected | None:
        if isinstance(command, Step):
            held.append(number)
            return None
        engine.show(Rejected(number, "not now"))
        return Applied(held[0], step=5)

    with FakeEngine(path, answer=answer) as engine:
        link = Screen().link
        await link.connect(path)
        step = asyncio.create_task(link.send(Step()))
        await until(lambda: held)
        assert await link.send(Pause()) == Rejected(held[0] + 1, "not now")
        assert await step == Applied(held[0], step=5)
        await link.close()


async def test_a_command_is_on_its_way_before_anybody_waits_for_its_answer(path: Path) -> None:
    with FakeEngine(path, answer=lambda number, _: Applied(number, step=1)) as engine:
        link = Screen().link
        await link.connect(path)
        answer = link.send(Pause())
        assert await frame_of(engine, Order) == Order(1, Pause())
        assert await answer == Applied(1, step=1)
        await link.close()


async def test_exact_values_are_paged_together(path: Path) -> None:
    with FakeEngine(path) as engine:
        engine.history["loss"] = [float(n) for n in range(1, 26)]
        engine.page = 10
        link = Screen().link
        await link.connect(path)
        steps, values = await link.ask("loss", 3, 25)
        assert steps == list(range(3, 26))
        assert values == [float(n) for n in range(3, 26)]
        await link.close()


async def test_a_view_is_acknowledged_only_after_the_screen_took_it(path: Path) -> None:
    with FakeEngine(path) as engine:
        screen = Screen()
        screen.gate.clear()
        await screen.link.connect(path)
        await screen.link.look(StateRequest(), CurveRequest())
        assert await frame_of(engine, Look) == Look((StateRequest(), CurveRequest()))
        await until(lambda: screen.frames)
        # An answer overtakes the slow screen, and nothing was acknowledged before it.
        assert isinstance(await screen.link.send(Run()), Applied)
        await until(lambda: engine.commands)
        assert not any(isinstance(f, Seen) for f in tuple(engine.received.queue))
        screen.gate.set()
        assert await frame_of(engine, Seen) == Seen(StateRequest())
        await screen.link.close()


async def test_a_killed_engine_is_told_once_and_ends_what_waits(path: Path) -> None:
    with FakeEngine(path, answer=lambda *_: None) as engine:
        screen = Screen()
        await screen.link.connect(path)
        waiting = asyncio.create_task(screen.link.send(Run()))
        await until(lambda: engine.commands)
        await asyncio.to_thread(engine.die)
        with pytest.raises(LinkError, match="without a word"):
            await waiting
        assert screen.lost == ["the engine is gone without a word"]
        with pytest.raises(LinkError):
            await screen.link.send(Run())
        await screen.link.look(StateRequest())
        await screen.link.close()
        assert len(screen.lost) == 1


async def test_a_bye_is_a_frame_and_no_loss(path: Path) -> None:
    with FakeEngine(path) as engine:
        screen = Screen()
        await screen.link.connect(path)
        await asyncio.to_thread(engine.say_bye, "stopped by ann")
        await until(lambda: screen.frames and not screen.link.connected)
        assert isinstance(screen.frames[-1], Bye)
        assert screen.frames[-1].reason == "stopped by ann"
        with pytest.raises(LinkError, match="has ended"):
            await screen.link.send(Run())
        assert screen.lost == []
        await screen.link.close()


async def test_a_screen_that_raises_is_told_instead_of_hanging(path: Path) -> None:
    def fail(_: Shown | Bye) -> None:
        raise KeyError("widget")

    with FakeEngine(path):
        lost: list[str] = []
        link = Link(fail, lost.append)
        await link.connect(path)
        await link.look(StateRequest())
        await until(lambda: lost)
        assert "KeyError" in lost[0]
        await link.close()


async def test_closing_from_the_callback_ends_both_tasks(path: Path) -> None:
    with FakeEngine(path):
        closed = asyncio.Event()

        async def leave(_: Shown | Bye) -> None:
            await link.close()
            closed.set()

        link = Link(leave, pytest.fail)
        await link.connect(path)
        await link.look(StateRequest())
        async with asyncio.timeout(PATIENCE):
            await closed.wait()
        await until(lambda: not [t for t in asyncio.all_tasks() if t.get_name()[:4] == "link"])


async def test_an_engine_that_talks_nonsense_is_dropped(path: Path) -> None:
    with FakeEngine(path) as engine:
        screen = Screen()
        await screen.link.connect(path)
        engine._peers[0].sendall(b"\x00\x00\x00\x02\xc1\xc1")
        await until(lambda: screen.lost)
        assert "does not understand" in screen.lost[0]
        await screen.link.close()
