"""The panel that shows one picture. Each kind of picture has its own file here.

A picture's file has three functions of its view: `draw` it on a grid, its `title`, and the
same in `words`. To add a picture is to write that file and its row in `_PICTURES`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from ...engine.protocol.pictures import (
    Bars,
    Comparison,
    Confusion,
    Drawing,
    Field,
    Fit,
    Gallery,
    Landscape,
    Network,
    Picture,
    Prediction,
    Rates,
    Scatter,
    Table,
)
from ...engine.protocol.views import Failed, PictureRequest, View
from ..draw.grid import Grid, Ink, message, shorten_list
from ..draw.palette import Palette
from ..theme import plain
from . import (
    bars,
    comparison,
    confusion,
    drawing,
    field,
    fit,
    gallery,
    hill,
    network,
    predict,
    rates,
    scatter,
    table,
)
from .cells import CellsWidget, RequestChanged
from .look import Look, Stand, seen, to_weights, turned, walked, weights_shown
from .numbers import Chosen, chosen
from .rows import more_lines

_CAPTION_FROM = 8  # rows a picture needs before one is spent on its title


class _Draw(Protocol):
    def __call__(
        self, view: Any, width: int, height: int, pens: Palette, page: int = 0
    ) -> Grid: ...


class _Title(Protocol):
    def __call__(self, view: Any, pens: Palette) -> str: ...


class _Words(Protocol):
    def __call__(self, view: Any) -> str: ...


class _Last(Protocol):
    def __call__(self, view: Any, width: int, height: int) -> int: ...


class _Below(Protocol):
    def __call__(self, view: Any, width: int, height: int, page: int) -> int: ...


@dataclass(frozen=True)
class _Kind:
    """`last`: the picture scrolls by rows, so far down; else it turns pages. `below`: how many
    rows are out of sight further down. Without a title its parts have names of their own."""

    draw: _Draw
    title: _Title | None
    words: _Words
    last: _Last | None = None
    below: _Below | None = None


_PICTURES: dict[type, _Kind] = {
    Fit: _Kind(fit.draw, fit.title, fit.words),
    Field: _Kind(field.draw, field.title, field.words),
    Gallery: _Kind(gallery.draw, gallery.title, gallery.words),
    Confusion: _Kind(confusion.draw, confusion.title, confusion.words),
    Scatter: _Kind(scatter.draw, scatter.title, scatter.words),
    Bars: _Kind(bars.draw, bars.title, bars.words, below=bars.below),
    bars.Scaled: _Kind(bars.draw, bars.title, bars.words, below=bars.below),
    Drawing: _Kind(drawing.draw, None, drawing.words, drawing.last, drawing.below),
    Landscape: _Kind(hill.draw, hill.title, hill.words),
    Network: _Kind(network.draw, network.title, network.words),
    Comparison: _Kind(
        comparison.draw, comparison.title, comparison.words, comparison.last, comparison.below
    ),
    Prediction: _Kind(predict.draw, predict.title, predict.words),
    Rates: _Kind(rates.draw, rates.title, rates.words, rates.last),
    Table: _Kind(table.draw, table.title, table.words, table.last, table.below),
}


def draw_picture(view: View | None, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """Any picture in exactly this size; a failed or missing one says so in words."""
    kind = _PICTURES.get(type(view))
    if kind is None:
        ink = Ink(pens.bad if isinstance(view, Failed) else pens.faint)
        return message(picture_in_words(view), width, height, ink)
    return kind.draw(view, width, height, pens, page)


def picture_in_words(view: View | None) -> str:
    """Any picture as sentences."""
    if isinstance(view, Failed):
        return f"This picture could not be painted: {view.sentence}"
    kind = _PICTURES.get(type(view))
    return kind.words(view) if kind else "Not painted yet."


class PicturePanel(CellsWidget, can_focus=True):
    """Shows the latest view it was given; arrows page through what does not fit."""

    DEFAULT_CSS = "PicturePanel { width: 1fr; height: 1fr; }"

    _view: View | None = None
    _picture: str = ""
    _page: int = 0
    _at: int = 0  # the number that the cursor is on
    _steepest: float = 0.0  # gradient of a weight since the start
    look: Look = Look()
    _asked: PictureRequest | None = None
    _ahead: Sequence[Callable[[], None]] = ()  # moves made before the picture came

    def show(self, view: Picture | Failed | None) -> None:
        """Take in the latest view (None: nothing yet)."""
        if isinstance(view, Bars):
            view = bars.scaled(view, self._steepest)
            self._steepest = view.steepest
        self._view = view
        if view is not None:
            ahead, self._ahead = self._ahead, ()
            for move in ahead:
                move()
        self.redraw()

    def forget(self) -> None:
        """The run starts again: so does what is compared with its start."""
        self._steepest = 0.0

    @property
    def view(self) -> View | None:
        """What it shows."""
        return self._view

    def request(self, name: str) -> PictureRequest:
        """The picture wanted; another name starts at its first page."""
        if name != self._picture:
            self._picture, self._page, self._at, self._view = name, 0, 0, None
            self._ahead = ()
            self.redraw()
        self._asked = PictureRequest(
            name, max(self.size.width, 1), max(self.size.height, 1), self._index()
        )
        return self._asked

    def look_as(self, look: Look) -> None:
        """Draw it in another way from now on."""
        if look != self.look:
            self.look = look
            self.redraw()

    @property
    def number(self) -> Chosen | None:
        """What the cursor is on, where it is shown."""
        view, stand = self._seen(), Stand(self._page, self._at)
        if not isinstance(view, Bars | Network) or not weights_shown(view, stand, self._room()):
            return None
        return chosen(view, view.at)

    def to_weights(self) -> None:
        """Turn to the sheet that has a cursor on weights."""
        self._stand(to_weights(self._view, Stand(self._page, self._at), self._room()))

    def _later(self, move: Callable[[int], None], n: int) -> bool:
        """Whether the move must wait for the picture, and does."""
        if self._view is None:
            self._ahead = (*self._ahead, partial(move, n))
        return self._view is None

    def turn_page(self, n: int) -> None:
        """Move `n` sheets on, of a picture that has some; else `n` pages."""
        if self._later(self.turn_page, n):
            return
        if not self._stand(turned(self._view, Stand(self._page, self._at), n, self._room())):
            self.page(n)

    def _walk(self, across: int, down: int) -> bool:
        """Move the cursor, of a picture that has one."""
        stand = Stand(self._page, self._at)
        return self._stand(walked(self._view, stand, across, down, self._room()))

    def _stand(self, stand: Stand | None) -> bool:
        if stand is not None:
            self._page, self._at = stand.page, stand.at
            self.redraw()
        return stand is not None

    def _seen(self) -> View | None:
        return seen(self._view, self.look, self._at)

    def page(self, n: int) -> None:
        """Move `n` pages on: further examples, or what did not fit."""
        if self._later(self.page, n) or self._walk(n, 0):
            return
        height = self._room()[1]
        self._go(n * max(height - 3, 1) if self._last() is not None else n)

    def move_rows(self, n: int) -> None:
        """Move `n` rows down where a picture has rows; else `n` pages on."""
        if self._later(self.move_rows, n) or self._walk(0, n):
            return
        self._go(n)

    def _go(self, n: int) -> None:
        if isinstance(self._view, Table) and self._view.from_end:
            n = -n  # pages count back from the last row
        last = self._last()
        furthest = self._page + n if last is None else min(self._page + n, last)
        self._page = max(furthest, 0)
        self.redraw()
        if self._asked and self._index() != self._asked.index:
            self.post_message(RequestChanged())

    def title(self) -> str:
        """What the first row says: names, signs, how much of the whole."""
        view = self._seen()
        kind = _PICTURES.get(type(view))
        return kind.title(view, self.pens) if kind and kind.title else ""

    def in_words(self) -> str:
        """The picture as sentences."""
        return picture_in_words(self._seen())

    def drawn(self, width: int, height: int) -> Grid:
        view = self._seen()
        if self._room()[1] == height:
            return draw_picture(view, width, height, self.pens, self._page)
        grid = Grid(width, height)
        said = shorten_list(self.title(), f" {self.pens.signs.dot} ", width)
        grid.put(0, 0, said, Ink(self.pens.faint))
        below = draw_picture(view, width, height - 1, self.pens, self._page)
        grid.lay(below, 0, 1)
        return grid

    def redraw(self) -> None:
        super().redraw()
        if self.is_mounted and self.size:
            said = more_lines(self._below())
            said = plain(said) if self.pens.ascii else said
            if said != self.border_subtitle:
                self.border_subtitle = said

    def resized(self) -> None:
        self.redraw()
        if self._asked and self.size and self.size != (self._asked.columns, self._asked.rows):
            self.post_message(RequestChanged())

    def _room(self) -> tuple[int, int]:
        """Cells for the picture itself."""
        width, height = self.size
        kind = _PICTURES.get(type(self._view))
        captioned = height >= _CAPTION_FROM and (kind is None or kind.title is not None)
        return width, height - captioned

    def _last(self) -> int | None:
        """How far down a picture with rows goes; None where it has pages."""
        kind = _PICTURES.get(type(self._view))
        return kind.last(self._view, *self._room()) if kind and kind.last else None

    def _below(self) -> int:
        """Rows of the picture that are further down."""
        view = self._seen()
        kind = _PICTURES.get(type(view))
        return kind.below(view, *self._room(), self._page) if kind and kind.below else 0

    def _index(self) -> int:
        """The example or row a page starts with; other pictures page through what they have."""
        view = self._view
        if isinstance(view, Landscape) or (isinstance(view, Table) and view.total):
            return self._page
        if isinstance(view, Prediction):
            return self._page % max(view.total, 1)
        if isinstance(view, Gallery) and view.examples and self.size:
            each = min(gallery.tiles(view, *self._room()).count, len(view.examples))
            return self._page * each % max(view.total, 1)
        return self._asked.index if self._asked and self._page else 0
