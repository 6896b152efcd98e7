"""The rate finder: where the loss falls and climbs is found, and the run never notices."""

import math
from pathlib import Path

import pytest
from foghill.engine.callbacks.comparison.finder import judged, smoothed
from foghill.engine.protocol.commands import FindRate, Rejected, Step
from foghill.engine.protocol.pictures import Rates
from foghill.engine.protocol.views import PictureRequest
from plain import RESTLESS, plain_loop
from sessions import Live, write

BOWL = """
import torch
from torch import nn
class Bowl(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(1.0))
    def forward(self):
        return 0.5 * self.w ** 2 + 0.01
def model(): return Bowl()
"""


def found(live: Live) -> Rates:
    live.until(lambda s: "rates" in s.pictures and not s.doing)
    view = live.look(PictureRequest("rates"))
    assert isinstance(view, Rates)
    return view


def test_the_rates_and_losses_are_those_of_a_plain_loop(tmp_path: Path):
    with Live(write(tmp_path, BOWL)) as live:
        live.ready()
        live.do(FindRate(1e-3, 100.0, 60))
        sweep = found(live).sweep
    assert sweep is not None
    w = 1.0
    for i, (rate, loss) in enumerate(zip(sweep.rates, sweep.losses, strict=True)):
        assert rate == pytest.approx(1e-3 * 10 ** (5 * i / 59))
        assert loss == pytest.approx(0.5 * w * w + 0.01, rel=1e-5)
        w -= rate * w
    assert sweep.lowest is not None
    assert 1.0 < sweep.lowest < 4.0  # one step to the bottom at 1, away from it above 2
    assert sweep.suggestion == float(f"{sweep.lowest / 10:.1g}")
    assert len(sweep.rates) < 60
    assert "4 × the best" in sweep.ended


def test_everything_is_as_it_was(tmp_path: Path):
    def losses(find: bool) -> tuple[list[float], object]:
        with Live(write(tmp_path, RESTLESS), settings={"threads": "1"}) as live:
            live.ready()
            live.do(Step("step", 7))
            live.until(lambda s: s.step == 7 and s.status == "paused")
            before = live.session.state
            if find:
                live.do(FindRate())
                found(live)
                after = live.session.state
                assert (after.step, after.knobs) == (before.step, before.knobs)
            live.do(Step("step", 20))
            live.until(lambda s: s.step == 27 and s.status == "paused")
            return live.losses(), live.session.state.knobs

    assert losses(True) == losses(False)


def test_a_plain_loop_goes_on_from_where_the_finder_began(tmp_path: Path):
    from plain import REGRESSION
    from torch.optim import SGD

    text = REGRESSION.replace('{"valid": 0.0}', '{"valid": 0.0, "lr": 0.05, "threads": 1}')
    with Live(write(tmp_path, text)) as live:
        live.ready()
        live.do(FindRate())
        found(live)
        live.do(Step("step", 30))
        live.until(lambda s: s.step == 30 and s.status == "paused")
        assert live.losses() == plain_loop(REGRESSION, lambda p: SGD(p, lr=0.05), 30, 32)[0]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (FindRate(0.0, 1.0), "above 0"),
        (FindRate(1.0, 0.1), "higher one"),
        (FindRate(1e-3, math.inf), "higher one"),
        (FindRate(steps=3), "10 to 10,000 steps"),
    ],
)
def test_what_cannot_be_tried_is_refused(tmp_path: Path, asked: FindRate, reason: str):
    with Live(write(tmp_path)) as live:
        live.ready()
        answer = live.tell(asked)
        assert isinstance(answer, Rejected)
        assert reason in answer.reason


def test_a_loss_that_never_falls_gives_no_advice():
    rates = [10.0**e for e in range(-6, 4)]
    sweep = judged(rates, [1.0] * 9 + [50.0], 0.0, "over")
    assert sweep.suggestion is None
    assert sweep.reason == "the loss fell at no rate"


def test_means_are_corrected_for_their_start():
    assert smoothed([3.0, 3.0, 3.0], 0.8) == pytest.approx([3.0, 3.0, 3.0])
    assert smoothed([1.0, 2.0], 0.5) == pytest.approx([1.0, 5 / 3])
