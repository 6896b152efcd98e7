"""What an experiment's own `view` returned, thinned to the area."""

import pytest
import torch
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views.own import paint, shrunk, thinned
from sitter import Sitter
from torch import nn

REQUEST = PictureRequest(name="own", columns=10, rows=4)


def test_vectors_are_lines_and_matrices_are_maps():
    drawn = {
        "filter": torch.tensor([1, 2], requires_grad=False),
        "weights": nn.Parameter(torch.eye(2)),
        "loss": torch.tensor(0.5),
        "plain": [1.0, 2.0],
    }
    drawing = paint(Sitter(nn.Identity(), draw=drawn).subject, REQUEST)
    assert drawing.lines == (("filter", [1.0, 2.0]), ("loss", [0.5]), ("plain", [1.0, 2.0]))
    assert drawing.maps == (("weights", [[1.0, 0.0], [0.0, 1.0]]),)


def test_what_is_larger_than_the_area_is_thinned():
    drawn = {"line": torch.arange(1_000.0), "map": torch.ones(100, 100)}
    drawing = paint(Sitter(nn.Identity(), draw=drawn).subject, REQUEST)
    assert len(drawing.lines[0][1]) == 20
    ((_, rows),) = drawing.maps
    assert (len(rows), len(rows[0])) == (8, 10)
    assert rows == [[1.0] * 10] * 8


@pytest.mark.parametrize(
    ("drawn", "sentence"),
    [
        (torch.ones(3), r"view\(\) returned Tensor; it should return a dict"),
        ({"a": torch.ones(2, 3, 4)}, r"gave 'a' of shape 2×3×4; it should be 1-D or 2-D"),
        ({"a": "text"}, r"gave 'a' as str; it should be a 1-D or 2-D tensor"),
        ({"a": object()}, r"gave 'a' as object"),
    ],
)
def test_anything_else_is_one_sentence(drawn, sentence):
    with pytest.raises(ValueError, match=sentence):
        paint(Sitter(nn.Identity(), draw=drawn).subject, REQUEST)


def test_thinning_keeps_the_lowest_and_highest_in_their_order():
    line = torch.zeros(1_000)
    line[333], line[340], line[777] = 9.0, -9.0, 5.0
    kept = thinned(line, 20).tolist()
    assert len(kept) == 20
    assert [v for v in kept if v] == [9.0, -9.0, 5.0]
    assert thinned(line[:20], 20).tolist() == [0.0] * 20


@pytest.mark.parametrize("length", [21, 22, 39, 41, 997])
def test_thinning_any_length_stays_within_the_area(length):
    line = torch.arange(float(length))
    kept = thinned(line, 20).tolist()
    assert len(kept) <= 20
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (0.0, length - 1)


def test_shrinking_averages_and_leaves_small_maps_alone():
    image = torch.tensor([[1.0, 3.0], [5.0, 7.0]])
    assert shrunk(image, 2, 2) is image
    assert shrunk(image, 1, 2).tolist() == [[3.0, 5.0]]
    assert shrunk(image, 1, 1).tolist() == [[4.0]]
    assert shrunk(torch.empty(0, 3), 1, 1).shape == (0, 3)
