"""The model used: the input on the left, the answer with its scores on the right.

`draw` is the picture; `screens/predict.py` draws with a pen through `image` and `answer`.
"""

import math

from ...engine.protocol.pictures import Prediction
from ..draw.grid import Grid, Ink, cells, message, shorten
from ..draw.palette import Palette
from ..draw.shade import shaded
from ..predict_input import number, shown

_WORDS = 26  # cells of the answer and its bars, at least
_CHECKSUM = 8  # characters of it that are shown
MARGIN = 3
_LARGEST = 4  # rows of a pixel


def draw(view: Prediction, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """Input and answer side by side, the proof that nothing changed below."""
    del page
    if width < 12 or height < 2:
        return message(view.answer, width, height, Ink(pens.text))
    grid = Grid(width, height)
    room = height - 1 if height > 3 else height
    left = max(min(width - _WORDS - MARGIN, width // 2), 6)
    if side(view.shape):
        area = image(view.given, view, left, room, pens)
    else:
        area = inputs(view, left, room, pens)
    grid.lay(area, 0, 0, clear=True)
    start = area.width + MARGIN
    grid.lay(answer(view, width - start, room, pens), start, 0)
    if height > 3:
        ink = Ink(pens.faint if unchanged(view) else pens.bad)
        grid.put(0, height - 1, shorten(proof(view), width), ink)
    return grid


def side(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Rows and columns of an image; a flat square counts as one. None for other inputs."""
    if len(shape) >= 2 and min(shape[-2:]) >= 4:
        return shape[-2], shape[-1]
    if len(shape) == 1 and shape[0] >= 64 and math.isqrt(shape[0]) ** 2 == shape[0]:
        return math.isqrt(shape[0]), math.isqrt(shape[0])
    return None


def grey(values: list[float], view: Prediction) -> list[list[float]]:
    """Pixels from 0 (darkest of the data) to 1, the mean over channels."""
    high, wide = side(view.shape) or (1, 1)
    planes = max(len(values) // (high * wide), 1)
    span = (view.high - view.low) or 1.0

    def pixel(place: int) -> float:
        found = values[place :: high * wide][:planes]
        return min(max((sum(found) / max(len(found), 1) - view.low) / span, 0.0), 1.0)

    return [[pixel(y * wide + x) for x in range(wide)] for y in range(high)]


def scale(view: Prediction, width: int, height: int) -> int:
    """Rows a pixel takes (and twice as many columns); 0 where a cell must hold two pixels."""
    high, wide = side(view.shape) or (1, 1)
    return min(width // (2 * wide), height // high, _LARGEST)


def image(values: list[float], view: Prediction, width: int, height: int, pens: Palette) -> Grid:
    """The pixels, as large as fits."""
    high, wide = side(view.shape) or (1, 1)
    levels = grey(values, view)
    if size := scale(view, width, height):
        return shaded(levels, 2 * size * wide, size * high, pens, pens.grey)
    shrink = min(width / wide, 2 * height / high, 1.0)
    across, down = max(int(wide * shrink), 1), max(math.ceil(high * shrink / 2), 1)
    return shaded(levels, min(across, width), min(down, height), pens, pens.grey)


def inputs(view: Prediction, width: int, height: int, pens: Palette) -> Grid:
    """Names and numbers, one a row."""
    pairs = shown(view)
    named = min(max((cells(name) for name, _ in pairs), default=1), max(width - 10, 4))
    grid = Grid(min(width, named + 11), height)
    kept = pairs if len(pairs) <= height else pairs[: height - 1]
    for y, (name, value) in enumerate(kept):
        grid.put(0, y, shorten(name, named), Ink(pens.text))
        grid.put_right(named + 11, y, shorten(value, 10), Ink(pens.train))
    if len(kept) < len(pairs):
        grid.put(0, height - 1, f"and {len(pairs) - len(kept)} more", Ink(pens.faint))
    return grid


def answer(view: Prediction, width: int, height: int, pens: Palette) -> Grid:
    """The answer, what is right, and a bar for each class' score."""
    grid = Grid(width, height)
    ink, said = verdict(view, pens)
    grid.put(0, 0, shorten(said, width), ink)
    rows = list(zip(view.classes, view.scores, strict=False)) if height > 1 else []
    if not rows:
        many = view.values if len(view.values) > 1 else []  # one stands in the answer
        for y, value in enumerate(many[: max(height - 2, 0)]):
            grid.put(0, y + 2, number(value), Ink(pens.text))
        return grid
    top = 2 if len(rows) + 2 <= height else 1
    room = height - top
    if len(rows) > room:  # the best ones
        rows = sorted(rows, key=lambda row: -row[1])[:room]
    named = min(max(cells(name) for name, _ in rows), max(width // 3, 3))
    long = max(width - named - 8, 3)
    for y, (name, score) in enumerate(rows, top):
        best = name == view.answer
        colour = pens.good if best else pens.faint
        grid.put_right(named, y, shorten(name, named), Ink(pens.text, bold=best))
        grid.put(named + 1, y, _bar(score, long, pens), Ink(colour))
        grid.put_right(named + long + 7, y, f"{100 * score:.1f} %", Ink(colour, bold=best))
    return grid


def _bar(score: float, long: int, pens: Palette) -> str:
    full, rest = divmod(round(min(max(score, 0.0), 1.0) * long * 8), 8)
    lefts = pens.signs.lefts
    return (lefts[8] * full + lefts[rest]).rstrip() or pens.signs.dot


def verdict(view: Prediction, pens: Palette) -> tuple[Ink, str]:
    """The answer in a line, and whether it is what the data say."""
    said = view.answer
    if view.classes and view.scores:
        said += f", {100 * max(view.scores):.0f} % sure"
    if not view.target:
        return Ink(pens.text, bold=True), said
    if not view.classes:
        return Ink(pens.text, bold=True), f"{said} {pens.signs.dot} data say {view.target}"
    if view.target == view.answer:
        return Ink(pens.good, bold=True), f"{pens.signs.right} {said}"
    return Ink(pens.bad, bold=True), f"{pens.signs.wrong} {said} {pens.signs.dot} is {view.target}"


def unchanged(view: Prediction) -> bool:
    return view.checksum == view.checksum_after


def proof(view: Prediction) -> str:
    """What the checksums say."""
    before, after = view.checksum[:_CHECKSUM], view.checksum_after[:_CHECKSUM]
    count = f", prediction {view.predictions:,}" if view.predictions else ""
    if unchanged(view):
        return f"weights {before} before, {after} after: unchanged{count}"
    return f"weights {before} before, {after} after: CHANGED by predicting{count}"


def title(view: Prediction, pens: Palette) -> str:
    """What the border says."""
    dot = f" {pens.signs.dot} "
    if view.example < 0:
        return f"predict{dot}an input of your own"
    return f"predict{dot}{view.source} example {view.example + 1} of {view.total}"


def words(view: Prediction) -> str:
    """The picture as sentences."""
    given = ""
    if not side(view.shape):
        given = "For " + ", ".join(f"{name} {value}" for name, value in shown(view)) + ": "
    said = f"{given}{view.answer}"
    if view.scores:
        best = sorted(zip(view.scores, view.classes, strict=False), reverse=True)[:3]
        said += ": " + ", ".join(f"{name} {100 * score:.1f} %" for score, name in best)
    if view.target:
        said += f"; the data say {view.target}"
    return f"{said}. {proof(view)[0].upper()}{proof(view)[1:]}."
