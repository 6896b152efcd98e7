"""What ends a stretch of training: counts, conditions that come to hold, patience."""

import pytest
from foghill.engine.protocol.condition import parse
from foghill.engine.training.stopping import (
    Crossing,
    Ends,
    Goal,
    Numbers,
    Patience,
    condition_of,
)


def at(step: int = 0, epoch: int = 0, **more: float) -> Numbers:
    return {"step": float(step), "epoch": float(epoch), "time": 0.0} | more


def test_a_goal_is_reached_at_its_count() -> None:
    assert not Goal(step=5, text="there").reached(at(4))
    assert Goal(step=5, text="there").reached(at(5)) == "there"
    assert Goal(epoch=2, text="twice").reached(at(5, 2)) == "twice"
    assert Goal().reached(at(10**9, 10**9)) == ""
    assert Goal(until=Crossing(parse("loss<1"))).reached(at(loss=0.5)) == "loss<1 reached"


def test_what_is_counted_by_hand_has_a_unit() -> None:
    assert Goal(step=3, stepping=True).unit == "step"
    assert Goal(phases=0, stepping=True).unit == "phase"
    assert Goal(epoch=2, stepping=True).unit == ""
    assert Goal(step=3).unit == Goal().unit == ""


def test_a_condition_reports_once_and_again_after_it_ceased_to_hold() -> None:
    crossing = Crossing(parse("loss<1"))
    said = [crossing.reached(at(loss=loss)) for loss in (2.0, 0.5, 0.4, 1.5, 0.9)]
    assert said == ["", "loss<1 reached", "", "", "loss<1 reached"]


def test_one_that_holds_already_is_not_armed() -> None:
    crossing = Crossing.of("step>=5", at(7))
    assert crossing is not None
    assert not crossing.reached(at(8))
    assert Crossing.of("  ", at()) is None


def test_patience_counts_validations_without_a_new_best() -> None:
    patience = Patience()
    said = []
    for step, loss in enumerate([3.0, 2.0, 2.5, 2.0, float("nan")], 1):
        patience.seen(loss, step)
        said.append(patience.lost(3))
    assert said == [*[""] * 4, "no improvement in 3 validations; best 2 at step 2"]
    assert patience.lost(3) == ""  # once
    assert Patience().lost(0) == ""


def test_measuring_the_same_weights_again_is_no_lack_of_improvement() -> None:
    patience = Patience()
    for _ in range(9):
        patience.seen(2.0, 4)
    assert patience.since == 0


def test_what_a_headless_run_was_asked_for_wins_over_the_stop_knob() -> None:
    ends = Ends()
    ends.begin("step>=5", "step>=9", at())
    assert ends.of_run(at(5), 0) == ""
    assert ends.of_run(at(9), 0) == "step>=9 reached"
    ends.begin("step>=5", "", at())
    assert ends.of_run(at(5), 0) == "step>=5 reached"


def test_which_ends_can_be_seen_coming() -> None:
    ends = Ends(Goal(step=8), stop=Crossing(parse("step>=5 or epoch>=3")))
    assert (ends.counted, ends.timed, ends.next_step(0), ends.next_step(5)) == (True, False, 5, 8)
    assert ends.next_step(8) is None
    ends.goal = Goal(until=Crossing(parse("valid_loss<0.1")))
    assert ends.counted
    ends.goal = Goal(until=Crossing(parse("time>=3")))
    assert (ends.counted, ends.timed) == (True, True)
    ends.goal = Goal(until=Crossing(parse("loss<0.1")))
    assert not ends.counted


def test_a_condition_on_a_number_that_is_never_measured_is_refused():
    assert condition_of("valid_loss<0.1 or step>=9", ["loss"]).names == {"valid_loss", "step"}
    with pytest.raises(ValueError, match="measures no val_loss; did you mean valid_loss"):
        condition_of("val_loss<0.1", ["loss"])
