"""What an experiment's own `view` returned, thinned to the area."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.commands import Set, Step
from foghill.engine.protocol.views import Failed, PictureRequest
from foghill.engine.views import paint as views_paint
from foghill.engine.views import pictures
from foghill.engine.views.own import paint, shrunk, thinned
from sessions import LINE, Live, write
from sitter import Sitter
from torch import nn

REQUEST = PictureRequest(name="own", columns=10, rows=4)
LONG = PictureRequest(name="of the layers", columns=10, rows=4)


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
        ({"a": object()}, r"gave 'a' as object; it should be a 1-D or 2-D tensor, a pair"),
        ({"a": (torch.ones(3), torch.ones(2))}, r"gave 'a' 3 x for 2 y; they go in pairs"),
        ({"a": [("n", "m"), (1,)]}, r"gave 'a' a row \(1,\); it should have 2 entries"),
    ],
)
def test_anything_else_is_one_sentence(drawn, sentence):
    with pytest.raises(ValueError, match=sentence):
        paint(Sitter(nn.Identity(), draw=drawn).subject, REQUEST)


def test_pairs_are_curves_texts_are_texts_and_rows_with_a_heading_are_tables():
    drawn = {
        "said": "w is 2",
        "way": (torch.arange(100.0), torch.arange(100.0) ** 2),
        "here": (1.0, 2.0),
        "numbers": [("name", "value"), ("w", 0.123456789), ("n", 3), ("b", torch.tensor(1.5))],
        "line": [1.0, 2.0],
    }
    drawing = paint(Sitter(nn.Identity(), draw=drawn).subject, REQUEST)
    assert drawing.texts == (("said", "w is 2"),)
    way, here = drawing.curves
    assert (len(way.x), way.x[0], way.x[-1], way.y[-1]) == (40, 0.0, 99.0, 9801.0)
    assert (here.x, here.y) == ([1.0], [2.0])
    (table,) = drawing.tables
    assert (table.title, table.columns) == ("numbers", ("name", "value"))
    assert table.rows == (("w", "0.123457"), ("n", "3"), ("b", "1.5"))
    assert drawing.lines == (("line", [1.0, 2.0]),)
    assert drawing.order == ("said", "way", "here", "numbers", "line")


def test_further_views_are_pictures_of_their_own_and_named_in_what_goes_wrong():
    subject = Sitter(nn.Linear(1, 1)).subject
    subject = replace(subject, draws={"own": lambda: {"a": [1.0]}, "of the layers": lambda: 7})
    assert pictures(subject)[:2] == ("own", "of the layers")
    with pytest.raises(ValueError, match=r"view_of_the_layers\(\) returned int"):
        views_paint(subject, LONG)


def test_a_long_table_is_cut_and_says_so():
    rows = [("n",), *((i,) for i in range(5_000))]
    (table,) = paint(Sitter(nn.Identity(), draw={"t": rows}).subject, REQUEST).tables
    assert len(table.rows) == 500
    assert table.notes == ("4500 more rows",)


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


VIEWS = (
    LINE
    + """
def view(model, x, y, n: int = 1): return {"line": [float(n)] * n}
def view_of_nothing(model, x, y): raise KeyError("nothing")
"""
)


def test_a_knob_of_a_view_acts_at_the_next_look_even_while_paused(tmp_path: Path):
    with Live(write(tmp_path, VIEWS)) as live:
        state = live.ready()
        assert state.pictures[:2] == ("own", "of nothing")
        assert live.look(PictureRequest("own")).lines == (("line", [1.0]),)
        live.do(Set({"n": 3}))
        assert live.look(PictureRequest("own")).lines == (("line", [3.0] * 3),)
        assert live.session.state.step == 0


def test_a_view_that_raises_is_shown_as_failed_and_training_goes_on(tmp_path: Path):
    with Live(write(tmp_path, VIEWS)) as live:
        live.ready()
        failed = live.look(PictureRequest("of nothing"))
        assert isinstance(failed, Failed)
        assert "KeyError" in failed.sentence
        live.do(Step("step", 2))
        state = live.until(lambda state: state.step == 2)
        assert state.problem is None


def test_a_function_that_only_sounds_like_a_view_is_none(tmp_path: Path):
    source = LINE + "\nfrom torch import view_as_real\nview_names = ['a']\n"
    with Live(write(tmp_path, source)) as live:
        state = live.ready()
        assert not {"as real", "names"} & set(state.pictures)
        assert state.problem is None
