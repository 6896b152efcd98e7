"""Numbers on their way into curves and store: every one, at its own step."""

import math
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from foghill.engine.protocol.commands import Run, Set, Step
from foghill.engine.session.recorder import Record
from sessions import LINE, Live, write

PARTS = (
    LINE
    + """
def step(model, batch, every: int = 1, count=[0]):
    x, y = batch
    count[0] += 1
    parts = {"fit": (model(x) - y).pow(2).mean(), "loss": model[0].weight.pow(2).sum()}
    if count[0] % every == 0:
        parts["now_and_then"] = 0.0 * parts["fit"] + count[0]
    return parts
"""
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def series(live: Live, name: str) -> dict[int, float]:
    steps, values, _ = live.store.exact(name, 0, 10**9)
    return dict(zip(steps, values, strict=True))


def test_every_loss_is_kept_at_its_step(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run("step>=5000"))
        live.until(lambda s: s.status == "paused" and s.step == 5000)
        losses = series(live, "loss")
        assert list(losses) == list(range(1, 5001))
        assert live.session.state.loss == losses[5000]
        assert live.curves.latest("loss") == (5000, losses[5000])


def test_named_parts_of_a_loss_are_curves_of_their_own(tmp_path: Path) -> None:
    with Live(write(tmp_path, PARTS + 'settings["valid"] = 0.0\n')) as live:
        live.ready()
        live.do(Step("step", 9))
        live.until(lambda s: s.step == 9 and s.status == "paused")
        whole, fit, own = series(live, "loss"), series(live, "fit"), series(live, "own_loss")
        now = series(live, "now_and_then")
        for step in range(1, 10):
            together = torch.tensor(fit[step]) + torch.tensor(own[step]) + now[step]
            assert whole[step] == pytest.approx(float(together))
        state = live.session.state
        assert set(state.series) == {"loss", "fit", "own_loss", "now_and_then"}
        assert state.metrics["fit"] == fit[9]


def test_a_part_that_comes_only_now_and_then_stands_at_its_own_steps(tmp_path: Path) -> None:
    with Live(write(tmp_path, PARTS + 'settings["valid"] = 0.0\n')) as live:
        live.ready()
        live.do(Set({"every": 3}))
        live.do(Step("step", 10))
        live.until(lambda s: s.step == 10 and s.status == "paused")
        assert series(live, "now_and_then") == {3: 3.0, 6: 6.0, 9: 9.0}


def test_metrics_of_a_validation_are_series_too(tmp_path: Path) -> None:
    text = LINE + 'def metrics(p, t): return {"off": (p - t).abs().max(), "loss": 7.0}\n'
    with Live(write(tmp_path, text)) as live:
        live.ready()
        live.do(Step("epoch", 2))
        state = live.until(lambda s: s.epoch == 2 and s.status == "paused")
        assert list(series(live, "valid_off")) == [2, 4]
        assert state.metrics["valid_off"] == series(live, "valid_off")[4]
        assert state.metrics["own_loss"] == 7.0
        assert list(series(live, "loss")) == [1, 2, 3, 4]
        assert {"r2", "mae", "valid_r2", "valid_mae"} <= set(state.metrics)


def test_a_loss_that_is_not_finite_is_kept_once(tmp_path: Path) -> None:
    with Live(write(tmp_path, LINE + "settings.update(lr=1e18, batch_size=16)\n")) as live:
        live.ready()
        live.do(Run())
        bad = live.until(lambda s: s.problem is not None).step + 1
        live.do(Step("phase", 3))  # make that update all the same
        live.until(lambda s: s.step == bad)
        losses = series(live, "loss")
        assert list(losses) == list(range(1, bad + 1))
        assert not math.isfinite(losses[bad])


def test_losses_reach_the_store_before_what_was_measured_after_them():
    kept: list[str] = []
    store = SimpleNamespace(record=lambda name, steps, values: kept.append(name))
    record = Record(store, SimpleNamespace(extend=lambda *_: None))  # type: ignore[arg-type]
    record.losses += [3.0, 2.0]
    record.numbers(2, {"accuracy": 0.5})
    c = SimpleNamespace(t=SimpleNamespace(step=2, reads_loss=True))
    c.comparison = SimpleNamespace(runners=())
    record.flush(c)  # type: ignore[arg-type]
    assert kept == ["loss", "accuracy"]
