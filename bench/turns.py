"""An engine whose session's thread also takes the bare loop's steps, turn by turn.

    python -m bench.turns RUN_DIRECTORY

While the run goes on, half a second of the engine's own work is followed by half a second of the
bare loop. After each pair of turns the sums so far are written into the directory (`sums.py`).
"""

import sys
import time
from pathlib import Path
from typing import Any

from foghill.engine import __main__ as engine
from foghill.engine.experiment.randomness import own_generators
from foghill.engine.session.conductor import Conductor

from .bare import load, loop
from .sums import PROOF_STEP, Sums, Tally

TURN = 0.5  # seconds
STEPS_BETWEEN_LOOKS = 16  # at the clock


class Turns:
    """Takes the place of `Conductor._live_on`, which is `live_on`."""

    def __init__(self, directory: Path, live_on: Any) -> None:
        self._directory = directory
        self._live_on = live_on
        self._loop: Any = None
        self._tally = Tally()

    def take(self, conductor: Conductor) -> None:
        """A turn of the engine and, if it trained to the end of it, one of the bare loop."""
        if conductor.status != "running":
            self._live_on(conductor)
            return
        first, core, wall = conductor.step, time.thread_time(), time.perf_counter()
        while conductor.status == "running" and not conductor.ended:
            self._live_on(conductor)
            if time.perf_counter() - wall >= TURN:
                break
        _add(self._tally.engine, conductor.step - first, core, wall)
        self._bare_turn(conductor)
        self._tally.write(self._directory)

    def _bare_turn(self, conductor: Conductor) -> None:
        sums = self._tally.bare
        if self._loop is None:
            with own_generators():
                self._loop = loop(load(Path(conductor.session.spec.path)))
                self._tally.proof = [next(self._loop) for _ in range(PROOF_STEP)][-1].item()
        core, wall, steps = time.thread_time(), time.perf_counter(), 0
        while time.perf_counter() - wall < TURN:
            for _ in range(STEPS_BETWEEN_LOOKS):
                next(self._loop)
            steps += STEPS_BETWEEN_LOOKS
        _add(sums, steps, core, wall)


def _add(sums: Sums, steps: int, core: float, wall: float) -> None:
    """What was done since these two clocks were read."""
    sums.steps += steps
    sums.core += time.thread_time() - core
    sums.wall += time.perf_counter() - wall


def main(directory: Path) -> int:
    turns = Turns(directory, Conductor._live_on)
    Conductor._live_on = lambda conductor: turns.take(conductor)  # type: ignore[method-assign]
    return engine.main(["headless", str(directory)])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
