"""Drawing with keys: the pen draws on dark, erases on bright, and stays on the canvas."""

from drawn import sizes
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import board
from foghill.tui.widgets.board import Sketch, cleared, moved, pressed
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.widgets.test_widget_predict import DIGIT, HOUSE

EMPTY = Sketch((0.0,) * 64)
PENS = Palette()


def on(sketch: Sketch) -> set[tuple[int, int]]:
    return {(i % 8, i // 8) for i, value in enumerate(sketch.values) if value > 0.5}


def test_a_stroke():
    sketch = moved(EMPTY, DIGIT, 3, 2)
    assert on(sketch) == set()
    assert not sketch.own
    sketch = moved(moved(pressed(sketch, DIGIT), DIGIT, 0, 1), DIGIT, 1, 0)
    assert on(sketch) == {(3, 2), (3, 3), (4, 3)}
    assert sketch.own
    lifted = moved(pressed(sketch, DIGIT), DIGIT, 1, 0)
    assert on(lifted) == on(sketch)


def test_on_a_bright_pixel_the_pen_erases():
    full = Sketch((1.0,) * 64)
    sketch = moved(pressed(full, DIGIT), DIGIT, 1, 0)
    assert set(range(64)) - {y * 8 + x for x, y in on(sketch)} == {0, 1}
    assert on(cleared(full, DIGIT)) == set()


def test_the_pen_stays_on_the_canvas():
    sketch = EMPTY
    for _ in range(20):
        sketch = moved(sketch, DIGIT, 1, 1)
    assert (sketch.x, sketch.y) == (7, 7)


def test_large_images_have_strokes_with_a_soft_edge_in_every_channel():
    view = replace(DIGIT, shape=(2, 20, 20), given=[0.0] * 800, low=-1.0, high=1.0)
    sketch = pressed(moved(Sketch((-1.0,) * 800), view, 5, 5), view)
    for plane in (0, 400):
        assert sketch.values[plane + 5 * 20 + 5] == 1.0
        assert -1 < sketch.values[plane + 5 * 20 + 6] < 1
        assert sketch.values[plane] == -1


def test_the_cursor_is_there_without_colour():
    plain = Palette(ascii=True, colour=False)
    assert "[" in board.draw(DIGIT, EMPTY, 80, 24, plain).text()
    tight = board.draw(DIGIT, EMPTY, 46, 8, plain).text()
    assert "+" in tight


@given(
    sizes,
    st.integers(0, 7),
    st.integers(0, 7),
    st.sampled_from([DIGIT, HOUSE]),
    st.booleans(),
)
def test_any_size_is_drawn(size: tuple[int, int], x: int, y: int, view: object, ascii: bool):
    values = tuple(view.given)  # type: ignore[attr-defined]
    grid = board.draw(view, Sketch(values, x, y), *size, Palette(ascii=ascii))  # type: ignore[arg-type]
    assert (grid.width, grid.height) == size
