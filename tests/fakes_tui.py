"""An engine that lives in the test: serves a scripted `State` to the real app, keeps orders.

`FakeEngine.push(...)` changes the state as the engine would; `views` answers what is looked at.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from foghill.engine.protocol import commands
from foghill.engine.protocol.commands import (
    Answer,
    Applied,
    Change,
    Command,
    Pause,
    Set,
    SetBack,
    Speed,
    Step,
    Stop,
)
from foghill.engine.protocol.frames import VERSION, Bye, Shown, Welcome
from foghill.engine.protocol.knob import Knob, Value
from foghill.engine.protocol.pictures import Fit, Prediction
from foghill.engine.protocol.state import PHASES, State
from foghill.engine.protocol.views import (
    Curve,
    CurveRequest,
    Line,
    Output,
    OutputRequest,
    PhaseRow,
    Phases,
    PhasesRequest,
    PictureRequest,
    PredictRequest,
    Request,
    StateRequest,
    View,
)
from foghill.engine.runs.catalog import Run, RunSpec
from foghill.tui.app import FoghillApp
from foghill.tui.link import LinkError, OnFrame, OnLost
from foghill.tui.screens.live import LiveScreen
from foghill.tui.state import ScreenState
from textual.pilot import Pilot

CODES = (
    "x, y = next(batches)",
    "prediction = model(x)",
    "loss = mse(prediction, y)",
    "opt.zero_grad()",
    "loss.backward()",
    "opt.step()",
)

KNOBS = (
    Knob(name="optimizer", kind="choice", value="sgd", default="sgd", choices=("sgd", "adam")),
    Knob(name="lr", kind="float", value=1e-3, default=1e-3, low=0.0, log=True, help="step size"),
    Knob(name="momentum", kind="float", value=0.0, default=0.0, low=0.0, high=1.0),
    Knob(name="nesterov", kind="bool", value=False, default=False, unused="momentum is 0"),
    Knob(name="batch_size", kind="int", value=20, default=32, low=1, log=True),
    Knob(name="zero_grad", kind="bool", value=True, default=True),
    Knob(name="stop", kind="text", value="step>=200", default=""),
    Knob(name="seed", kind="int", value=0, default=0, low=0, effect="next restart"),
)


RUN = Run(
    RunSpec(
        name="parabola",
        directory="/nowhere/parabola",
        experiment="parabola",
        kind="lesson",
        path="/nowhere/parabola.py",
        argv=(),
        cwd="/nowhere",
        host="here",
        boot_id="",
        created=0.0,
        versions={},
        source_sha256="",
    ),
    "alive",
)


def state_of(**changes: Any) -> State:
    """A paused lesson, untouched, with the fields given."""
    plain = State(
        run="parabola",
        directory="/nowhere/parabola",
        experiment="parabola",
        kind="lesson",
        title="Fit a parabola to a thrown ball.",
        text="You stand on a hill in thick fog.\n\nTake a step.",
        status="paused",
        end_step=200,
        steps_per_epoch=1,
        pace=30.0,
        device="cpu",
        series=("loss",),
        knobs=KNOBS,
        pictures=("fit",),
        drivers=1,
    )
    return msgspec.structs.replace(plain, **changes)


class FakeEngine:
    """What `Launch` is asked for, and the engine behind it, in one object."""

    def __init__(self, state: State | None = None, *, answers: bool = True) -> None:
        self.state = state or state_of()
        self.orders: list[Command] = []
        self.looked: tuple[Request, ...] = ()
        self.values: dict[str, list[float]] = {"loss": [100.0 / (1 + n / 10) for n in range(300)]}
        self.refuse: Callable[[Command], Answer | None] = lambda _: None
        self.answers = answers
        self.ready = asyncio.Event()
        self.ready.set()
        self.fails = ""
        self.fate_is: Literal["alive", "ended", "died", "elsewhere", "gone"] = "died"
        self.links: list[FakeLink] = []
        self.abandoned = False

    def launch(self, _: object = None, role: Literal["driver", "watcher"] = "driver") -> "Any":
        return FakeLaunch(self, role)

    def push(self, **changes: Any) -> None:
        """The state changes, and whoever looks sees it."""
        self.state = msgspec.structs.replace(self.state, **changes)
        self.show()

    def show(self) -> None:
        for link in self.links:
            for request in link.requests:
                link.give(Shown(request, self.view(request)))

    def view(self, request: Request) -> View:
        state = self.state
        match request:
            case StateRequest():
                return state
            case CurveRequest():
                last = min(state.step, request.last or state.step)
                steps = list(range(1, last + 1))
                values = self.values["loss"][:last]
                line = Line("loss", steps, values, values, values, [])
                return Curve(1, max(last, 1), 1, (line,))
            case PhasesRequest():
                done = PHASES.index(state.phase) + 1 if state.phase else 6
                rows = tuple(
                    PhaseRow(phase, "20 f32", "626.6" if phase == "loss" else "", code)
                    for phase, code in zip(PHASES, CODES, strict=True)
                )
                return Phases(state.step + (0 if done == 6 else 1), done, rows)
            case PictureRequest():
                xs = [float(x) for x in range(20)]
                ys = [0.75 * (x - 9.5) ** 2 for x in xs]
                line = ("now", xs, [y * 0.5 for y in ys])
                return Fit("time", "height", (xs, ys), ([], []), (line,))
            case PredictRequest(values=values, index=index):
                given = list(values) or [0.0] * 32 + [1.0] * 32
                scores = [0.1, 0.9] if sum(given) > 20 else [0.8, 0.2]
                return Prediction(
                    (),
                    given,
                    (1, 8, 8),
                    answer="ab"[scores.index(max(scores))],
                    classes=("a", "b"),
                    scores=scores,
                    example=-1 if values else index,
                    total=5,
                    source="held out",
                    checksum="c0ffee",
                    checksum_after="c0ffee",
                )
            case OutputRequest():
                return Output(("hello from the user", "\x1b[31mred\x1b[0m"), "/nowhere/engine.log")

    def obey(self, number: int, command: Command) -> Answer:
        self.orders.append(command)
        if (refusal := self.refuse(command)) is not None:
            self.push(answered=self.state.answered + 1)
            return refusal
        state = self.state
        changes: tuple[Change, ...] = ()
        match command:
            case commands.Run():
                self.push(status="running", touched=True, step=state.step + 1)
            case Pause():
                self.push(status="paused")
            case Step(unit="phase"):
                place = PHASES.index(state.phase) + 1 if state.phase else 0
                whole = place == len(PHASES) - 1
                phase = "" if whole else PHASES[place]
                self.push(phase=phase, touched=True, step=state.step + whole)
            case Step(count=count):
                self.push(step=state.step + count, phase="", touched=True)
            case Set(values=values):
                changes = self._turn(values)
            case SetBack(knob=name):
                knob = state.knob(name)
                assert knob is not None
                assert knob.previous is not None
                changes = self._turn({name: knob.previous})
            case Speed(steps_per_second=pace):
                self.push(pace=pace)
            case Stop():
                for link in self.links:
                    link.give(Bye("stopped", state))
            case _:
                pass
        self.push(answered=self.state.answered + 1)
        return Applied(number, self.state.step, self.state.phase, changes)

    def _turn(self, values: dict[str, Value]) -> tuple[Change, ...]:
        knobs: list[Knob] = []
        changes: list[Change] = []
        for knob in self.state.knobs:
            if knob.name in values:
                new = values[knob.name]
                changes.append(Change(knob.name, knob.value, new, new))
                knob = msgspec.structs.replace(knob, value=new, previous=knob.value)
            knobs.append(knob)
        self.push(knobs=tuple(knobs))
        return tuple(changes)

    def lose(self, reason: str = "the engine is gone without a word") -> None:
        for link in self.links:
            link.lost(reason)
        self.links.clear()


class FakeLaunch:
    """The live screen's way to the fake engine."""

    def __init__(self, engine: FakeEngine, role: Literal["driver", "watcher"]) -> None:
        self.engine = engine
        self.role: Literal["driver", "watcher"] = role
        self.new = True
        self.spec = RUN.spec

    @property
    def first(self) -> State:
        state = self.engine.state
        return State(
            run=state.run,
            directory=state.directory,
            experiment=state.experiment,
            kind=state.kind,
            doing="starting the engine",
        )

    async def open(self, on_frame: OnFrame, on_lost: OnLost) -> "tuple[FakeLink, Welcome]":
        await self.engine.ready.wait()
        if self.engine.fails:
            raise LinkError(self.engine.fails)
        link = FakeLink(self.engine, on_frame, on_lost)
        self.engine.links.append(link)
        return link, Welcome(VERSION, self.role, self.engine.state)

    async def fate(self) -> str:
        return self.engine.fate_is

    async def abandon(self) -> None:
        self.engine.abandoned = True


class FakeLink:
    """Stands for `tui.link.Link`."""

    def __init__(self, engine: FakeEngine, on_frame: OnFrame, on_lost: OnLost) -> None:
        self.engine = engine
        self.requests: tuple[Request, ...] = ()
        self.give: Callable[[Shown | Bye], Awaitable[None] | None] = on_frame
        self.lost = on_lost
        self.closed = False

    async def send(self, command: Command) -> Answer:
        if not self.engine.answers:
            await asyncio.Event().wait()
        return self.engine.obey(len(self.engine.orders), command)

    async def look(self, *requests: Request) -> None:
        new = [request for request in requests if request not in self.requests]
        self.requests = self.engine.looked = requests
        for request in new:
            self.give(Shown(request, self.engine.view(request)))

    async def ask(self, series: str, first: int, last: int) -> tuple[list[int], list[float]]:
        values = self.engine.values[series][first - 1 : last]
        return list(range(first, first + len(values))), values

    async def close(self) -> None:
        self.closed = True


def app_on(engine: FakeEngine, **options: Any) -> FoghillApp:
    """The real app on a fake engine."""
    return FoghillApp(RUN, launch=engine.launch, **options)


async def until(pilot: Pilot[None], condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Let the app work until `condition` holds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it never came to that"
        await pilot.pause()


def live(app: FoghillApp) -> LiveScreen:
    """The live screen, wherever it is in the stack."""
    return next(screen for screen in app.screen_stack if isinstance(screen, LiveScreen))


def seen(app: FoghillApp) -> ScreenState:
    return live(app).state


async def shown(pilot: Pilot[None]) -> None:
    """The live screen is there, its engine perhaps not."""
    app = pilot.app
    assert isinstance(app, FoghillApp)
    await until(pilot, lambda: isinstance(app.screen, LiveScreen) and app.screen.is_mounted)
    await pilot.pause()


async def attached(pilot: Pilot[None]) -> None:
    """The app has reached its engine and shown what it serves."""
    app = pilot.app
    assert isinstance(app, FoghillApp)
    await shown(pilot)
    await until(pilot, lambda: seen(app).attached)
    await pilot.pause()


def text_of(app: FoghillApp, selector: str) -> str:
    """What stands in a widget of rows on the live screen."""
    from foghill.tui.widgets.rows import Rows

    return live(app).query_one(selector, Rows).text
