"""Lines between neurons: their sign and strength can be told without colour."""

from foghill.tui.draw.grid import Grid, Ink
from foghill.tui.draw.links import Link, colour_of, draw_links
from foghill.tui.draw.palette import Palette

PENS = Palette()


def drawn(*links: Link, pens: Palette = PENS) -> Grid:
    grid = Grid(20, 5)
    draw_links(grid, links, pens)
    return grid


def dots(grid: Grid) -> int:
    return sum((ord(c) - 0x2800).bit_count() for c in grid.text() if 0x2800 <= ord(c) < 0x2900)


def test_positive_lines_are_solid_and_negative_ones_dotted():
    solid, dotted = drawn(Link(0, 2.5, 20, 2.5, 0.5)), drawn(Link(0, 2.5, 20, 2.5, -0.5))
    assert dots(solid) == 40
    assert dots(dotted) == 20


def test_strong_lines_are_thicker_and_very_weak_ones_left_out():
    assert dots(drawn(Link(0, 2.5, 20, 2.5, 0.9))) == 80
    assert dots(drawn(Link(0, 2.5, 20, 2.5, 0.01))) == 0
    assert dots(drawn(Link(0, 2.5, 20, 2.5, 0.01, chosen=True))) == 80


def test_a_line_ends_at_both_edges():
    grid = drawn(Link(2, 0.5, 18, 4.5, 1.0))
    rows = grid.text().split("\n")
    assert rows[0].index(rows[0].strip()[0]) == 2
    assert len(rows[4].rstrip()) == 18


def test_the_strongest_has_the_colour_where_lines_cross():
    weak, strong = Link(0, 2.5, 20, 2.5, 0.2), Link(0, 2.5, 20, 2.5, -1.0)
    grid = drawn(strong, weak)
    assert grid.rows[2][0].ink.colour == colour_of(-1, PENS)


def test_neurons_are_not_drawn_over():
    grid = Grid(20, 5)
    grid.put(10, 2, "N", Ink("#ffffff"))
    draw_links(grid, [Link(0, 2.5, 20, 2.5, 1.0)], PENS)
    assert grid.glyph(10, 2) == "N"


def test_without_braille_the_sign_stands_there():
    pens = Palette(ascii=True)
    assert set(drawn(Link(0, 1.5, 20, 3.5, 1.0), pens=pens).text()) == {"+", " ", "\n"}
    assert "-" in drawn(Link(0, 2.5, 20, 2.5, -1.0), pens=pens).text()
    assert "*" in drawn(Link(0, 2.5, 20, 2.5, -1.0, chosen=True), pens=pens).text()
