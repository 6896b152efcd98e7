"""The step inspector's rows: one phase in full, with its lines, tensors and formulas.

Pure functions over `PhaseRow.detail`; the step panel shows them when it has the whole screen.
"""

from itertools import groupby

from rich.cells import cell_len

from ...engine.protocol.views import Passage, PhaseRow, Phases
from .rows import Row, fitted, spread, width_of, wrapped

WIDEST = 116  # cells a line of words is filled to
BLOCKS = "▁▂▃▄▅▆▇█"
_PLAIN_BLOCKS = ".:-=+*#%"  # for terminals without them
_PLAIN_SIGNS = str.maketrans(  # a dot between numbers must not become a minus
    {"·": "*", "←": "=", "²": "^2", "³": "^3", "½": "1/2", "√": "sqrt ", "′": "'", "−": "-"}
)
_GAP = "   "


def tabs(view: Phases | None, rows: tuple[PhaseRow, ...], chosen: int, width: int) -> Row:
    """The phases side by side: the one shown in brackets, those not taken yet dim."""
    done = view.done if view is not None else 0
    row: Row = ()
    for place, phase in enumerate(rows):
        words = f"[{phase.phase}]" if place == chosen else f" {phase.phase} "
        ink = "strong" if place == chosen else "" if place < done else "dim"
        row = (*row, (words, ink))
    step = f"step {view.step:,}" if view is not None and view.step else ""
    return spread(row, ((step, "dim"),), width)


def phase_rows(phase: PhaseRow, taken: bool, width: int, *, ascii: bool = False) -> list[Row]:
    """Everything that is known of one phase, in so many cells."""
    if not phase.detail:
        words = "Nothing was noted of this phase." if taken else "Not taken yet: press . for it."
        code = Passage("code", phase.code)
        return [((words, "dim"),), (), *(_code([code], width) if phase.code else [])]
    rows: list[Row] = []
    for kind, group in groupby(phase.detail, key=lambda passage: passage.kind):
        passages = list(group)
        rows += [()] if rows else []
        match kind:
            case "says":
                rows += [row for passage in passages for row in _says(passage, width)]
            case "code":
                rows += _code(passages, width)
            case "tensor":
                rows += _tensors(passages, width, ascii)
            case "formula":
                for place, passage in enumerate(passages):
                    rows += [()] if place and passages[place - 1].text.startswith("=") else []
                    rows += _formula(passage, width, ascii)
            case _:
                for place, passage in enumerate(passages):
                    rows += [()] if place else []
                    rows += _table(passage, width)
    return rows


def _says(passage: Passage, width: int) -> list[Row]:
    return [((line, ""),) for line in wrapped(passage.text, min(width, WIDEST))]


def _code(passages: list[Passage], width: int) -> list[Row]:
    """Lines of Python with the place each stands at."""
    rows: list[Row] = []
    for passage in passages:
        left: Row = (("│ ", "dim"), (passage.text, "accent"))
        aside = ((passage.aside + " ", "dim"),) if passage.aside else ()
        rows.append(spread(left, aside, min(width, WIDEST)) if aside else fitted(left, width))
    return rows


def _tensors(passages: list[Passage], width: int, ascii: bool) -> list[Row]:
    """Each with its name, shape and type; all its numbers below, or how they are spread."""
    rows: list[Row] = []
    for place, passage in enumerate(passages):
        if place and (passage.rows or passages[place - 1].rows):
            rows.append(())
        head: Row = ((passage.text, "strong"), ("  " + passage.aside, "dim"))
        one = [cell for row in passage.rows for cell in row]
        if len(one) == 1:
            rows.append(fitted((*head, ("  ", ""), (one[0], "accent")), width))
            continue
        beside = ("  " + passage.words, "")
        fits = width_of(head) + cell_len(beside[0]) <= width
        rows.append(fitted((*head, beside) if fits else head, width))
        if passage.words and not fits:
            rows.append(fitted((("  " + passage.words, ""),), width))
        if passage.counts:
            rows += _histogram(passage, width, ascii)
        rows += _values(passage, width)
    return rows


def _values(passage: Passage, width: int) -> list[Row]:
    """A matrix row by row; a single row in as many columns as fit."""
    if not passage.rows:
        return []
    cell = max(cell_len(number) for row in passage.rows for number in row)
    across = max((width - 2) // (cell + 2), 1)
    rows: list[Row] = []
    for numbers in passage.rows:
        for first in range(0, len(numbers), across):
            line = "  ".join(_right(n, cell) for n in numbers[first : first + across])
            rows.append(fitted((("  " + line, ""),), width))
    return rows


def _histogram(passage: Passage, width: int, ascii: bool) -> list[Row]:
    """How often numbers from the lowest to the highest occur, two rows high."""
    low, high, most = passage.low, passage.high, max(passage.counts)
    wide = 2 if width >= len(passage.counts) * 2 + cell_len(low) + cell_len(high) + 6 else 1
    blocks = _PLAIN_BLOCKS if ascii else BLOCKS
    levels = 2 * len(blocks)
    heights = [-(-count * levels // most) if count else 0 for count in passage.counts]
    margin = " " * (cell_len(low) + 3)
    upper = "".join(_block(height - len(blocks), blocks) * wide for height in heights)
    lower = "".join(_block(height, blocks) * wide for height in heights)
    ends = ((f"  {low} ", "dim"), (lower, "accent"), (f" {high}", "dim"))
    above: Row = ((margin, ""), (upper.rstrip(), "accent"))
    rows = [above] if upper.strip() else []
    return [fitted(row, width) for row in (*rows, ends)]


def _block(height: int, blocks: str) -> str:
    return " " if height <= 0 else blocks[min(height, len(blocks)) - 1]


def _formula(passage: Passage, width: int, ascii: bool) -> list[Row]:
    """Wrapped at spaces; what goes on is set in."""
    inset = 4 if passage.text.startswith("=") else 2
    text = passage.text.translate(_PLAIN_SIGNS) if ascii else passage.text
    lines = wrapped(text, min(width, WIDEST) - 4)
    rows: list[Row] = []
    for place, line in enumerate(lines):
        margin = " " * (inset if not place else 6)
        rows.append(fitted(((margin + line, ""),), width))
    return rows


def _table(passage: Passage, width: int) -> list[Row]:
    """Headings over columns; long narrow ones in two halves side by side."""
    headings, *rows = passage.rows
    columns = list(zip(*passage.rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    words = [not any(_is_number(cell) for cell in column[1:]) for column in columns]
    whole = sum(widths) + len(_GAP) * (len(widths) - 1) + 2

    def line(cells: tuple[str, ...]) -> str:
        set_in = [
            cell + " " * (wide - cell_len(cell)) if left else _right(cell, wide)
            for cell, wide, left in zip(cells, widths, words, strict=True)
        ]
        return "  " + _GAP.join(set_in)

    if len(rows) > 9 and width >= 2 * whole + 4:
        half = -(-len(rows) // 2)
        blank = ("",) * len(headings)
        pairs = [(rows[i], rows[i + half] if i + half < len(rows) else blank) for i in range(half)]
        head: Row = ((line(headings) + "    " + line(headings), "dim"),)
        return [head, *(((f"{line(a)}    {line(b)}".rstrip(), ""),) for a, b in pairs)]
    return [
        fitted(((line(headings).rstrip(), "dim"),), width),
        *(fitted(((line(row).rstrip(), ""),), width) for row in rows),
    ]


def _is_number(cell: str) -> bool:
    return bool(cell) and (cell[0].isdigit() or cell[0] in "−-∞" or cell == "nan")


def _right(text: str, cells: int) -> str:
    return " " * (cells - cell_len(text)) + text
