"""A real session on one of the coach's situations, up to what the coach says when it pauses."""

import time
from pathlib import Path

from foghill.engine.protocol.commands import Run
from foghill.engine.protocol.state import Advice
from sessions import Live

LONGEST = 120.0  # seconds a wait may take on a busy machine
SITUATIONS = Path(__file__).parent.parent / "bench" / "situations"


def advised(situation: str, steps: int, **settings: object) -> Advice | None:
    """The advice after so many steps."""
    with coached(situation, **settings) as live:
        return after(live, steps)


def coached(situation: str, **settings: object) -> Live:
    typed = {name: str(value) for name, value in settings.items()}
    return Live(SITUATIONS / f"{situation}.py", settings=typed)


def after(live: Live, steps: int) -> Advice | None:
    """Train up to step `steps`; what the coach says once it has looked."""
    live.ready()
    live.do(Run(until=f"step>={steps}"))
    state = live.until(lambda state: state.status != "running", LONGEST)
    deadline = time.monotonic() + LONGEST
    while not live.session.idle:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    state = live.session.state
    return state.coach
