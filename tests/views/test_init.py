"""Which pictures a run has, by its data and model alone; and what all of them promise."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from foghill.engine.protocol.frames import Shown, decode_engine, encode
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views import paint, pictures
from sitter import Fixed, Sitter
from torch import Tensor, nn

FLOATS = torch.arange(30, dtype=torch.float32)
CLASSES = torch.arange(30) % 3


def images(*shape: int) -> Tensor:
    return torch.randn(30, *shape, generator=torch.Generator().manual_seed(0))


def conv() -> nn.Module:
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.Dropout(), nn.Flatten(), nn.Linear(4 * 4 * 4, 3))


KINDS: dict[str, tuple[nn.Module, Tensor, Tensor, tuple[str, ...]]] = {
    "line": (nn.Linear(1, 1), FLOATS[:, None], FLOATS, ("fit", "weights")),
    "curve": (nn.Sequential(nn.Linear(1, 9), nn.Linear(9, 1)), FLOATS[:, None], FLOATS, ("fit",)),
    "flat input": (Fixed(torch.sin), FLOATS, FLOATS[:, None], ("fit",)),
    "plane, classes": (
        nn.Sequential(nn.Linear(2, 8), nn.Linear(8, 3)),
        images(2),
        CLASSES,
        ("boundary", "confusion"),
    ),
    "plane, surface": (
        nn.Sequential(nn.Linear(2, 8), nn.Linear(8, 1)),
        images(2),
        FLOATS,
        ("boundary", "predicted"),
    ),
    "images": (conv(), images(2, 6, 6), CLASSES, ("gallery", "worst", "confusion")),
    "grey images": (
        nn.Sequential(nn.Flatten(), nn.Linear(36, 3)),
        images(6, 6),
        CLASSES,
        ("gallery", "worst", "confusion"),
    ),
    "table": (nn.Linear(5, 1), images(5), FLOATS[:, None], ("predicted", "weights")),
    "table, classes": (nn.Linear(5, 3), images(5), CLASSES, ("confusion", "weights")),
    "several targets": (nn.Linear(5, 3), images(5), images(3), ("weights",)),
    "tokens": (nn.Embedding(30, 3), torch.arange(30), CLASSES, ("confusion",)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_follow_from_model_and_data_without_a_predict(kind):
    model, x, y, expected = KINDS[kind]
    sitter = Sitter(model, train=(x, y))
    network = ("network",) if list(model.parameters()) else ()
    assert pictures(sitter.subject) == (*expected, *network, "predict")
    assert sitter.asked == []


def test_no_data_leaves_the_weights_and_ones_own():
    layer = nn.Linear(2, 1)
    assert pictures(Sitter(layer).subject) == ("weights", "network")
    assert pictures(Sitter(layer, draw={}).subject) == ("own", "weights", "network")
    nothing = torch.empty(0, 2), torch.empty(0)
    assert pictures(Sitter(layer, train=nothing, valid=nothing).subject) == ("weights", "network")


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_travels_and_touches_no_generator(kind):
    model, x, y, names = KINDS[kind]
    subject = Sitter(model, train=(x[:20], y[:20]), valid=(x[20:], y[20:])).subject
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
    for name in names:
        request = PictureRequest(name=name)
        view = paint(subject, request)
        assert decode_engine(encode(Shown(request, view))[4:]) == Shown(request, view)
        assert paint(subject, request) == view
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]
    assert random.getstate() == before[2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(0, 0, 0), (-5, -5, -7), (1, 1, 10**12), (10**9, 10**9, -1)])
def test_a_size_nobody_has_costs_nothing_and_breaks_nothing(kind, size):
    model, x, y, names = KINDS[kind]
    columns, rows, index = size
    sitter = Sitter(model, train=(x, y))
    for name in names:
        paint(sitter.subject, PictureRequest(name=name, columns=columns, rows=rows, index=index))
    assert sum(map(len, sitter.asked), 0) <= 120 * 80 + 400 + 2_000


def test_an_unknown_picture_is_refused_with_what_there_is():
    subject = Sitter(nn.Linear(1, 1), train=(FLOATS[:, None], FLOATS)).subject
    with pytest.raises(
        ValueError, match=r"no picture 'gallery' of this run; there is fit, weights"
    ):
        paint(subject, PictureRequest(name="gallery"))


@pytest.mark.parametrize("kind", ["line", "plane, surface", "table"])
def test_a_prediction_of_the_wrong_shape_is_one_sentence(kind):
    _, x, y, names = KINDS[kind]
    subject = Sitter(Fixed(lambda x: torch.zeros(len(x), 4)), train=(x, y)).subject
    with pytest.raises(ValueError, match=r"needs one number for each row, and the model returns"):
        paint(subject, PictureRequest(name=names[0]))


@pytest.mark.parametrize("kind", ["plane, classes", "images", "table, classes"])
def test_broken_weights_paint_without_raising(kind):
    model, x, y, names = KINDS[kind]
    subject = Sitter(model, train=(x, y)).subject
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(float("nan"))
    for name in names:
        paint(subject, PictureRequest(name=name))
    model.load_state_dict(kept)


def test_a_file_may_say_which_pictures_come_first():
    model, x, y, _ = KINDS["plane, classes"]
    plain = Sitter(model, train=(x, y), draw={}).subject
    names = pictures(plain)
    assert names[:2] == ("own", "boundary")
    chosen = pictures(replace(plain, first=("confusion", "gone", "boundary")))
    assert chosen[:3] == ("confusion", "boundary", "own")
    assert sorted(chosen) == sorted(names)
