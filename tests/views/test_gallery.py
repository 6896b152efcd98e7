"""Gallery pages: which images, as which bytes, with which answers."""

import pytest
import torch
from foghill.engine.experiment.experiment import Names
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views.gallery import paint, paint_worst
from sitter import Fixed, Sitter
from torch import Tensor


def answer(x: Tensor) -> Tensor:
    """Logits whose winner is the image's top-left pixel."""
    first = x.reshape(len(x), -1)[:, 0]
    return torch.nn.functional.one_hot(first.long() % 5, 5) * 3.0


def pictures(count: int, *shape: int) -> tuple[Tensor, Tensor]:
    x = torch.zeros(count, *shape)
    x[:, ..., 0, 0] = torch.arange(count).float().reshape(-1, *[1] * (len(shape) - 2))
    return x, torch.arange(count) % 5


def request(index: int = 0, columns: int = 60, rows: int = 20) -> PictureRequest:
    return PictureRequest(name="gallery", index=index, columns=columns, rows=rows)


def test_a_page_shows_held_out_images_with_their_scores():
    valid = pictures(10, 2, 3)
    subject = Sitter(
        Fixed(answer), pictures(50, 2, 3), valid, Names(classes=tuple("abcde"))
    ).subject
    gallery = paint(subject, request())
    assert (gallery.total, gallery.source, gallery.classes) == (10, "held out", tuple("abcde"))
    assert [e.number for e in gallery.examples] == list(range(10))
    assert [e.target for e in gallery.examples] == [i % 5 for i in range(10)]
    assert [e.predicted for e in gallery.examples] == [i % 5 for i in range(10)]
    expected = torch.softmax(answer(valid[0]), 1)
    assert torch.allclose(torch.tensor([e.scores for e in gallery.examples]), expected)
    assert all((e.width, e.height) == (3, 2) for e in gallery.examples)


@pytest.mark.parametrize(
    ("index", "first", "count"), [(0, 0, 24), (30, 30, 20), (51, 1, 24), (-1, 49, 1)]
)
def test_pages_start_anywhere_and_wrap_around(index, first, count):
    gallery = paint(Sitter(Fixed(answer), pictures(50, 2, 2)).subject, request(index))
    assert [e.number for e in gallery.examples] == list(range(first, min(first + 24, 50)))
    assert len(gallery.examples) == count
    assert gallery.source == "training"


def test_bytes_run_from_the_darkest_to_the_brightest_pixel_of_the_page():
    x = torch.tensor([[[-1.0, 0.0], [1.0, 3.0]], [[1.0, 1.0], [1.0, 1.0]]])
    gallery = paint(Sitter(Fixed(answer), (x, torch.zeros(2, dtype=torch.long))).subject, request())
    assert gallery.examples[0].pixels == bytes([0, 64, 128, 255])
    assert gallery.examples[1].pixels == bytes([128] * 4)


def test_colours_become_their_mean():
    x = torch.tensor([[[[0.0, 3.0]], [[0.0, 3.0]], [[3.0, 3.0]]]])
    gallery = paint(Sitter(Fixed(answer), (x, torch.tensor([0]))).subject, request())
    assert gallery.examples[0].pixels == bytes([0, 255])


def test_an_even_page_is_black():
    x = torch.full((2, 2, 2), 7.0), torch.tensor([0, 1])
    gallery = paint(Sitter(Fixed(answer), x).subject, request())
    assert [e.pixels for e in gallery.examples] == [bytes(4)] * 2


def test_large_images_are_averaged_down_to_the_area():
    x = torch.zeros(1, 64, 64)
    x[0, :, 32:] = 1.0
    gallery = paint(Sitter(Fixed(answer), (x, torch.tensor([0]))).subject, request(0, 16, 4))
    (example,) = gallery.examples
    assert (example.width, example.height) == (8, 8)
    assert example.pixels == bytes([0] * 4 + [255] * 4) * 8


def test_only_the_page_is_predicted():
    sitter = Sitter(Fixed(answer), pictures(1_000, 2, 2))
    paint(sitter.subject, request(500))
    assert [len(x) for x in sitter.asked] == [24]


def test_the_worst_come_first():
    x = torch.zeros(6, 2, 2)
    x[:, 0, 0] = torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0, 0.0])
    target = torch.tensor([0, 2, 2, 4, 4, -100])  # 1 and 3 are taken for others; 5 has no class
    scores = torch.tensor([4.0, 1.0, 1.0, 5.0, 1.0, 1.0])

    def sure(x: Tensor) -> Tensor:
        return answer(x) / 3 * scores[x[:, 0, 0].long()][:, None]

    subject = Sitter(Fixed(sure), (x, target)).subject
    page = paint_worst(subject, request())
    losses = torch.nn.functional.cross_entropy(sure(x), target, reduction="none")
    expected = [5, *losses[:5].argsort(descending=True).tolist()]
    assert [e.number for e in page.examples] == expected
    assert [e.number for e in page.examples][:3] == [5, 3, 1]
    assert (page.worst, page.first) == (True, 0)
    second = paint_worst(subject, request(4))
    assert ([e.number for e in second.examples], second.first) == (expected[4:], 4)
    assert [e.target for e in second.examples] == [int(target[n]) for n in expected[4:]]
