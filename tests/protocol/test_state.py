"""The state: complete, and the same on both sides."""

import math

import msgspec
from foghill.engine.protocol.knob import Knob
from foghill.engine.protocol.state import PACES, PHASES, Memory, Problem, State

LR = Knob(name="lr", kind="float", value=0.1, default=0.01, low=0.0, log=True, effective=0.2)
FULL = State(
    run="digits-2",
    directory="/runs/digits-2",
    experiment="digits",
    kind="lesson",
    status="failed",
    why="the loss is nan at step 7",
    problem=Problem("data() raised ZeroDivisionError", "train.py", 12, "x = 1/0", True),
    notes=("disk full",),
    step=7,
    phase="loss",
    epoch=1,
    loss=math.inf,
    valid_loss=None,
    metrics={"accuracy": 0.5},
    series=("loss", "valid_loss"),
    memory=Memory(1, 2, 3),
    knobs=(LR,),
    pictures=("gallery",),
    touched=True,
)


def test_a_state_arrives_equal() -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(FULL), type=State) == FULL


def test_a_loss_that_is_no_number_arrives_as_such() -> None:
    state = msgspec.structs.replace(FULL, loss=math.nan)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=State)
    assert again.loss is not None
    assert math.isnan(again.loss)


def test_a_knob_is_found_by_name() -> None:
    assert FULL.knob("lr") is LR
    assert FULL.knob("momentum") is None


def test_a_new_run_is_warming_up_and_has_done_nothing() -> None:
    state = State(run="a", directory="/a", experiment="a.py")
    assert (state.status, state.step, state.loss, state.touched) == ("warming up", 0, None, False)


def test_the_phases_of_a_step_stand_in_their_order() -> None:
    assert PHASES == ("batch", "predict", "loss", "zero", "backward", "update")


def test_paces_go_from_as_fast_as_it_goes_down_to_one_step_a_second() -> None:
    assert PACES[0] == 0
    assert list(PACES[1:]) == sorted(PACES[1:], reverse=True)
    assert PACES[-1] == 1
