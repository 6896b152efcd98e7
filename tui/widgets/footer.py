"""The lines at the bottom: about what is selected, what was just said, and the keys that act."""

from ..commands import LIVE
from ..entry import Entry, S, acting
from ..state import ScreenState
from ..when import on_weights
from .knobs import detail
from .panel import RowPanel
from .rows import Row, fitted, width_of


class Footer(RowPanel):
    """Words above the keys, which take what room is left; only the keys where there is little."""

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        words: list[Row] = [both(screen, width)] if height == 2 else []
        if height > 2:
            words = [row for row in (about(screen, width), said(screen, width)) if row]
        keys = key_rows(LIVE, screen, width, min(2, height - len(words)))
        return [*words, *[()] * (height - len(words) - len(keys)), *keys]

    def show(self) -> None:
        screen = self.state
        if screen is not None and self.is_mounted and self.size.height:
            self.paint(self.lines(screen, self.size.width, self.size.height))


def about(screen: ScreenState, width: int) -> Row:
    """The selected knob, as much of it as fits in whole clauses."""
    if screen.focus != "knobs" or not screen.run.knobs:
        words = _WEIGHTS if on_weights(screen) else _PANEL_WORDS[screen.focus]
        if screen.inspecting:
            words = _INSPECTOR
        return fitted(((" " + words, "dim"),), width)
    row: Row = ((" ", ""),)
    for place, clause in enumerate(detail(screen)):
        longer = (*row, (" · " if place else "", "dim"), (clause, "" if place == 0 else "dim"))
        if width_of(longer) > width and place:
            break
        row = longer
    return fitted(row, width)


def both(screen: ScreenState, width: int) -> Row:
    """One row for two: what was just said, then as much as fits about what is selected."""
    answer = screen.said or screen.run.why
    if not answer:
        return about(screen, width)
    row = fitted(((f" {answer}", "strong" if screen.said else ""),), width)
    room = width - width_of(row) - 2
    return (*row, (" ·", "dim"), *about(screen, room)) if room > 20 else row


_WEIGHTS = "arrows choose a weight · [ ] turn it · E type it · PgUp PgDn other sheets"
_INSPECTOR = "←→ which phase · ↑↓ scroll · . next phase · s whole step · w slow motion · i back"
_PANEL_WORDS = {
    "knobs": "",
    "step": "one step, phase by phase: . takes the next phase, s the whole step",
    "chart": "←→ cursor · ↑↓ which curve · + - zoom · [ ] earlier, later · y log · m smooth",
    "picture": "↑↓ scroll · ←→ pages, where there are more · 1…9 another picture",
}


def said(screen: ScreenState, width: int) -> Row:
    """What came of the last command, else why the run stands still, else a lasting remark."""
    run = screen.run
    text, ink = screen.said, "strong"
    if not text and run.why:
        text, ink = run.why, ""
    if not text and run.notes:
        text, ink = "note: " + run.notes[0], "dim"
    return fitted(((" " + text, ink),), width) if text else ()


def key_rows(entries: tuple[Entry[S], ...], state: S, width: int, most: int) -> list[Row]:
    """The keys that act now in at most so many rows; help and leave are always among them."""
    offered = sorted((e for e in acting(entries, state) if e.footer), key=lambda e: e.footer)
    fixed = [entry for entry in offered if entry.id in ("help", "quit")]
    others = [entry for entry in offered if entry not in fixed]
    for count in range(len(others), -1, -1):
        keep = set(map(id, others[:count]))
        order = [e for e in entries if id(e) in keep] + fixed
        rows = _flow([_key(entry, state) for entry in order], width)
        if len(rows) <= most:
            return rows
    return _flow([_key(entry, state) for entry in fixed], width)[:most]


def _key(entry: Entry[S], state: S) -> Row:
    return ((f" {entry.key}", "key"), (f" {entry.says(state)}", ""))


def _flow(pieces: list[Row], width: int) -> list[Row]:
    rows: list[Row] = [()]
    for piece in pieces:
        gap: Row = ((" ", ""),) if rows[-1] else ()
        if rows[-1] and width_of(rows[-1]) + width_of(gap) + width_of(piece) > width:
            rows.append(piece)
        else:
            rows[-1] = (*rows[-1], *gap, *piece)
    return [fitted(row, width) for row in rows]
