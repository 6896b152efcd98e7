"""A gallery: images, right or wrong, and scores."""

from drawn import GALLERY, numbers, sizes
from foghill.engine.protocol.pictures import Example, Gallery
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import gallery
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

PENS = Palette()


def digits(count: int) -> Gallery:
    example = Example(0, 8, 8, bytes(range(0, 256, 4)), 3, 3, [0.1] * 10)
    examples = tuple(replace(example, number=i) for i in range(count))
    return Gallery(tuple("0123456789"), examples, 360, "held out")


def test_right_and_wrong_differ_by_sign_and_words():
    text = gallery.draw(GALLERY, 60, 10, PENS).text()
    assert "✓ 1" in text
    assert "✗ 0, is 2" in text


def test_the_highest_score_has_the_highest_bar():
    grid = gallery.draw(replace(GALLERY, examples=GALLERY.examples[:1]), 12, 4, PENS)
    plan = gallery.tiles(replace(GALLERY, examples=GALLERY.examples[:1]), 12, 4)
    column = plan.wide + 1
    bars = [sum(not grid.is_blank(column + i, y) for y in range(plan.high - 1)) for i in range(3)]
    assert bars[1] > max(bars[0], bars[2]) or plan.high == 2


def test_more_room_shows_more_images_then_larger_ones():
    few = gallery.tiles(digits(24), 55, 10)
    many = gallery.tiles(digits(24), 118, 36)
    assert few.count >= 4
    assert many.count >= 24
    assert gallery.tiles(digits(1), 118, 36).wide == 24


def test_the_title_counts():
    assert gallery.title(GALLERY, PENS) == "gallery · held out 1 to 2 of 40 · 1 of 2 right"


def test_the_worst_say_so_and_count_by_their_place():
    view = replace(GALLERY, worst=True, first=4)
    assert gallery.title(view, PENS) == "worst first · held out 5 to 6 of 40 · 1 of 2 right"
    assert gallery.words(view).startswith("2 of 40 images, held out, the worst first. 1: 1, right")


def test_the_words_name_every_image():
    words = gallery.words(GALLERY)
    assert "1: 1, right (80 % sure)." in words
    assert "2: 2, taken for 0 (70 % sure)." in words


def test_no_images_are_said_in_words():
    empty = replace(GALLERY, examples=())
    assert "no images" in gallery.draw(empty, 40, 5, PENS).text()
    assert "no images" in gallery.words(empty)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 40),
    st.integers(0, 40),
    st.binary(max_size=50),
    st.integers(-1, 20),
    st.lists(numbers, max_size=12),
    st.integers(0, 24),
    sizes,
    st.booleans(),
)
def test_any_images_fit_any_size(wide, high, pixels, answer, scores, count, size, ascii_only):
    example = Example(0, wide, high, pixels, answer, 3, scores)
    view = Gallery(tuple("0123456789ab"), (example,) * count, 99, "train")
    grid = gallery.draw(view, *size, Palette(ascii=ascii_only))
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
    assert gallery.words(view)
    assert gallery.title(view, PENS)
