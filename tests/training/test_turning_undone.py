"""Turns that fail, that come in the middle of a step, or that are turned back leave no trace."""

from pathlib import Path
from typing import Any

import pytest
import torch
from foghill.engine.experiment.experiment import UserError
from foghill.engine.training.reconfigure import turn
from foghill.engine.training.training import Training
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from plain import (
    REGRESSION,
    RESTLESS,
    differing,
    dismiss,
    everything,
    phases,
    seeded,
    take,
    training,
)

from training.test_items import NOISY
from training.test_turning import OWN_OPTIMIZER, trained

# --- what fails is undone ---

FAILING: list[tuple[str, dict[str, Any], str]] = [
    (
        RESTLESS.replace("x = torch.randn(rows, 3)", "x = torch.randn(rows, 3); 1 / (rows - 13)"),
        {"rows": 13},
        "ZeroDivisionError",
    ),
    (
        RESTLESS.replace("    return nn.Seq", "    1 / width\n    return nn.Seq"),
        {"width": 0},
        "ZeroDivisionError",
    ),
    (
        RESTLESS.replace("width: int = 8", "width: int = 8, rows: int = 50").replace(
            "    return nn.Seq", "    1 / (rows - 13)\n    return nn.Seq"
        ),
        {"rows": 13},  # data is rebuilt, then the model fails
        "ZeroDivisionError",
    ),
    (OWN_OPTIMIZER, {"beta": 7.0}, "Invalid beta"),
    (OWN_OPTIMIZER.replace(" 500", " 500 if beta > 0.5 else 3"), {"beta": 0.1}, "Tried to step"),
    (RESTLESS, {"schedule": "cosine"}, "needs a known end"),
    (RESTLESS, {"schedule": "cosine", "lr": 3.0, "batch_size": 2, "threads": 2}, "a known end"),
    (RESTLESS, {"schedule": "cosine", "optimizer": "rmsprop"}, "a known end"),
    (RESTLESS, {"schedule": "cosine", "dropout": 0.0, "rows": 20}, "a known end"),
    (OWN_OPTIMIZER.replace("return descent, ", "return descent  # "),
     {"schedule": "cosine", "lr": 1.0, "amsgrad": True}, "a known end"),
    (RESTLESS, {"precision": "fp16", "weight_decay": 1.0}, "fp16 does not exist"),
    (RESTLESS, {"device": "cuda:77", "width": 3}, "no device"),
    (RESTLESS.replace("(x.sum(1) > 0).long()", "(x.sum(1) > 0).long()[:49 + 0 * rows]"),
     {"rows": 49, "precision": "fp16"}, "fp16"),
    (RESTLESS, {"stop": "nonsense", "momentum": 0.5, "optimizer": "sgd"}, "not a condition"),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(FAILING)))
def test_a_turn_that_fails_leaves_everything_bit_identical(tmp_path: Path, case: int):
    source, new, said = FAILING[case]
    source = source.replace("[:49 + 0 * rows]", "")
    t, free = training(tmp_path, source), training(tmp_path, source)
    seeded(1)
    take(free, 7)
    expected = take(free, 20), everything(free)
    seeded(1)
    take(t, 7)
    before, threads = everything(t), torch.get_num_threads()
    with pytest.raises((ValueError, UserError), match=said):
        turn(t, new)
    assert not differing(everything(t), before)
    assert torch.get_num_threads() == threads
    assert take(t, 20) == expected[0]
    assert not differing(everything(t), expected[1])


def test_names_come_back_with_the_data(tmp_path: Path):
    source = FAILING[2][0].replace("    x = torch.randn(rows, 3)", "    names['y'] = str(rows)\n"
                                   "    x = torch.randn(rows, 3)")  # fmt: skip
    t = trained(tmp_path, source + "\nnames = {'y': 'start'}\n")
    with pytest.raises(UserError):
        turn(t, {"rows": 13})
    assert t.experiment.names.y == "50"


# --- in the middle of a step ---


@pytest.mark.parametrize("begun", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("new", [{"dropout": 0.1}, {"num_workers": 1}, {"precision": "bf16"}])
def test_a_rebuild_in_a_step_by_hand_begins_it_again(tmp_path: Path, begun: int, new: Any):
    """As the session does it: abandon, then turn. Equal to never having begun the step."""
    begun_by_hand, untouched = trained(tmp_path), trained(tmp_path)
    ends: list[Any] = []
    for t in (begun_by_hand, untouched):
        seeded(1)
        if t is begun_by_hand:
            phases(t, begun)
            t.abandon_step()
        turn(t, new)
        t.careful = False
        ends.append((take(t, 11), everything(t)))
        dismiss(t)
    assert ends[0][0] == ends[1][0]
    assert not differing(ends[0][1], ends[1][1])


@pytest.mark.parametrize("begun", [1, 2, 3, 4, 5])
def test_what_rebuilds_nothing_leaves_the_step_going(tmp_path: Path, begun: int):
    t, free = trained(tmp_path, REGRESSION), trained(tmp_path, REGRESSION)
    from foghill.engine.training.loop import train

    loop = train(t)
    for _ in range(begun):
        next(loop)
    turn(t, {"batch_size": 11, "lr": 0.5})
    while next(loop) != "update":
        pass
    turn(free, {"lr": 0.5})
    take(free, 1)
    assert all(map(torch.equal, t.parameters, free.parameters))
    assert (t.feed.place.position, t.batch_size) == (free.feed.place.position, 11)


# --- turned and turned back ---

BACK: dict[str, list[Any]] = {
    "lr": [0.0, 1e-5, 0.3, 7.0],
    "momentum": [0.0, 0.3, 0.99],
    "nesterov": [True],
    "weight_decay": [0.0, 0.1],
    "batch_size": [1, 3, 1000],
    "shuffle": [False],
    "clip": [0.1, 5.0],
    "zero_grad": [False],
    "valid_every": [3],
    "loss": ["mse", "mae", "huber"],
    "precision": ["bf16"],
    "threads": [1, 2],
    "seed": [3, 2**32 - 1],
    "data_seed": [9],
    "num_workers": [1],
    "noise": [0.0, 3.0],
    "dropout": [0.0, 0.9],
    "device": ["cpu"],
    "patience": [4],
    "stop": ["step>=7", ""],
    "beta": [0.0, 0.5],
    "schedule": ["cosine"],
}
SOURCES = {
    "adam": (RESTLESS, {"stop": "step>=900"}),
    "momentum": (RESTLESS, {"optimizer": "sgd", "momentum": 0.9, "lr": 0.1, "stop": "step>=900"}),
    "rmsprop": (RESTLESS, {"optimizer": "rmsprop", "stop": "step>=900"}),
    "own": (OWN_OPTIMIZER, {"stop": "step>=900"}),
    "own groups": (OWN_OPTIMIZER, {"kind": "groups", "stop": "step>=900"}),
    "gradients pile up": (RESTLESS, {"zero_grad": "off", "lr": 1e-5, "stop": "step>=900"}),
    "cosine": (RESTLESS, {"schedule": "cosine", "stop": "step>=900"}),
    "items": (NOISY, {"stop": "step>=900"}),
}
TURNS = st.lists(
    st.tuples(st.sampled_from(sorted(BACK)), st.integers(0, 9)), min_size=1, max_size=6
)


@pytest.mark.parametrize("name", SOURCES)
@given(st.lists(st.tuples(st.integers(0, 4), TURNS, st.randoms()), min_size=1, max_size=3))
@settings(
    max_examples=12,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_turned_and_turned_back_never_was(tmp_path: Path, name: str, story: Any):
    """Between two steps, in any order: the losses and all that training changes are the same.

    Not for knobs that begin the pass again (`valid`, those of `data`), that drop state (another
    optimizer class) or weights (shapes): there the design says so.
    """
    source, typed = SOURCES[name]
    ends: list[Any] = []
    for disturbed in (True, False):
        t = training(tmp_path, source, **typed)
        losses: list[float] = []
        for steps, turns, random in story:
            losses += take(t, steps)
            if disturbed:
                _there_and_back(t, turns, random)
        ends.append((losses + take(t, 6), everything(t)))
    assert ends[0][0] == ends[1][0]
    assert [n for n in differing(ends[0][1], ends[1][1]) if "by_hand" not in n] == []


def _there_and_back(t: Training, turns: list[tuple[str, int]], random: Any) -> None:
    before = dict(t.values)
    changed: list[str] = []
    for knob, choice in turns:
        if knob not in before:
            continue
        new = {knob: BACK[knob][choice % len(BACK[knob])]}
        state = everything(t)
        try:
            turn(t, new)
        except (ValueError, UserError) as error:
            note(f"{new}: {error}")
            assert differing(everything(t), state) == []
        else:
            changed.append(knob)
    for attempt in range(2):  # a cosine may have to wait for its end
        random.shuffle(changed)
        for knob in changed:
            try:
                turn(t, {knob: before[knob]})
            except ValueError:
                assert attempt == 0 or knob in ("stop", "schedule")
    turn(t, {name: before[name] for name in changed})
    assert t.values == before
