"""The fit's line against a function in closed form."""

import pytest
import torch
from foghill.engine.experiment.experiment import Names
from foghill.engine.protocol.commands import Set, Step
from foghill.engine.protocol.pictures import Fit
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views.fit import extent, paint
from sessions import Live, write
from sitter import Fixed, Sitter

X = torch.tensor([0.0, 1.0, 4.0, 10.0])
REQUEST = PictureRequest(name="fit", columns=40)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_the_line_is_the_model_over_the_range_of_the_points(shape):
    sitter = Sitter(Fixed(lambda x: x**2), train=(X.reshape(shape), X), valid=(X[:1], X[:1]))
    fit = paint(sitter.subject, REQUEST)
    ((name, xs, ys),) = fit.lines
    assert name == "model"
    assert len(xs) == 80
    assert (xs[0], xs[-1]) == (-0.5, 10.5)
    assert ys == pytest.approx([x * x for x in xs], rel=1e-6)
    assert sitter.asked[0].ndim == len(shape)
    assert fit.points == (X.tolist(), X.tolist())
    assert fit.held_out == ([0.0], [0.0])
    assert (fit.x_name, fit.y_name) == ("x", "y")


def test_points_and_line_are_in_the_targets_unit():
    names = Names(x=("hours",), y="grade", offset=3.0, scale=2.0)
    fit = paint(Sitter(Fixed(lambda x: x), (X, X), names=names).subject, REQUEST)
    assert (fit.x_name, fit.y_name) == ("hours", "grade")
    assert fit.points[1] == [3.0, 5.0, 11.0, 23.0]
    _, xs, ys = fit.lines[0]
    assert ys == pytest.approx([2 * x + 3 for x in xs], abs=1e-5)
    assert fit.held_out == ([], [])


def test_the_models_own_precision_of_inputs_is_kept():
    sitter = Sitter(Fixed(lambda x: x), (X.double(), X))
    paint(sitter.subject, REQUEST)
    assert sitter.asked[0].dtype == torch.float64


def test_many_points_are_thinned_and_a_wide_area_is_capped():
    x = torch.arange(10_000.0)
    sitter = Sitter(Fixed(lambda x: x), (x, x), (x, x))
    fit = paint(sitter.subject, PictureRequest(name="fit", columns=5_000))
    assert len(fit.points[0]) == len(fit.held_out[0]) == 500
    assert len(sitter.asked[0]) == 400


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2.0, 2.0], (1.5, 2.5)),
        ([0.0, 10.0, float("nan"), float("inf")], (-0.5, 10.5)),
        ([], (0.0, 1.0)),
        ([float("nan")], (0.0, 1.0)),
    ],
)
def test_the_extent_is_finite_and_never_empty(values, expected):
    assert extent(torch.tensor(values)) == expected


def test_the_ranges_are_the_experiments_own_in_the_unit_that_is_shown():
    names = Names(
        x=("t",), x_offset=(9.5,), x_scale=(2.0,), x_range=(0.0, 20.0), y_range=(-3.0, 2.0)
    )
    fit = paint(Sitter(Fixed(lambda x: 2 * x), (X, X), names=names).subject, REQUEST)
    ((_, xs, ys),) = fit.lines
    assert (xs[0], xs[-1]) == pytest.approx((0.0, 20.0))
    assert ys == pytest.approx([x - 9.5 for x in xs], abs=1e-5)
    assert fit.points[0] == [9.5, 11.5, 17.5, 29.5]
    assert fit.y_range == (-3.0, 2.0)


def test_the_curve_it_started_with_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    with Live(write(tmp_path)) as live:
        live.ready()
        before = live.look(PictureRequest("fit"))
        assert isinstance(before, Fit)
        assert [name for name, _, _ in before.lines] == ["model"]
        live.do(Step("step", 5))
        live.until(lambda s: s.step == 5 and s.status == "paused")
        after = live.look(PictureRequest("fit"))
        assert isinstance(after, Fit)
        lines = {name: ys for name, _, ys in after.lines}
        assert lines["start"] == before.lines[0][2]
        assert lines["model"] != lines["start"]


def test_the_curve_at_the_best_validation_is_that_of_those_weights(tmp_path, monkeypatch):
    """A rate that overshoots after a while: the best lies behind, and is drawn as it was."""
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    with Live(write(tmp_path), settings={"valid_every": "1"}) as live:
        live.ready()
        seen: dict[int, list[float]] = {}
        for step in range(1, 9):
            if step == 5:
                live.do(Set({"lr": 3.0}))
            live.do(Step("step"))
            live.until(lambda s, step=step: s.step == step and s.status == "paused")
            view = live.look(PictureRequest("fit"))
            assert isinstance(view, Fit)
            seen[step] = view.lines[0][2]
        steps, losses, _ = live.store.exact("valid_loss", 1, 8)
    best = min(zip(losses, steps, strict=True))[1]
    assert best < 8
    drawn = {name: ys for name, _, ys in view.lines}
    assert drawn[f"best, step {best}"] == seen[best]
