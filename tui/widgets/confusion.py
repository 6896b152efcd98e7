"""The confusion matrix: what was what, and what it was taken for."""

from ...engine.protocol.pictures import Confusion
from ..draw.grid import Grid, Ink, cells, message, shorten
from ..draw.palette import Palette


def draw(view: Confusion, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """Counts by target (row) and prediction (column); where it does not fit, the mistakes."""
    if not total(view):
        return message("nothing classified yet", width, height, Ink(pens.faint))
    size = len(view.counts)
    named = min(max(cells(name) for name in _names(view)), 12)
    digits = max(len(str(count)) for row in view.counts for count in row)
    cell = max(min(named, 6), digits) + 1
    if size + 2 > height or named + 2 + size * cell > width:
        return _mistakes(view, width, height, pens, page)
    cell = min(max((width - named - 2) // size, cell), max(named + 1, 7))
    grid = Grid(width, height)
    extra = 2 if height >= size * 2 + 2 and cell >= 6 else 1
    left = named + 2
    for j, name in enumerate(_names(view)):
        grid.put_right(left + (j + 1) * cell, 0, shorten(name, cell - 1), Ink(pens.faint))
    for i, (name, row) in enumerate(zip(_names(view), view.counts, strict=False)):
        y = 1 + i * extra
        grid.put_right(named, y, shorten(name, named), Ink(pens.faint))
        for j, count in enumerate(row):
            _count(grid, left + j * cell, y, cell, count, i == j, sum(row), pens)
    dot = pens.signs.dot
    caption = f"{_accuracy(view)} right {dot} row: what it is {dot} column: taken for"
    grid.put(0, 1 + size * extra, shorten(caption, width), Ink(pens.text))
    return grid


def _count(
    grid: Grid, x: int, y: int, cell: int, count: int, right: bool, total: int, pens: Palette
) -> None:
    colour = pens.good if right else pens.bad
    share = count / total if total else 0.0
    back = pens.tint(colour, round(share * 8) / 8 * 0.45) if count else ""
    text = str(count) if count or right else pens.signs.dot
    ink = Ink(colour if count else pens.faint, back, bold=right)
    if right and pens.ascii:
        text = f"[{text}]" if len(text) + 2 <= cell else text
    grid.put(x, y, text.rjust(cell), ink)


def _mistakes(view: Confusion, width: int, height: int, pens: Palette, page: int) -> Grid:
    """Where the matrix does not fit: accuracy, and the commonest mistakes with their counts."""
    grid = Grid(width, height)
    names, wrong = _names(view), mistakes(view)
    grid.put(0, 0, shorten(f"{_accuracy(view)} right", width), Ink(pens.text, bold=True))
    if not wrong and height > 1:
        grid.put(0, 1, shorten("no mistakes", width), Ink(pens.good))
    lines = [f"{names[i]} taken for {names[j]}" for _, i, j in wrong]
    column = max(min(max((cells(line) for line in lines), default=1) + 8, width), 1)
    across = max(width // column, 1)
    each = max(height - 1, 1)
    shown = across * each
    first = page % max(-(-len(wrong) // shown), 1) * shown
    for k, (count, _, _) in enumerate(wrong[first : first + shown]):
        x, y = k // each * column, 1 + k % each
        end = grid.put(x, y, f"{count:>4} ", Ink(pens.bad, bold=True))
        grid.put(end, y, shorten(lines[first + k], column - 6), Ink(pens.text))
    return grid


def mistakes(view: Confusion) -> list[tuple[int, int, int]]:
    """(count, target, predicted) of all mistakes, the commonest first."""
    found = [
        (count, i, j)
        for i, row in enumerate(view.counts)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return sorted(found, key=lambda mistake: (-mistake[0], mistake[1:]))


def total(view: Confusion) -> int:
    """How many examples were counted."""
    return sum(sum(row) for row in view.counts)


def _right(view: Confusion) -> int:
    return sum(row[i] for i, row in enumerate(view.counts) if i < len(row))


def _accuracy(view: Confusion) -> str:
    return f"{100 * _right(view) / total(view):.1f} %" if total(view) else "–"


def _names(view: Confusion) -> list[str]:
    size = max([len(view.counts), *(len(row) for row in view.counts)], default=0)
    return [*view.classes, *(str(i) for i in range(len(view.classes), size))][: max(size, 1)]


def title(view: Confusion, pens: Palette) -> str:
    """What the border says."""
    dot = pens.signs.dot
    return f"confusion {dot} {view.source} {dot} {_right(view)} of {total(view)} right"


def words(view: Confusion) -> str:
    """The picture as sentences."""
    if not total(view):
        return f"confusion over {view.source}: nothing classified yet."
    names, wrong = _names(view), mistakes(view)
    said = f"{_right(view)} of {total(view)} {view.source} examples right ({_accuracy(view)})."
    if not wrong:
        return said + " No mistakes."
    common = [f"{names[i]} taken for {names[j]} {count} times" for count, i, j in wrong[:5]]
    return f"{said} Commonest mistakes: {', '.join(common)}."
