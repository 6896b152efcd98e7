"""Who does what a text says to try finds it ticked: lessons played from orders alone."""

from pathlib import Path

import pytest
from foghill.engine.protocol.commands import (
    Command,
    Compare,
    FindRate,
    Restart,
    Run,
    Set,
    Speed,
    Step,
)
from foghill.engine.protocol.views import PictureRequest, Request
from sessions import Live

Order = Command | Request


def run_with(**values: object) -> list[Order]:
    """Knobs, R and space."""
    return [Set(values), Restart(), Run()]  # type: ignore[arg-type]


def beside(*replicas: dict[str, object]) -> list[Order]:
    """R, a comparison and space."""
    return [Restart(), Compare(replicas), Run()]  # type: ignore[arg-type]


def look(name: str) -> PictureRequest:
    return PictureRequest(name, 78, 14)


RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
PLAYED: dict[str, list[list[Order]]] = {
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
        [look("optimizer"), *run_with(optimizer="adam")],
        run_with(optimizer="sgd", lr=0.005),
        run_with(momentum=0.99, lr=0.001),
        [
            Set({"momentum": 0.0, "task": "network"}),
            *beside(*({"lr": lr, "optimizer": o} for lr in (0.01, 0.05) for o in ("sgd", "adam"))),
        ],
    ],
    "digits": [
        [Run()],
        [look("worst")],
        [look("shapes"), Set({"architecture": "conv"})],
        [Set({"architecture": "mlp", "init": 10.0}), Restart(), Step()],
        run_with(loss="mae"),
        [Set({"init": 1.0, "loss": "cross_entropy", "dropout": 0.5}), look("modes")],
        [look("cost")],
        [Set({"dropout": 0.0}), Restart(), Run(), look("moved"), *run_with(shift=1)],
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
        [],
    ],
    "finetune": [
        [Run()],
        [Set({"train": "all"}), Restart(), *[Step()] * 40, look("confusion")],
        [*run_with(train="last"), look("network")],
        run_with(train="all", kept=10),
        run_with(kept=0, examples=300),
        run_with(lr=2e-4),
    ],
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("lesson", PLAYED)
def test_what_the_text_says_to_do_ticks_it(lesson: str):
    with Live(lesson) as live:  # type: ignore[arg-type]
        live.ready()
        live.do(Speed(0))
        expected: set[int] = set()
        for number, orders in enumerate(PLAYED[lesson], 1):
            before = {one.number for one in live.session.state.tries if one.done}
            assert number not in before, f"{number} was ticked by what came before it"
            for order in orders:
                if isinstance(order, PictureRequest):
                    live.look(order)
                    live.do(Set({}))  # whatever is judged at the next report
                else:
                    live.do(order)
                    live.until(lambda state: state.status != "running")
            if orders:
                expected.add(number)
            done = {one.number for one in live.session.state.tries if one.done}
            assert expected <= done, f"{number} is not ticked"
