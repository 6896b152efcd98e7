"""A run of the real engine, its exported script, and what the script prints on its own."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from foghill.engine.protocol.commands import Restart, Run, Set, Speed
from foghill.engine.protocol.knob import Value
from foghill.engine.script.export import script
from sessions import Live

STEPS = 30
RUNNER = """
import contextlib, io, json, runpy, sys
found = []
for path in json.load(open(sys.argv[1])):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        runpy.run_path(path, run_name="__main__")
    found.append(printed.getvalue())
json.dump(found, open(sys.argv[2], "w"))
"""


@dataclass
class Exported:
    """Losses as the engine recorded them, and the script of the run."""

    losses: list[float]
    text: str


def exported(
    experiment: str,
    turned: Sequence[Mapping[str, Value]] = (),
    steps: int = STEPS,
    **options: object,
) -> Exported:
    """Knobs turned before the first step, a restart, so many steps, and the script.

    A knob that this experiment does not have, or whose bounds leave the value out, stays.
    """
    with Live(experiment, **options) as live:  # type: ignore[arg-type]
        state = live.ready()
        assert state.problem is None, state.problem
        live.do(Set({"stop": f"step>={steps}"}))
        for values in turned:
            for name, value in values.items():
                live.tell(Set({name: value}))
        live.do(Restart())
        live.do(Speed(0))
        live.do(Run())
        state = live.until(lambda s: s.status != "running")
        assert state.problem is None, state.problem
        assert state.step == steps
        return Exported(live.losses(), script(live.directory)[0])


def printed(scripts: Sequence[str], folder: Path) -> list[list[float]]:
    """The losses that each script prints, run one after the other in a process of its own."""
    paths = [folder / f"script_{i}.py" for i in range(len(scripts))]
    for path, text in zip(paths, scripts, strict=True):
        path.write_text(text)
    (folder / "scripts.json").write_text(json.dumps([str(path) for path in paths]))
    command = [sys.executable, "-c", RUNNER, folder / "scripts.json", folder / "out.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [losses(text) for text in json.loads((folder / "out.json").read_text())]


def losses(text: str) -> list[float]:
    """The numbers of the lines `step loss`."""
    lines = [line.split() for line in text.splitlines()]
    return [float(line[1]) for line in lines if len(line) == 2 and line[0].isdigit()]


@dataclass
class Compared:
    """The script of a run, the engine's losses, and those that the script printed."""

    text: str
    engine: list[float]
    plain: list[float]


def compared(runs: Mapping[str, Exported], folder: Path) -> dict[str, Compared]:
    """What the script of each run prints, beside what the run recorded."""
    shown = printed([run.text for run in runs.values()], folder)
    return {
        name: Compared(run.text, run.losses, found)
        for (name, run), found in zip(runs.items(), shown, strict=True)
    }
