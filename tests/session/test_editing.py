"""A weight written by hand: in place, journalled, answered with the loss it leads to."""

from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.commands import Edit, Rejected, Restart, Step
from foghill.engine.protocol.views import PictureRequest
from sessions import Live, write

MODEL = """
import torch
from torch import nn
settings = {"lr": 0.1, "batch_size": 4, "valid": 0.0, "optimizer": "adam"}
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 4.0]]).t())
        self.b = nn.Parameter(torch.tensor(0.5))
        self.frozen = nn.Parameter(torch.tensor(1.0), requires_grad=False)
    def forward(self, x): return ((x @ self.w) ** 2).sum(1) * self.frozen + self.b
def data():
    x = torch.linspace(-1, 1, 20).reshape(10, 2)
    return x, x.sum(1)
def model(): return Model()
"""
X = torch.linspace(-1, 1, 20).reshape(10, 2)


def loss(w: list[list[float]], b: float, frozen: float = 1.0) -> float:
    predicted = ((X @ torch.tensor(w)) ** 2).sum(1) * frozen + b
    return torch.nn.functional.mse_loss(predicted, X.sum(1)).item()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path, MODEL)


def test_one_number_changes_in_row_major_order_and_the_loss_answers(path: Path):
    with Live(path) as live:
        live.ready()
        note = live.do(Edit("w", 1, -7.0)).note
        expected = loss([[1.0, -7.0], [2.0, 4.0]], 0.5)
        assert note == f"w[0,1] 3 → -7 · loss here {expected:.6g}"
        assert live.session.state.why == f"w[0,1] 3 → -7 by hand: loss here {expected:.6g}"
        note = live.do(Edit("b", 0, 0.25)).note
        assert note.startswith("b 0.5 → 0.25 · loss here ")
        note = live.do(Edit("frozen", 0, 2.0)).note
        assert note.endswith(f"loss here {loss([[1.0, -7.0], [2.0, 4.0]], 0.25, 2.0):.6g}")


def test_training_goes_on_from_what_was_written(path: Path):
    with Live(path) as live:
        live.ready()
        live.do(Edit("b", 0, 5.0))
        live.do(Step("step", 1))
        live.until(lambda state: state.step == 1 and state.status == "paused")
        rows = torch.randperm(10, generator=torch.Generator().manual_seed(0))[:4]
        predicted = ((X @ torch.tensor([[1.0, 3.0], [2.0, 4.0]])) ** 2).sum(1) + 5.0
        expected = ((predicted - X.sum(1))[rows] ** 2).mean().item()
        assert live.losses() == pytest.approx([expected], rel=1e-6)


def test_it_is_journalled_and_a_restart_takes_it_back(path: Path):
    with Live(path) as live:
        live.ready()
        live.do(Edit("b", 0, 5.0))
        live.do(Restart())
        assert live.do(Edit("b", 0, 6.0)).note.startswith("b 0.5 → 6")
    lines = [line for _, _, line in journal(live)]
    assert any(line.startswith("edit (b 0.5 → 5 · loss here") for line in lines), lines


def journal(live: Live) -> list[tuple[int, str, str]]:
    import sqlite3

    with sqlite3.connect(live.directory / "run.db") as database:
        return list(database.execute("select step, who, what from journal"))


def test_a_step_begun_starts_again_and_gives_what_it_would_have_given(path: Path):
    with Live(path) as live, Live(path) as other:
        live.ready()
        live.do(Step("phase", 3))
        live.until(lambda state: state.phase == "loss" and state.status == "paused")
        assert live.do(Edit("b", 0, 5.0)).note.endswith("the step begun starts again")
        assert live.session.state.phase == ""
        other.ready()
        other.do(Edit("b", 0, 5.0))
        for one in (live, other):
            one.do(Step("step", 3))
            one.until(lambda state: state.step == 3 and state.status == "paused")
        assert live.losses() == other.losses()


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (Edit("v", 0, 1.0), "there is no parameter 'v'; there is w, b, frozen"),
        (Edit("ww", 0, 1.0), "there is no parameter 'ww' (did you mean w?); there is w, b, frozen"),
        (Edit("w", 4, 1.0), "w has 4 numbers: the index goes from 0 to 3, not 4"),
        (Edit("b", -1, 1.0), "b has 1 number: the index goes from 0 to 0, not -1"),
        (Edit("b", 0, float("nan")), "a weight takes a finite number, not nan"),
        (Edit("b", 0, 1e39), "1e39 is too large for torch.float32"),
    ],
)
def test_what_cannot_be_written_is_refused_and_changes_nothing(
    path: Path, order: Edit, reason: str
):
    with Live(path) as live:
        live.ready()
        answer = live.tell(order)
        assert isinstance(answer, Rejected)
        assert answer.reason == reason
        live.do(Step("step", 2))
        live.until(lambda state: state.step == 2)
        undisturbed = live.losses()
    with Live(path) as live:
        live.ready()
        live.do(Step("step", 2))
        live.until(lambda state: state.step == 2)
        assert live.losses() == undisturbed


def test_the_picture_shows_it(path: Path):
    with Live(path) as live:
        live.ready()
        live.do(Edit("w", 2, 9.5))
        view = live.look(PictureRequest("weights"))
        assert dict(zip(view.places, view.values, strict=True))["w", 2] == 9.5  # type: ignore
