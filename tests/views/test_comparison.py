"""The picture `compare` in all but its numbers, which test_comparison checks against a run."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from foghill.engine.callbacks.comparison.entrants import Standing
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views import comparison
from plain import REGRESSION, training

Changes = tuple[dict[str, Any], ...]


def subject(folder: Path, changes: Changes, losses: tuple[tuple[float, ...], ...]) -> Any:
    """A comparison of trainings that stand still, with losses as given."""
    trainings = [training(folder, REGRESSION, batch_size=50)]
    trainings += [training(folder, REGRESSION, batch_size=50, **change) for change in changes]
    entrants = []
    for i, t in enumerate(trainings):
        standing = Standing("this run" if not i else f"replica {i}", t)
        standing.noted(len(losses[i]), losses[i])
        entrants.append((standing, t, ""))
    names = tuple(dict.fromkeys(name for change in changes for name in change))
    living = SimpleNamespace(runners=changes, names=names, entrants=lambda: entrants)
    return SimpleNamespace(comparison=living, finder=None, training=trainings[0])


def test_the_knob_is_the_number_that_differs_most(tmp_path: Path):
    changes = ({"lr": 0.1, "hidden": 4}, {"lr": 0.3, "hidden": 4}, {"lr": 1.0})
    view = comparison.paint(subject(tmp_path, changes, ((1.0,),) * 4), PictureRequest("compare"))
    assert (view.knob, view.log) == ("lr", True)
    assert [e.at for e in view.entrants] == [1e-3, 0.1, 0.3, 1.0]
    assert [e.group for e in view.entrants] == ["hidden 8", "hidden 4", "hidden 4", "hidden 8"]


def test_switches_and_long_names_are_short_in_words(tmp_path: Path):
    changes = ({"lr": 0.1, "shuffle": False}, {"lr": 1.0, "weight_decay": 0.1})
    view = comparison.paint(subject(tmp_path, changes, ((1.0,),) * 3), PictureRequest("compare"))
    assert [e.group for e in view.entrants] == [
        "shuffle decay 0",
        "no shuffle decay 0",
        "shuffle decay 0.1",
    ]


def test_without_a_number_there_is_no_knob(tmp_path: Path):
    view = comparison.paint(
        subject(tmp_path, ({"optimizer": "adam"},), ((1.0,), (2.0,))), PictureRequest("compare")
    )
    assert view.knob == ""
    assert [e.group for e in view.entrants] == ["sgd", "adam"]


def test_it_says_over_what_losses_are_averaged(tmp_path: Path):
    painted = subject(tmp_path, ({"lr": 0.1},), ((3.0, 1.0, 2.0), (1.0, 1.0, 1.0)))
    view = comparison.paint(painted, PictureRequest("compare"))
    assert view.notes == ("loss: of the last step, which is an epoch",)
    assert (view.entrants[0].loss, view.entrants[0].best, view.entrants[0].best_step) == (2, 1, 2)
    few = Standing("few", training(tmp_path, REGRESSION, batch_size=10))
    many = Standing("many", training(tmp_path, REGRESSION, batch_size=1))
    assert comparison.averaged([few]).startswith("loss: mean of the last 5 steps")
    assert "5 to 50 steps (one epoch)" in comparison.averaged([few, many])
    most = Standing("most", training(tmp_path, REGRESSION, rows=500, batch_size=1))
    assert comparison.averaged([most]) == "loss: mean of the last 100 steps"  # of an epoch's 400


def test_without_replicas_there_is_no_picture(tmp_path: Path):
    assert not comparison.available(subject(tmp_path, (), ((1.0,),)))
