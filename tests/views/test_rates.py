"""The picture `rates`: groups in order of the knob, and bands that mean what they say."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from foghill.engine.protocol.pictures import Entrant, Sweep
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views import rates

from views.test_comparison import subject


def entrant(at: float, loss: float | None, group: str = "", stopped: str = "") -> Entrant:
    return Entrant(f"lr {at}", 10, loss, loss, 1, at=at, group=group, stopped=stopped)


def test_the_band_holds_what_is_within_half_of_the_best():
    losses = {0.001: 9.0, 0.01: 1.4, 0.1: 1.0, 1.0: 1.5, 10.0: 1.6}
    (group,) = rates.grouped([entrant(at, loss) for at, loss in losses.items()])
    assert (group.best, group.band) == (0.1, (0.01, 1.0))
    assert group.loss == list(losses.values())


def test_a_band_has_no_gap():
    (group,) = rates.grouped([entrant(1, 1.0), entrant(2, 5.0), entrant(3, 1.1)])
    assert (group.best, group.band) == (1, (1, 1))


def test_groups_are_judged_each_by_its_own_best_and_sorted_by_the_knob():
    entrants = [entrant(3, 8.0, "sgd"), entrant(1, 10.0, "sgd"), entrant(1, 1.0, "adam")]
    sgd, adam = rates.grouped(entrants)
    assert (sgd.name, sgd.at, sgd.band) == ("sgd", [1, 3], (1, 3))
    assert (adam.name, adam.band) == ("adam", (1, 1))


@pytest.mark.parametrize("stopped", ["loss is nan at step 3", "loss is inf at step 9"])
def test_what_diverged_has_no_loss_and_what_only_stopped_has(stopped: str):
    patient = entrant(2, 2.0, stopped="no improvement in 5 validations; best 2 at step 4")
    (group,) = rates.grouped([entrant(1, 1.0), patient, entrant(3, 0.5, stopped=stopped)])
    assert group.loss == [1.0, 2.0, None]
    assert group.best == 1


def test_losses_below_zero_have_a_band_too():
    (group,) = rates.grouped([entrant(1, -1.0), entrant(2, -2.0), entrant(3, -0.9)])
    assert (group.best, group.band) == (2, (1, 2))


def test_of_a_comparison_it_says_the_rule_and_the_runs_own_value(tmp_path: Path):
    painted = subject(tmp_path, ({"lr": 0.1},), ((1.0,), (2.0,)))
    assert rates.available(painted)
    view = rates.paint(painted, PictureRequest("rates"))
    assert (view.knob, view.log, view.present) == ("lr", True, 1e-3)
    assert view.notes[0] == "band: loss at most 1.5 × the lowest of its line"
    painted = subject(tmp_path, ({"weight_decay": 0.1},), ((1.0,), (2.0,)))
    assert not rates.paint(painted, PictureRequest("rates")).log  # 0 has no logarithm


def test_the_finders_result_stands_without_a_comparison(tmp_path: Path):
    painted = subject(tmp_path, (), ((1.0,),))
    assert not rates.available(painted)
    sweep = Sweep([1e-3], [1.0], [1.0], "over", "too few steps to judge by")
    painted.finder = SimpleNamespace(found=sweep)
    assert rates.available(painted)
    view = rates.paint(painted, PictureRequest("rates"))
    assert (view.sweep, view.groups, view.present) == (sweep, (), 1e-3)
