"""The panel that shows one picture. Each kind of picture has its own file here.

A picture's file has three functions of its view: `draw` it on a grid, its `title`, and the
same in `words`. To add a picture is to write that file and its row in `_PICTURES`.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from ...engine.protocol.views import (
    Bars,
    Confusion,
    Drawing,
    Failed,
    Field,
    Fit,
    Gallery,
    Picture,
    PictureRequest,
    Scatter,
    View,
)
from ..draw.grid import Grid, Ink, message, shorten
from ..draw.palette import Palette
from . import bars, confusion, drawing, field, fit, gallery, scatter
from .cells import CellsWidget, RequestChanged

_CAPTION_FROM = 8  # rows a picture needs before one is spent on its title


class _Draw(Protocol):
    def __call__(
        self, view: Any, width: int, height: int, pens: Palette, page: int = 0
    ) -> Grid: ...


class _Title(Protocol):
    def __call__(self, view: Any, pens: Palette) -> str: ...


class _Words(Protocol):
    def __call__(self, view: Any) -> str: ...


@dataclass(frozen=True)
class _Kind:
    draw: _Draw
    title: _Title
    words: _Words


_PICTURES: dict[type, _Kind] = {
    Fit: _Kind(fit.draw, fit.title, fit.words),
    Field: _Kind(field.draw, field.title, field.words),
    Gallery: _Kind(gallery.draw, gallery.title, gallery.words),
    Confusion: _Kind(confusion.draw, confusion.title, confusion.words),
    Scatter: _Kind(scatter.draw, scatter.title, scatter.words),
    Bars: _Kind(bars.draw, bars.title, bars.words),
    Drawing: _Kind(drawing.draw, drawing.title, drawing.words),
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
    return kind.words(view) if kind else "Nothing painted yet."


class PicturePanel(CellsWidget, can_focus=True):
    """Shows the latest view it was given; arrows page through what does not fit."""

    DEFAULT_CSS = "PicturePanel { width: 1fr; height: 1fr; }"

    _view: View | None = None
    _picture: str = ""
    _page: int = 0
    _asked: PictureRequest | None = None

    def show(self, view: Picture | Failed | None) -> None:
        """Take in the latest view (None: nothing yet)."""
        self._view = view
        self.redraw()

    def request(self, name: str) -> PictureRequest:
        """The picture wanted; another name starts at its first page."""
        if name != self._picture:
            self._picture, self._page, self._view = name, 0, None
            self.redraw()
        self._asked = PictureRequest(
            name, max(self.size.width, 1), max(self.size.height, 1), self._index()
        )
        return self._asked

    def page(self, n: int) -> None:
        """Move `n` pages on: further examples, or what did not fit."""
        self._page = max(self._page + n, 0)
        self.redraw()
        if self._asked and self._index() != self._asked.index:
            self.post_message(RequestChanged())

    def title(self) -> str:
        """What the first row says: names, signs, how much of the whole."""
        kind = _PICTURES.get(type(self._view))
        return kind.title(self._view, self.pens) if kind else ""

    def in_words(self) -> str:
        """The picture as sentences."""
        return picture_in_words(self._view)

    def drawn(self, width: int, height: int) -> Grid:
        if height < _CAPTION_FROM:
            return draw_picture(self._view, width, height, self.pens, self._page)
        grid = Grid(width, height)
        grid.put(0, 0, shorten(self.title(), width), Ink(self.pens.faint))
        below = draw_picture(self._view, width, height - 1, self.pens, self._page)
        grid.lay(below, 0, 1)
        return grid

    def resized(self) -> None:
        self.redraw()
        if self._asked and self.size and self.size != (self._asked.columns, self._asked.rows):
            self.post_message(RequestChanged())

    def _room(self) -> tuple[int, int]:
        """Cells for the picture itself."""
        width, height = self.size
        return width, height - 1 if height >= _CAPTION_FROM else height

    def _index(self) -> int:
        """The example a page starts with; other pictures page through what they have."""
        view = self._view
        if isinstance(view, Gallery) and view.examples and self.size:
            each = min(gallery.tiles(view, *self._room()).count, len(view.examples))
            return self._page * each % max(view.total, 1)
        return self._asked.index if self._asked and self._page else 0
