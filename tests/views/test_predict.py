"""The model used: right numbers, in the units a person knows, and not a bit of it changed."""

import hashlib
from pathlib import Path

import pytest
import torch
from foghill.engine.experiment import columns
from foghill.engine.experiment.experiment import Names
from foghill.engine.protocol.commands import Step
from foghill.engine.protocol.pictures import Prediction
from foghill.engine.protocol.views import Failed, PictureRequest, PredictRequest
from foghill.engine.views.predict import UNKNOWN, checksum, paint, predict
from foghill.tui import predict_input
from sessions import Live, write
from sitter import Fixed, Sitter
from torch import nn

CONV = """
import torch
from torch import nn
def data(): return torch.rand(60, 1, 6, 6), torch.arange(60) % 3
def model(): return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(),
                                  nn.Dropout(0.5), nn.Linear(32, 3))
"""


PAIR = """
import torch
from torch import nn
def data(): return torch.rand(60, 2), torch.arange(60) % 2
class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(2, 2), nn.Linear(2, 2)
    def forward(self, x): return self.a(x), self.b(x)
def model(): return Two()
def step(model, batch): return sum(part.pow(2).mean() for part in model(batch[0]))
"""


def classes(**names: object) -> Sitter:
    return Sitter(
        Fixed(lambda x: torch.stack([x[:, 0], x[:, 1]], 1)),
        (torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 1])),
        None,
        Names(**names),  # type: ignore[arg-type]
    )


def test_an_example_with_its_scores_and_its_answer():
    found = paint(classes(classes=("cold", "hot")).subject, PictureRequest("predict", index=3))
    assert (found.example, found.total, found.source) == (1, 2, "training")
    assert (found.answer, found.target) == ("hot", "hot")
    expected = torch.tensor([[0.0, 2.0]]).softmax(1)[0]
    assert torch.allclose(torch.tensor(found.scores), expected)
    assert found.inputs == ("x1", "x2")


def test_numbers_of_ones_own():
    found = predict(classes().subject, (3.0, 0.0), 0)
    assert (found.answer, found.target, found.example) == ("0", "", -1)
    assert found.given == [3.0, 0.0]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((1.0,), "an input has 2 numbers: x1, x2; 1 given"),
        ((1.0, float("inf")), "finite"),
    ],
)
def test_what_is_no_input_is_said(values: tuple[float, ...], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        predict(classes().subject, values, 0)


def test_units_that_a_person_knows():
    """x = 2 m², standardised by mean 100 and deviation 50; price in thousands."""
    sitter = Sitter(
        Fixed(lambda x: 2 * x[:, 0]),
        (torch.tensor([[0.0], [1.0]]), torch.tensor([0.0, 2.0])),
        None,
        Names(x=("area",), y="price", offset=10.0, scale=5.0, x_offset=(100.0,), x_scale=(50.0,)),
    )
    found = predict(sitter.subject, (150.0,), 0)
    assert found.values == [2 * 1.0 * 5 + 10]
    assert found.answer == "price = 20"
    example = predict(sitter.subject, (), 1)
    assert (example.given, example.target) == ([150.0], "20")


def test_the_checksum_is_of_every_bit():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    before = checksum(model)
    assert before == checksum(model)
    assert len(before) == len(hashlib.sha256().hexdigest())
    with torch.no_grad():
        model[1].running_mean[0] += 1e-30
    assert checksum(model) != before


def test_a_model_that_writes_into_itself_is_found_out():
    class Counts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("asked", torch.zeros(()))
            self.w = nn.Parameter(torch.ones(1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.asked += 1
            return x @ self.w

    found = predict(
        Sitter(Counts(), (torch.ones(3, 1), torch.ones(3)), None, Names()).subject, (), 0
    )
    assert found.checksum != found.checksum_after
    assert "the weights changed" in found.notes[0]


def test_a_large_image_is_shown_small_and_cannot_be_drawn():
    x = torch.rand(3, 3, 128, 96)
    sitter = Sitter(Fixed(lambda x: x[:, :, 0, 0]), (x, torch.tensor([0, 1, 2])), None, Names())
    found = predict(sitter.subject, (), 0)
    assert not found.typed
    assert found.shape == (64, 64)
    assert len(found.given) == 64 * 64


@pytest.mark.parametrize("text", [CONV, None], ids=["a conv net", "an MLP"])
def test_own_files_are_used_and_stay_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    path = write(tmp_path, text) if text else write(tmp_path)
    with Live(path) as live:
        assert "predict" in live.ready().pictures
        live.do(Step("step", 3))
        live.until(lambda state: state.step == 3 and state.status == "paused")
        seen = live.look(PredictRequest(index=1))
        assert isinstance(seen, Prediction)
        assert seen.checksum == seen.checksum_after
        again = live.look(PredictRequest(tuple(seen.given)))
        assert isinstance(again, Prediction)
        assert (again.scores, again.values) == (seen.scores, seen.values)
        assert again.predictions == 2
        wrong = live.look(PredictRequest((1.0,) * 5))
        assert isinstance(wrong, Failed)
        assert "5 given" in wrong.sentence
        asked = live.losses()
        live.do(Step("step", 20))
        live.until(lambda state: state.step == 23 and state.status == "paused")
        losses = live.losses()
    with Live(path) as live:  # nobody asked anything
        live.ready()
        live.do(Step("step", 23))
        live.until(lambda state: state.step == 23 and state.status == "paused")
        assert live.losses() == losses
        assert losses[:3] == asked


def test_a_number_that_is_missing_is_the_mean_of_its_column():
    names = Names(x=("area", "rooms"), x_offset=(100.0, 3.0), x_scale=(50.0, 1.0))
    data = torch.zeros(2, 2), torch.tensor([0.0, 2.0])
    sitter = Sitter(Fixed(lambda x: x.sum(1)), data, None, names)
    found = predict(sitter.subject, (UNKNOWN, 4.0), 0)
    assert (found.values, found.given) == ([1.0], [100.0, 4.0])
    assert columns.MISSING == predict_input.MISSING
    assert predict_input.UNKNOWN == UNKNOWN


def test_a_prediction_that_is_no_tensor_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    with Live(write(tmp_path, PAIR)) as live:
        live.ready()
        for request in (PredictRequest(), PictureRequest("confusion")):
            shown = live.look(request)
            assert isinstance(shown, Failed)
            assert shown.sentence.startswith("the model returns a tuple, not one tensor")
