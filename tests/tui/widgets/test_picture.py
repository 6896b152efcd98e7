"""The picture panel: any picture, pages, failures."""

import pytest
from drawn import EVERY, FIT, GALLERY, RELIEF, RIDGE, Bare, lines_of
from foghill.engine.protocol.pictures import Drawing
from foghill.engine.protocol.views import Failed
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets.picture import PicturePanel, draw_picture, picture_in_words
from msgspec.structs import replace


@pytest.mark.parametrize("view", [*EVERY, None, Failed("model broke")])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_every_picture_fits_every_size(view, ascii_only):
    pens = Palette(ascii=ascii_only, colour=not ascii_only)
    for width, height in ((0, 0), (1, 1), (2, 40), (40, 2), (7, 3), (80, 24), (300, 100)):
        grid = draw_picture(view, width, height, pens)
        assert [len(row) for row in grid.rows] == [width] * height
    assert picture_in_words(view)


@pytest.mark.parametrize("view", EVERY)
def test_every_picture_is_ascii_where_asked(view):
    assert draw_picture(view, 80, 24, Palette(ascii=True, colour=False)).text().isascii()


async def test_it_asks_for_its_own_size_and_shows_a_caption():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        request = panel.request("fit")
        assert (request.name, request.columns, request.rows, request.index) == ("fit", 60, 16, 0)
        panel.show(FIT)
        await pilot.pause()
        assert lines_of(app)[0] == "h of t · train ● · held out ○ · model ⠒⠒"
        assert "●" in "\n".join(lines_of(app)[1:])
        assert panel.in_words().startswith("h of t: 3 points")


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_rows_further_down_are_said_in_the_border_and_cover_nothing(ascii_only):
    panel = PicturePanel(ascii=ascii_only)
    panel.styles.border = ("solid", "white")
    app = Bare(panel)
    async with app.run_test(size=(40, 12)) as pilot:
        panel.request("own")
        panel.show(Drawing((), (), texts=(("said", "\n".join(f"line {i}" for i in range(30))),)))
        await pilot.pause()
        down = "v" if ascii_only else "↓"
        assert panel.border_subtitle == f"21 more lines {down}"
        assert [line[1:-1].strip() for line in lines_of(app)[1:3]] == ["said", "line 0"]
        assert "line 8" in lines_of(app)[-2]
        panel.move_rows(20)
        assert panel.border_subtitle == f"1 more line {down}"
        panel.show(FIT)
        assert panel.border_subtitle == ""


async def test_a_failed_picture_says_why():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(60, 8)) as pilot:
        panel.show(Failed("view() raised KeyError: 'x'"))
        await pilot.pause()
        assert "view() raised KeyError: 'x'" in " ".join(" ".join(lines_of(app)).split())


async def test_paging_a_gallery_asks_for_the_next_examples():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(24, 6)) as pilot:
        panel.request("gallery")
        panel.show(replace(GALLERY, examples=GALLERY.examples * 12))
        panel.page(1)
        await pilot.pause()
        assert len(app.heard) == 1
        first = panel.request("gallery").index
        assert first > 0
        panel.page(1)
        assert panel.request("gallery").index == 2 * first
        panel.page(-5)
        assert panel.request("gallery").index == 0
        panel.page(1)
        assert panel.request("fit").index == 0


async def test_pages_turned_before_the_picture_came_are_turned_when_it_does():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.request("hill")
        panel.page(1)
        panel.page(1)
        assert panel.request("hill").index == 0
        panel.show(RELIEF)
        await pilot.pause()
        assert panel.request("hill").index == 2
        panel.page(1)
        panel.request("fit")
        panel.page(1)
        assert panel.request("hill").index == 0  # those were of another picture
        panel.show(RELIEF)
        assert panel.request("hill").index == 0


async def test_a_caption_ends_with_a_whole_part():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(36, 16)) as pilot:
        panel.request("hill")
        panel.show(replace(RIDGE, update=(-7.51e-6,)))
        await pilot.pause()
        assert lines_of(app)[0] == "w -0.8125 · loss 2.378 · …"


async def test_a_resize_asks_for_another_picture():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.request("fit")
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert app.heard
        assert panel.request("fit").columns == 40
