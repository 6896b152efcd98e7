"""Replicas in a session equal runs of their own bit for bit; the run never notices them."""

import itertools
from pathlib import Path

import pytest
from foghill.engine.protocol.commands import (
    Applied,
    Compare,
    Rejected,
    Restart,
    Run,
    Set,
    Step,
    Validate,
)
from foghill.engine.protocol.pictures import Comparison
from foghill.engine.protocol.state import PHASES, State
from foghill.engine.protocol.views import CurveRequest, PictureRequest
from plain import REGRESSION, RESTLESS
from sessions import LINE, Live, write

CHANGES: tuple[dict[str, object], ...] = ({"lr": 0.03}, {"optimizer": "sgd", "dropout": 0.1})


def losses(live: Live, label: str = "", kind: str = "loss") -> list[float]:
    """All losses of a replica, or of the run."""
    name = f"{kind} · {label}" if label else kind
    return live.store.exact(name, 0, 2**62, 10**9)[1]


def stands(live: Live, step: int) -> State:
    """The run stands still there, and everybody with it."""
    return live.until(
        lambda s: s.step == step and s.status == "paused" and not s.doing and not s.phase
    )


def alone(folder: Path, text: str, steps: int, **typed: object) -> tuple[list[float], list[float]]:
    """Losses of a run of its own, and those of its held-out data."""
    with Live(write(folder, text, "alone.py"), settings=_typed(typed)) as live:
        live.ready()
        live.do(Step("step", steps))
        stands(live, steps)
        return losses(live), losses(live, kind="valid_loss")


def _typed(values: dict[str, object]) -> dict[str, str]:
    return {"threads": "1"} | {name: str(value) for name, value in values.items()}


def test_from_the_start_everybody_equals_a_run_of_its_own(tmp_path: Path):
    with Live(write(tmp_path, RESTLESS), settings=_typed({})) as live:
        live.ready()
        answer = live.do(Compare(CHANGES))  # type: ignore[arg-type]
        assert answer.note == "2 replicas from the start"
        live.do(Step("step", 23))
        state = stands(live, 23)
        assert state.compared == ("this run", "lr 0.03", "sgd dropout 0.1")
        found = {label: losses(live, label) for label in state.compared[1:]}
        valid = {label: losses(live, label, "valid_loss") for label in state.compared[1:]}
        own, own_valid = losses(live), losses(live, kind="valid_loss")
    assert (own, own_valid) == alone(tmp_path, RESTLESS, 23)
    for label, changes in zip(found, CHANGES, strict=True):
        assert (found[label], valid[label]) == alone(tmp_path, RESTLESS, 23, **changes)


def test_in_the_middle_replicas_go_on_as_the_run_would_have(tmp_path: Path):
    with Live(write(tmp_path, RESTLESS), settings=_typed({})) as live:
        live.ready()
        live.do(Step("step", 12))
        stands(live, 12)
        assert live.do(Compare(({"lr": 0.05},))).note == "1 replica from step 12"
        live.do(Step("step", 20))
        stands(live, 32)
        replica, own = losses(live, "lr 0.05"), losses(live)
    assert own == alone(tmp_path, RESTLESS, 32)[0]
    with Live(write(tmp_path, RESTLESS, "turned.py"), settings=_typed({})) as live:
        live.ready()
        live.do(Step("step", 12))
        stands(live, 12)
        live.do(Set({"lr": 0.05}))
        live.do(Step("step", 20))
        stands(live, 32)
        assert losses(live)[12:] == replica


def test_knobs_turned_on_the_run_turn_in_replicas_that_have_not_their_own(tmp_path: Path):
    with Live(write(tmp_path, RESTLESS), settings=_typed({})) as live:
        live.ready()
        live.do(Compare(({"lr": 0.05}, {"dropout": 0.0})))
        live.do(Step("step", 7))
        stands(live, 7)
        live.do(Set({"lr": 0.2, "width": 6}))
        live.do(Step("step", 7))
        stands(live, 14)
        mine, other = losses(live, "lr 0.05"), losses(live, "dropout 0")
    for changes, turned, found in (
        ({"lr": 0.05}, {"width": 6}, mine),
        ({"dropout": 0.0}, {"lr": 0.2, "width": 6}, other),
    ):
        with Live(write(tmp_path, RESTLESS, "alone.py"), settings=_typed(changes)) as live:
            live.ready()
            live.do(Step("step", 7))
            stands(live, 7)
            live.do(Set(turned))
            live.do(Step("step", 7))
            stands(live, 14)
            assert losses(live) == found


TURNED_IN_A_STEP: dict[str, dict[str, object]] = {
    "batch_size": {"batch_size": 5},
    "shuffle": {"shuffle": False, "lr": 0.02},
    "loss": {"loss": "mae"},
    "zero_grad": {"zero_grad": False},
    "and then a rebuild": {"batch_size": 5, "hidden": 6},
}


@pytest.mark.parametrize("begun", [1, 3, 5])
@pytest.mark.parametrize("case", TURNED_IN_A_STEP)
def test_knobs_turned_within_a_step_turn_where_they_would_in_a_run_alone(
    tmp_path: Path, case: str, begun: int
):
    found: list[list[float]] = []
    for beside in (True, False):
        changes = {"batch_size": "8"} | ({} if beside else {"momentum": "0.5"})
        path = write(tmp_path, REGRESSION, f"{'beside' if beside else 'alone'}.py")
        with Live(path, settings=_typed({}) | changes) as live:
            live.ready()
            if beside:
                live.do(Compare(({"momentum": 0.5},)))
            live.do(Step("step", 4))
            stands(live, 4)
            live.do(Step("phase", begun))
            live.until(lambda s: s.phase == PHASES[begun - 1] and s.status == "paused")
            for name, value in TURNED_IN_A_STEP[case].items():
                live.do(Set({name: value}))  # type: ignore[dict-item]
            live.do(Step("step", 9))
            stands(live, 13)
            found.append(losses(live, "momentum 0.5") if beside else losses(live))
    assert found[0] == found[1]


def test_a_restart_restarts_everybody(tmp_path: Path):
    with Live(write(tmp_path, RESTLESS), settings=_typed({})) as live:
        live.ready()
        live.do(Step("step", 5))
        stands(live, 5)
        live.do(Compare(({"lr": 0.05},)))
        live.do(Step("step", 5))
        stands(live, 10)
        live.do(Restart())
        assert live.session.state.compared == ("this run", "lr 0.05")
        live.do(Step("step", 9))
        stands(live, 9)
        found = losses(live, "lr 0.05")
    assert found == alone(tmp_path, RESTLESS, 9, lr=0.05)[0]


def test_a_knob_turned_before_the_first_step_builds_everybody_anew(tmp_path: Path):
    with Live(write(tmp_path, RESTLESS), settings=_typed({})) as live:
        live.ready()
        live.do(Compare(({"lr": 0.05},)))
        live.do(Set({"width": 5}))
        live.do(Step("step", 9))
        stands(live, 9)
        found = losses(live, "lr 0.05")
    assert found == alone(tmp_path, RESTLESS, 9, lr=0.05, width=5)[0]


def test_a_file_may_begin_with_its_comparison(tmp_path: Path):
    text = REGRESSION + 'compare = [{"lr": 0.1}, {"lr": 1e-4, "optimizer": "adam"}]\n'
    with Live(write(tmp_path, text), settings=_typed({})) as live:
        assert live.ready().compared == ("this run", "lr 0.1", "lr 1e-4 adam")
        assert "compare" in live.session.state.pictures
        assert "rates" in live.session.state.pictures


def test_a_headless_run_takes_its_comparison_to_the_end(tmp_path: Path):
    text = REGRESSION + 'compare = [{"lr": 0.1}]\n'
    with Live(write(tmp_path, text), settings=_typed({}), headless=True, until="step>=15") as live:
        assert live.session.join(30)
        found = losses(live, "lr 0.1")
    assert found == alone(tmp_path, REGRESSION, 15, lr=0.1)[0]


def test_the_table_says_how_everybody_stands(tmp_path: Path):
    with Live(write(tmp_path, LINE), settings=_typed({})) as live:
        live.ready()
        live.do(Compare(({"lr": 0.01}, {"lr": 1e30})))
        live.do(Step("step", 8))
        stands(live, 8)
        view = live.look(PictureRequest("compare"))
        found, valid = losses(live, "lr 0.01"), losses(live, "lr 0.01", "valid_loss")
    assert isinstance(view, Comparison)
    own, slow, wild = view.entrants
    assert (view.knob, view.log) == ("lr", True)
    assert (own.label, own.at, slow.at) == ("this run", 0.1, 0.01)
    means = [(a + b) / 2 for a, b in itertools.pairwise(found)]
    assert slow.loss == pytest.approx(means[-1])
    assert slow.best == pytest.approx(min(means))
    assert slow.best_step == means.index(min(means)) + 2
    assert (slow.valid_loss, slow.best_valid) == (valid[-1], min(valid))
    assert slow.best_valid_step == 2 * (valid.index(min(valid)) + 1)
    assert wild.stopped.startswith("loss is ")
    assert not own.stopped


def test_patience_of_its_own_stops_a_replica_alone(tmp_path: Path):
    text = LINE.replace('"lr": 0.1', '"lr": 0.1, "optimizer": "sgd"')
    with Live(write(tmp_path, text), settings=_typed({})) as live:
        live.ready()
        live.do(Compare(({"patience": 2, "lr": 3.0},)))
        live.do(Step("step", 20))
        stands(live, 20)
        view = live.look(PictureRequest("compare"))
        valid = losses(live, "patience 2 lr 3", "valid_loss")
    assert isinstance(view, Comparison)
    _, replica = view.entrants
    assert replica.stopped
    assert replica.best_valid == min(valid)
    assert view.entrants[0].step == 20


def test_ending_it_leaves_the_run_alone(tmp_path: Path):
    with Live(write(tmp_path, RESTLESS), settings=_typed({})) as live:
        live.ready()
        live.do(Compare(({"lr": 0.05},)))
        live.do(Step("step", 5))
        stands(live, 5)
        assert live.do(Compare()).note == "the run goes on alone"
        assert live.session.state.compared == ()
        assert "compare" not in live.session.state.pictures
        live.do(Step("step", 5))
        stands(live, 10)
        assert len(losses(live, "lr 0.05")) == 5
        again = live.tell(Compare())
        assert isinstance(again, Rejected)
        assert again.reason == "there is no comparison"
        live.do(Compare(({"lr": 0.05},)))
        assert live.session.state.compared == ("this run", "lr 0.05 #2")
        own = losses(live)
    assert own == alone(tmp_path, RESTLESS, 10)[0]


REFUSED: dict[str, tuple[object, str]] = {
    "an unknown knob": (({"rate": 0.1},), "there is no knob 'rate'"),
    "out of bounds": (({"lr": -1.0},), "lr takes a number, at least 0"),
    "too many": (tuple({"lr": 0.1 + i} for i in range(17)), "17 replicas are too many"),
    "one for all": (({"threads": 2},), "threads is the same for all"),
    "nothing different": (({"lr": 0.1},), "lr 0.1 is this run itself"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_compared_is_refused_with_a_reason(tmp_path: Path, case: str):
    replicas, reason = REFUSED[case]
    with Live(write(tmp_path), settings=_typed({})) as live:
        live.ready()
        answer = live.tell(Compare(replicas))  # type: ignore[arg-type]
        assert isinstance(answer, Rejected)
        assert reason in answer.reason
        assert live.session.state.compared == ()


def test_a_file_that_keeps_state_of_its_own_is_refused(tmp_path: Path):
    text = (
        LINE
        + """
teacher = nn.Linear(1, 1)
def loss(prediction, target):
    return (prediction - target).square().mean() + 0 * teacher.weight.sum()
"""
    )
    with Live(write(tmp_path, text), settings=_typed({})) as live:
        live.ready()
        answer = live.tell(Compare(({"lr": 0.2},)))
        assert isinstance(answer, Rejected)
        assert "loss() keeps teacher outside of the model" in answer.reason


def test_orders_are_taken_while_replicas_catch_up(tmp_path: Path):
    with Live(write(tmp_path, RESTLESS), settings=_typed({})) as live:
        live.ready()
        live.do(Compare(tuple({"lr": 0.001 * (i + 2)} for i in range(16))))
        live.do(Run())
        live.until(lambda s: s.step > 20)
        assert isinstance(live.do(Validate()), Applied)
        live.do(Set({"momentum": 0.5}))
        live.do(Step("step", 1))
        state = live.until(lambda s: s.status == "paused" and not s.doing)
        assert {len(losses(live, label)) for label in state.compared[1:]} == {state.step}


def test_the_chart_can_ask_for_every_replica(tmp_path: Path):
    with Live(write(tmp_path), settings=_typed({})) as live:
        live.ready()
        live.do(Compare(({"lr": 0.01},)))
        live.do(Step("step", 6))
        state = stands(live, 6)
        assert {"loss · lr 0.01", "valid_loss · lr 0.01"} <= set(state.series)
        curve = live.curves.curve(CurveRequest(("loss · lr 0.01",)), live.store.exact)
        assert curve.lines[0].mean == losses(live, "lr 0.01")


def test_before_a_step_everybody_stands_where_the_run_does(tmp_path: Path):
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("step", 3))
        stands(live, 3)
        live.do(Compare(({"lr": 0.01},)))
        view = live.look(PictureRequest("compare"))
        assert isinstance(view, Comparison)
        mean = sum(losses(live)[1:]) / 2  # an epoch is two steps
        assert [entrant.loss for entrant in view.entrants] == pytest.approx([mean, mean])
