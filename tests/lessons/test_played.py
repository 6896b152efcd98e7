"""Who does what a text says to try finds it ticked: lessons played from orders alone."""

from pathlib import Path

import pytest
from foghill.engine.protocol.commands import (
    Applied,
    Command,
    Compare,
    Edit,
    FindRate,
    Load,
    Restart,
    Run,
    Save,
    Set,
    Speed,
    Step,
    Validate,
)
from foghill.engine.protocol.views import PictureRequest, PredictRequest, Request
from msgspec.structs import replace
from sessions import Live

Order = Command | Request


def run_with(**values: object) -> list[Order]:
    """Knobs, R and space."""
    return [Set(values), Restart(), Run()]  # type: ignore[arg-type]


def beside(*replicas: dict[str, object]) -> list[Order]:
    """R, a comparison and space."""
    return [Restart(), Compare(replicas), Run()]  # type: ignore[arg-type]


def stepping(count: int, **values: object) -> list[Order]:
    """Knobs, R and s so many times."""
    return [Set(values), Restart(), Step("step", count)]  # type: ignore[arg-type]


def look(name: str, page: int = 1) -> PictureRequest:
    return PictureRequest(name, 78, 14, page - 1)


def turned(name: str, **values: object) -> list[Order]:
    """A knob turned with a picture in sight, which is painted anew."""
    return [look(name), Set(values), look(name)]  # type: ignore[arg-type]


RATES = (0.003, 0.01, 0.1, 0.3, 3.0)
WEIGHTS = "w.safetensors"
PLAYED: dict[str, list[list[Order]]] = {
    "tensor": [
        [Set({"n": 3}), Set({"cut": "x[n, 0]"})],
        [look("padded")],
        [look("batch"), look("colour")],
        turned("dtypes", dtype="float16"),
        turned("sentence", word=4),
        [*turned("sound", pitch=3000), Set({"pitch": 5000}), look("sound")],
        [look("weights"), Step("step", 3)],
    ],
    "hill": [
        [Step()] * 3,
        [look("hill"), Run()],
        [look("hill"), Restart(), *(Set({"lr": lr}) for lr in (1.0, 2.0, 5.0)), look("hill")],
        stepping(3, lr=3.0),
        stepping(3, lr=5.0),
        run_with(lr=0.02, stop="step>=400"),
        run_with(momentum=0.9, lr=0.2),
        stepping(1, start=3.0),
    ],
    "line": [
        [look("sums"), look("gradients")],
        [Step("phase")] * 6,
        [look("hill"), Run()],
        run_with(learn_b=True),
        [look("numpy")],
        [*stepping(10, lr=0.5), *stepping(10, lr=0.8)],
        [*run_with(lr=0.1, outlier=20.0), *run_with(loss="mae")],
    ],
    "parabola": [
        [Step("phase")] * 6,
        [look("steps"), look("predictions"), *[Step()] * 9],
        [Run()],
        [look("hill", page) for page in (1, 2, 3, 4)],
        [*run_with(lr=3.4e-5), *run_with(lr=5e-5)],
        run_with(standardise=True, lr=0.1),
        run_with(standardise=False, zero_grad=False, lr=1e-5),
        run_with(zero_grad=True, optimizer="adam", lr=0.1),
        [look("gradients")],
    ],
    "radio": [
        [look("weights"), *(Edit("weight", 0, value) for value in (2.0, 3.0, 3.5))],
        [Restart(), *[Step()] * 10, look("ten")],
        [Run(), look("rows")],
        [*run_with(zero_grad=False), look("gradients")],
        [Set({"zero_grad": True, "requires_grad": False}), Step()],
        [Set({"requires_grad": True}), *run_with(table="diabetes")],
        run_with(centred=False),
    ],
    "neuron": [
        [Set({"x": -3.0}), Set({"x": 3.0})],
        [Set({"w": 3.0}), Set({"w": -3.0})],
        [Set({"w": 1.0}), Set({"b": 2.0})],
        [Set({"activation": "relu"}), Set({"b": 0.0}), Set({"x": -2.0})],
        [Set({"activation": "sigmoid"}), look("layer"), Run()],
        [Edit("0.weight", 6, value / 10) for value in range(5)],
    ],
    "bend": [
        [Run(), look("compare")],
        [look("product")],
        run_with(layers=4),
        run_with(activation="relu"),
        run_with(activation="tanh"),
        run_with(width=1),
    ],
    "playground": [
        [look("network"), Run()],
        run_with(task="gauss"),
        run_with(task="circle", hidden="0"),
        run_with(x1_squared=True, x2_squared=True),
        run_with(sin_x1=True, regularisation="L1", rate=0.03),
        [look("network"), *(Edit("1.weight", 0, value) for value in (0.1, 0.2, 0.3))],
        [
            Set({"regularisation": "none", "x1_squared": False, "x2_squared": False}),
            *run_with(sin_x1=False, hidden="8-8", noise=50.0, valid=0.9, lr=0.3),
        ],
        [
            *run_with(noise=0.0, valid=0.5, lr=0.03, task="spiral"),
            *run_with(sin_x1=True, sin_x2=True),
        ],
    ],
    "save": [
        [Run(), Save(WEIGHTS)],
        [Validate(), Restart("weights"), Validate()],
        [Load(WEIGHTS), Validate()],
        [Set({"hidden": 16}), Load(WEIGHTS)],
        [Set({"hidden": 8, "names": "fc"}), Load(WEIGHTS)],
        [Set({"names": "words"}), Load(WEIGHTS)],
        [look("file"), look("checksum")],
        [PredictRequest()],
    ],
    "lap": [
        [Step("epoch")],
        [Run()],
        [look("seen")],
        beside(*({"batch_size": b, "shuffle": s} for b in (1, 20) for s in (True, False))),
        [*run_with(batch_size=1, lr=0.02), Set({"stop": "step>=1000"}), Run()],
    ],
    "dial": [
        [Run()],
        [look("rates")],
        beside(*({"lr": lr, "optimizer": name} for lr in RATES for name in ("sgd", "adam"))),
        run_with(lr=0.7, batch_size=200),
        [Restart(), Compare(), FindRate(), look("rates")],
    ],
    "overfit": [
        [Run(until="step>=600")],
        [Run()],
        [Restart(), Run()],
        run_with(points=500),
        run_with(points=30, layers=1, width=4),
        run_with(layers=5, width=128, patience=200),
    ],
    "brakes": [
        [Run()],
        [look("compare")],
        run_with(weight_decay=100.0),
        [Set({"weight_decay": 0.0}), *beside(*({"dropout": d, "points": 400} for d in (0.0, 0.5)))],
        beside(
            *({"weight_decay": 1.0, "dropout": d, "shift": s} for d in (0.0, 0.5) for s in (0, 1))
        ),
    ],
    "optimizers": [
        [look("hill"), Run()],
        [look("compare")],
        [Set({"optimizer": "adam"}), Restart(), look("optimizer"), Step()],
        run_with(optimizer="sgd", lr=0.005),
        run_with(momentum=0.99, lr=0.001),
        run_with(momentum=0.0, task="network"),
        beside(*({"lr": lr, "optimizer": o} for lr in (0.01, 0.05) for o in ("sgd", "adam"))),
    ],
    "digits": [
        [Run()],
        [look("worst")],
        turned("shapes", architecture="conv"),
        [Set({"architecture": "mlp", "init": 10.0}), Restart(), Step()],
        run_with(loss="mae"),
        [Set({"init": 1.0, "loss": "cross_entropy", "dropout": 0.5}), look("modes")],
        [look("cost")],
        [Set({"dropout": 0.0}), Restart(), Run(), look("moved"), *run_with(shift=1), look("moved")],
        run_with(shift=0, valid=0.9),
        run_with(patience=10),
    ],
    "labels": [
        [Run()],
        [look("worst")],
        run_with(patience=5),
        run_with(patience=0, wrong=0.0),
        run_with(wrong=1.0, become="next"),
        run_with(wrong=0.0, missing=1.0),
        [*run_with(missing=0.0, shortcut=True), look("mark")],
        run_with(shortcut=False, wrong=0.4, become="any"),
    ],
    "finetune": [
        [Run()],
        [Set({"train": "all"}), Restart(), *[Step()] * 40, look("confusion")],
        [*run_with(train="last"), look("network")],
        run_with(train="all", kept=10),
        run_with(train="scratch", kept=0, examples=300),
        run_with(examples=30, lr=2e-4),
    ],
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path))


def play(live: Live, order: Order, folder: Path) -> None:
    """Do it and wait for its end. A file that does not fit is refused, as the texts say."""
    if isinstance(order, PictureRequest | PredictRequest):
        live.look(order)
        return
    if isinstance(order, Save | Load):
        order = replace(order, path=str(folder / order.path))
    answer = live.tell(order)  # type: ignore[arg-type]
    assert isinstance(answer, Applied) or isinstance(order, Load), answer
    live.until(lambda state: state.status != "running" and not state.doing)


def done(live: Live) -> set[int]:
    return {one.number for one in live.session.state.tries if one.done}


@pytest.mark.parametrize("lesson", PLAYED)
def test_the_picture_that_is_there_at_first_ticks_nothing(lesson: str):
    with Live(lesson) as live:  # type: ignore[arg-type]
        state = live.ready()
        live.look(look(next(name for name in state.pictures if name not in state.hidden)))
        assert done(live) == set()


def test_adam_with_old_gradients_kept_is_not_what_parabola_asks_for():
    with Live("parabola") as live:  # type: ignore[arg-type]
        live.ready()
        live.do(Speed(0))
        for order in run_with(zero_grad=False, optimizer="adam", lr=0.1):
            play(live, order, Path())
        assert live.session.state.step == 200
        assert 8 not in done(live)


@pytest.mark.parametrize(("knob", "turned"), [("x", (3.0, -3.0, 3.0)), ("w", (-3.0, 3.0, -3.0))])
def test_a_neuron_is_turned_from_one_end_to_the_other(knob: str, turned: tuple[float, ...]):
    first, *others = turned
    number = {"x": 1, "w": 2}[knob]
    with Live("neuron") as live:  # type: ignore[arg-type]
        live.ready()
        live.do(Set({knob: first}))
        assert number not in done(live)
        for value in others:
            live.do(Set({knob: value}))
        assert number in done(live)


def test_adams_step_is_looked_at_before_it_is_taken():
    with Live("optimizers") as live:  # type: ignore[arg-type]
        live.ready()
        live.look(look("optimizer"))
        live.do(Set({"optimizer": "adam"}))
        play(live, Step(), Path())
        assert 3 not in done(live)
        live.look(look("optimizer"))
        play(live, Step(), Path())
        assert 3 in done(live)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", PLAYED)
def test_what_the_text_says_to_do_ticks_it(lesson: str, tmp_path: Path):
    with Live(lesson) as live:  # type: ignore[arg-type]
        live.ready()
        live.do(Speed(0))
        expected: set[int] = set()
        assert len(PLAYED[lesson]) == len(live.session.state.tries)
        for number, orders in enumerate(PLAYED[lesson], 1):
            for order in orders:
                assert number not in done(live), f"{number} is ticked before {order}"
                play(live, order, tmp_path)
            if orders:
                expected.add(number)
            assert expected <= done(live), f"{number} is not ticked"
