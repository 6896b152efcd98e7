"""Images with the model's answers: pixels, right or wrong, and a bar for each class' score."""

import math
from dataclasses import dataclass

from ...engine.protocol.pictures import Example, Gallery
from ..draw.grid import Grid, Ink, message, shorten
from ..draw.palette import Palette
from ..draw.shade import image, shaded

_GAP = 3  # cells between tiles
_MOST_BARS = 10


@dataclass(frozen=True)
class Tiles:
    """How examples are laid out: cells of an image and of a tile, tiles across and down."""

    wide: int
    high: int
    bars: int
    across: int
    down: int
    gap: int = 1  # rows between tiles
    below: bool = True  # the answer stands below the image, else above the bars

    @property
    def width(self) -> int:
        return self.wide + (self.bars + 1 if self.bars else 0) + _GAP

    @property
    def height(self) -> int:
        return self.high + self.below + self.gap

    @property
    def count(self) -> int:
        return self.across * self.down


def tiles(view: Gallery, width: int, height: int) -> Tiles:
    """The largest images with which the most examples still fit (one at least, shrunk)."""
    first = view.examples[0]
    pixels_wide, pixels_high = max(first.width, 1), max(first.height, 1)
    bars = min(len(view.classes), _MOST_BARS)
    for scale in (3, 2, 1):
        for shown in (bars, 0):
            tile = Tiles(pixels_wide * scale, math.ceil(pixels_high * scale / 2), shown, 0, 0)
            across = (width + _GAP) // tile.width
            down = height // (tile.high + 1)
            if across and down and (across * down >= len(view.examples) or scale == 1):
                return _stacked(tile, across, height)
    shrink = min((width - bars - 1) / pixels_wide, (height - 1) * 2 / pixels_high, 1.0)
    if shrink * pixels_wide < 4:
        bars = 0
        shrink = min(width / pixels_wide, max(height - 1, 1) * 2 / pixels_high, 1.0)
    wide, high = int(pixels_wide * shrink), int(pixels_high * shrink / 2)
    return Tiles(max(wide, 1), max(high, 1), bars, 1, 1)


def _stacked(tile: Tiles, across: int, height: int) -> Tiles:
    """As many rows of tiles as fit: closer, and with the answer beside, if that gains a row."""
    down = height // (tile.high + 1)
    beside = (height + 1) // (tile.high + 1)
    if beside > down and tile.bars >= _MOST_BARS and tile.high >= 4:
        return Tiles(tile.wide, tile.high, tile.bars, across, beside, 1, below=False)
    gap = 1 if (height + 1) // (tile.high + 2) == down else 0
    return Tiles(tile.wide, tile.high, tile.bars, across, down, gap)


def draw(view: Gallery, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """As many examples as fit."""
    if not view.examples:
        return message("no images to show", width, height, Ink(pens.faint))
    grid = Grid(width, height)
    plan = tiles(view, width, height)
    for k, example in enumerate(view.examples[: plan.count]):
        x, y = k % plan.across * plan.width, k // plan.across * plan.height
        _tile(grid, x, y, example, view, plan, pens)
    return grid


def _tile(
    grid: Grid, x: int, y: int, example: Example, view: Gallery, plan: Tiles, pens: Palette
) -> None:
    levels = image(example.pixels, example.width, example.height)
    picture = shaded(levels, plan.wide, plan.high, pens, pens.grey)
    grid.lay(picture, x, y, clear=True)
    beside = 0 if plan.below else 1
    if plan.bars:
        _bars(grid, x + plan.wide + 1, y + beside, example, view, plan, pens)
    right = example.target == example.predicted
    sign = pens.signs.right if right else pens.signs.wrong
    ink = Ink(pens.good if right else pens.bad, bold=True)
    said = f"{sign} {_class(view, example.predicted)}"
    if not right:
        said += f", is {_class(view, example.target)}"
    if plan.below:
        grid.put(x, y + plan.high, shorten(said, plan.width - 1), ink)
    else:
        grid.put(x + plan.wide + 1, y, shorten(said, plan.bars), ink)


def _bars(
    grid: Grid, x: int, y: int, example: Example, view: Gallery, plan: Tiles, pens: Palette
) -> None:
    """Scores as upright bars over the classes' first characters; the target's is underlined
    by its own colour and both the answer and the target by their weight."""
    room = max(plan.high - (1 if plan.below else 2), 1)
    for i in range(plan.bars):
        score = example.scores[i] if i < len(example.scores) else 0.0
        chosen, asked = i == example.predicted, i == example.target
        colour = pens.good if asked else pens.bad if chosen else pens.faint
        filled = round(min(max(score, 0.0), 1.0) * room * 8) if math.isfinite(score) else 0
        for row in range(room):
            part = min(max(filled - 8 * row, 0), 8)
            if part:
                grid.put(x + i, y + room - 1 - row, pens.signs.eighths[part], Ink(colour))
        if plan.high > 1:
            ink = Ink(colour if asked or chosen else pens.faint, bold=asked or chosen)
            grid.put(x + i, y + room, _class(view, i)[:1] or "?", ink)


def _class(view: Gallery, number: int) -> str:
    return view.classes[number] if 0 <= number < len(view.classes) else str(number)


def title(view: Gallery, pens: Palette) -> str:
    """What the border says: which images these are."""
    if not view.examples:
        return f"gallery {pens.signs.dot} {view.source}"
    first = view.first + 1
    last = view.first + len(view.examples)
    which = f"{view.source} {first} to {last} of {view.total}"
    right = sum(example.target == example.predicted for example in view.examples)
    return f" {pens.signs.dot} ".join(
        [
            "worst first" if view.worst else "gallery",
            which,
            f"{right} of {len(view.examples)} right",
        ]
    )


def words(view: Gallery) -> str:
    """The picture as sentences."""
    if not view.examples:
        return f"gallery, {view.source}: no images to show."
    order = ", the worst first" if view.worst else ""
    said = [f"{len(view.examples)} of {view.total} images, {view.source}{order}."]
    for example in view.examples:
        sure = _score(example)
        if example.target == example.predicted:
            said.append(f"{example.number + 1}: {_class(view, example.target)}, right{sure}.")
        else:
            answer = f"taken for {_class(view, example.predicted)}{sure}"
            said.append(f"{example.number + 1}: {_class(view, example.target)}, {answer}.")
    return " ".join(said)


def _score(example: Example) -> str:
    if 0 <= example.predicted < len(example.scores):
        score = example.scores[example.predicted]
        return f" ({100 * score:.0f} % sure)" if math.isfinite(score) else ""
    return ""
