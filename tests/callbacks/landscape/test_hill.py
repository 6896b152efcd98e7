"""The hill as a picture: its caption and its words, with and without fog."""

import math

from drawn import RELIEF, RIDGE, Bare, lines_of
from foghill.engine.protocol.pictures import Landscape, Trail
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import hill
from foghill.tui.widgets.look import Look
from foghill.tui.widgets.picture import PicturePanel
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

PENS = Palette()


def test_the_caption_has_the_numbers():
    assert hill.title(RIDGE, PENS) == "w -0.8125 · loss 2.378 · next step 0.7031"
    ready = replace(RIDGE, notes=("ready at the selected starting point",))
    assert hill.title(ready, PENS).endswith("0.7031 · ready at the selected starting point")
    alone = replace(RELIEF, others=())
    assert hill.title(alone, PENS) == (
        "page 1/3 → · x -1, y 0.5 · loss 2 · dark is low · ◇ lowest in sight"
    )
    assert "· 0 is low ·" in hill.title(alone, Palette(colour=False))
    assert "lowest" not in hill.title(replace(alone, fog=True), PENS)
    assert "· dark is low for this run · ● this run · ▲ adam ·" in hill.title(RELIEF, PENS)
    measuring = replace(RELIEF, rough=True, others=(), notes=("the loss of 9 of 10",))
    assert "· measuring · the loss of 9 of 10 ·" in hill.title(measuring, PENS)


def test_directions_are_named_not_numbered():
    path = replace(RELIEF, axes=("direction 1 (94 % of the way)", "direction 2 (5 % of the way)"))
    assert hill.title(path, PENS).startswith("page 1/3 → · loss 2 ·")
    drawn = hill.draw(path, 60, 16, PENS).text().split("\n")
    assert "direction 2 (5 % of the way)" in drawn[0]
    assert drawn[-3].endswith("direction 1 (94 % of the way)")
    said = hill.words(replace(RIDGE, axes=("downhill",)))
    assert "The slope along downhill is -1.406." in said
    assert "grows" not in said


def test_the_words_say_what_is_seen():
    said = hill.words(RIDGE)
    assert "The ball is at w -0.8125: loss 2.378." in said
    assert "The slope along w is -1.406: downhill w grows." in said
    assert "The next update changes w 0.7031." in said
    assert "It began at w -3 and landed 2 times." in said
    assert "The lowest place in sight is 0.4 at w 2." in said
    assert "With these knobs 3 more steps lead to w 2." in said
    assert "adam is at x 1, y -0.5." in hill.words(RELIEF)
    assert "downhill w shrinks" in hill.words(replace(RIDGE, slope=(1.0,)))
    assert "downhill w stays" in hill.words(replace(RIDGE, slope=(0.0,)))


def test_in_fog_the_words_say_only_what_can_be_felt():
    said = hill.words(replace(RIDGE, fog=True))
    assert "slope" in said
    assert "lowest" not in said
    assert "lead to" not in said


def test_without_ground_it_says_so():
    for view in (
        replace(RIDGE, x=[]),
        replace(RIDGE, heights=[]),
        replace(RIDGE, trail=Trail("", [], [], [])),
        replace(RELIEF, y=[1.0]),
        replace(RIDGE, x=[math.nan] * 65),
    ):
        assert "no heights yet" in hill.draw(view, 40, 9, PENS).text()
        assert hill.words(view) == "The hill: no heights yet."
        assert hill.title(view, PENS) == "hill"


async def test_the_panel_pages_and_lays_fog():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.request("hill")
        panel.show(RELIEF)
        await pilot.pause()
        assert "◇" in "\n".join(lines_of(app))
        panel.look_as(Look(fog=True))
        await pilot.pause()
        assert "░" in "\n".join(lines_of(app))
        assert "◇" not in "\n".join(lines_of(app))
        panel.page(1)
        await pilot.pause()
        assert panel.request("hill").index == 1
        panel.page(-1)
        assert panel.request("hill").index == 0


way = st.builds(
    lambda points: Trail("t", [p[0] for p in points], [p[1] for p in points], [0.0] * len(points)),
    st.lists(st.tuples(st.floats(), st.floats()), max_size=3),
)


@given(way, st.lists(st.floats(), max_size=3), st.lists(st.floats(), max_size=3), st.booleans())
def test_anything_is_drawn_or_refused(trail: Trail, x: list[float], y: list[float], fog: bool):
    heights = [[1.0] * len(x)] * max(len(y), 1)
    view = Landscape(("a", "b")[: 1 + bool(y)], x, y, heights, trail, fog=fog)
    assert hill.words(view)
    assert hill.title(view, PENS)
    grid = hill.draw(view, 40, 10, PENS)
    assert [len(row) for row in grid.rows] == [40] * 10
