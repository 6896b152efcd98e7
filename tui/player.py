"""Plays a line of keys on the live screen: really pressed, to be seen, the same every time.

`keys.py` reads the line. A key that reaches the engine waits until its forerunners were
answered and the run stands still, so that no machine's speed decides at which step it acts.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen

from ..engine.protocol.commands import Run
from .keys import Move

if TYPE_CHECKING:
    from .screens.live import LiveScreen

SECONDS = 0.25  # between two moves, for people to follow
_LOOK_AGAIN = 0.02
_FREE = ("help", "palette", "zoom", "next_panel", "previous_panel")  # do nothing to training


class Player:
    """One line on one screen."""

    def __init__(self, screen: "LiveScreen", moves: Sequence[Move], seconds: float) -> None:
        self._screen = screen
        self._moves = list(moves)
        self._seconds = seconds

    async def play(self) -> None:
        """Every move, in order; ends early where the engine is gone."""
        await self._until(lambda: self._screen.state.drives)
        place = 0
        while place < len(self._moves) and self._screen.state.attached:
            move = self._moves[place]
            follows = self._moves[place + 1] if place + 1 < len(self._moves) else None
            place += 1
            if move.text == "space" and follows is not None and follows.kind == "until":
                continue  # the condition is what starts it
            if self._reaches_engine(move):
                await self._until(self._settled)
                self._say(f"keys {place}/{len(self._moves)}: {move.shown}")
            await asyncio.sleep(self._seconds)
            await self._do(move)

    async def _do(self, move: Move) -> None:
        match move.kind:
            case "wait":
                await asyncio.sleep(float(move.text))
            case "until":
                self._screen.order(Run(until=move.text))
            case "set":
                self._turn(move)
            case "type":
                for sign in move.text:
                    await self._press(sign, sign)
            case "key":
                await self._press(move.text, " " if move.text == "space" else move.text)
        await self._answered()

    def _turn(self, move: Move) -> None:
        """A knob at once, whatever kind of experiment: a line is no hesitation."""
        knob = self._screen.state.run.knob(move.knob)
        try:
            if knob is None:
                names = ", ".join(knob.name for knob in self._screen.state.run.knobs)
                raise ValueError(f"there is no knob {move.knob!r}; there are {names}")
            self._screen.apply({knob.name: knob.parse(move.text)})
        except ValueError as error:
            self._say(f"not done: {error}")

    async def _press(self, key: str, sign: str) -> None:
        """As a keyboard would, to whatever is on top."""
        app = self._screen.app
        app.post_message(events.Key(key, sign if len(sign) == 1 else None))
        for _ in range(4):  # app, focused widget, its screen, and what they opened
            await _heard(app.screen)

    def _reaches_engine(self, move: Move) -> bool:
        """Whether the move could act on training; keys of a dialog are only typed."""
        if move.kind in ("set", "until"):
            return True
        if move.kind != "key" or self._screen.app.screen is not self._screen:
            return False
        entry = next((e for e in self._screen.entries if move.text in e.keys), None)
        if entry is None or entry.turn is not None or entry.id in _FREE:
            return False
        return entry.group not in ("chart", "pictures")

    async def _answered(self) -> None:
        """The orders sent so far have their answers, and the state shows what came of them."""
        workers = [w for w in self._screen.workers if w.group == "orders" and not w.is_finished]
        if workers:
            await self._screen.workers.wait_for_complete(workers)
        await self._until(lambda: self._screen.orders.answered(self._screen.state.run))

    def _settled(self) -> bool:
        """Nothing is under way that the next order could come into the middle of."""
        run = self._screen.state.run
        return run.status not in ("running", "warming up") and not run.doing

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            if self._screen.state.connection in ("lost", "ended") or not self._screen.is_attached:
                return
            await asyncio.sleep(_LOOK_AGAIN)

    def _say(self, words: str) -> None:
        self._screen.state = replace(self._screen.state, said=words)


async def _heard(screen: "Screen[object]") -> None:
    """The screen, its app and what has the focus have worked off what was posted before."""
    for node in (screen.app, screen.focused or screen, screen):
        done = asyncio.Event()
        if node.call_later(done.set):
            await done.wait()
    await asyncio.sleep(0)


async def play(screen: "LiveScreen", moves: Sequence[Move], seconds: float | None = None) -> None:
    """Play `moves` on `screen`, a move every so many seconds at most."""
    await Player(screen, moves, SECONDS if seconds is None else seconds).play()
