"""The rows of the picker: its title, its list of choices, and what is known of the chosen one."""

import os
from pathlib import Path

from ...engine.runs import catalog
from ..listing import SECTIONS, Item, PickerState, progress_words
from .rows import Row, fitted, paragraphs, wrapped
from .text import ticked


def title_row(state: PickerState, directory: Path, width: int) -> Row:
    if state.said:
        return fitted(((f" {state.said}", "strong"),), width)
    if state.words:
        return fitted(((f" find: {state.words}", "accent"), ("  esc shows all", "dim")), width)
    home = os.path.expanduser("~")
    where = str(directory)
    where = "~" + where[len(home) :] if where.startswith(home) and home != "/" else where
    looking = " · looking" if state.looking else ""
    return fitted(((" foghill", "strong"), (f" · {where}{looking}", "dim")), width)


def list_rows(state: PickerState, width: int) -> tuple[list[Row], int]:
    """Headings and items, and the row of the chosen one."""
    rows: list[Row] = []
    place = 0
    section = ""
    chosen = state.chosen
    names = max((len(item.name) for item in state.shown), default=0)
    ticks = max((len(_progress(item)) for item in state.shown), default=0)
    for item in state.shown:
        if item.section != section:
            section = item.section
            rows += (
                [(), ((SECTIONS[item.section], "dim"),)]
                if rows
                else [((SECTIONS[item.section], "dim"),)]
            )
        if item is chosen:
            place = len(rows)
        rows.append(_item_row(item, item is chosen, min(names, 20), ticks, width))
    if not rows:
        rows.append((("nothing matches", "dim"),))
    return rows, place


def _progress(item: Item) -> str:
    return progress_words(len(item.done), item.tries)


def _item_row(item: Item, chosen: bool, names: int, ticks: int, width: int) -> Row:
    ink = "cursor" if chosen else ""
    row: Row = (("▸ " if chosen else "  ", ink), (item.name.ljust(names), ink))
    if ticks and item.section == "lessons":
        row = (*row, ("  " + _progress(item).ljust(ticks), ink or "good"))
    row = fitted((*row, ("  " + item.title, ink or "dim")), width)
    missing = width - sum(len(text) for text, _ in row)
    return (*row, (" " * max(0, missing), ink))


def about_rows(item: Item | None, width: int) -> list[Row]:
    """What is known of the chosen thing."""
    if item is None:
        return []
    if item.run is not None:
        return _about_run(item.title, item.run, width)
    rows: list[Row] = [((line, "strong"),) for line in wrapped(item.title, width)]
    rows += [(), *ticked(paragraphs(item.text, width), item.done)]
    if item.section == "files":
        rows += [(), *(((line, "dim"),) for line in wrapped(item.path, width))]
    return rows


def _about_run(stands: str, run: catalog.Run, width: int) -> list[Row]:
    from datetime import datetime

    spec, end = run.spec, run.end
    said = [("", stands), ("of", spec.experiment)]
    if spec.target:
        said.append(("target", spec.target))
    said.append(("started", f"{datetime.fromtimestamp(spec.created):%Y-%m-%d %H:%M}"))
    if end is not None:
        said.append(("ended", f"{datetime.fromtimestamp(end.time):%Y-%m-%d %H:%M}"))
        said.append(("why", end.reason))
        said.append(("step", f"{end.step:,}, epoch {end.epoch:,}"))
        said += [("loss", f"{end.loss:.6g}")] if end.loss is not None else []
        said += [("valid_loss", f"{end.valid_loss:.6g}")] if end.valid_loss is not None else []
    said += [(name, value) for name, value in spec.settings.items()]
    said.append(("where", spec.directory))
    rows: list[Row] = []
    for name, words in said:
        first, *rest = wrapped(words, width - 11) or [""]
        rows.append(((name.ljust(11), "dim"), (first, "strong" if not name else "")))
        rows += [((" " * 11 + line, ""),) for line in rest]
    if run.life in ("ended", "died"):
        export = f"foghill export {spec.name} --csv FILE"
        rows += [(), (("its losses: ", "dim"), (export, ""))]
    return rows
