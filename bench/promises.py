"""`python -m bench.promises [NAME ...] [--share F]`: the long repetitions, kept in RESULTS.md.

The tests run a thousandth of these; what is made up and what must hold stands beside them, in
`tests/fuzzing.py` and `tests/fuzzed.py`. `--share 0.01` runs a hundredth and keeps nothing;
names (decode, attack, watch, command, lessons) run some of them. What each lesson promises is in
`tests/lessons/`, three seeds there and all twenty here.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings

from .conditions import sentence
from .engines import ROOT, own_home
from .table import RESULTS

sys.path.insert(0, str(ROOT / "tests"))

from fuzzed import EndlessRun, fuzz_server, look_and_be_refused, play
from fuzzing import EXPERIMENT, bodies, checked, harmless, resident, sequences

HEADING = "## Promises"
FRAMES = 1_000_000
FRAMES_TO_A_SERVER = 1_000_000
SEQUENCES = 100_000
HARMLESS = 20_000
AT_ONCE = 1000  # sequences of one seed: Hypothesis remembers all it made in one go
RESTART_EVERY = 5  # sequences
PROGRESS_SECONDS = 5.0
ON_ALL_CORES = ("-n", "auto", "--dist", "loadfile")
MIB = 2**20


class Kept(NamedTuple):
    """One promise and what was seen of it."""

    promise: str
    repetitions: str
    seen: str
    seconds: float


class Progress:
    """A line now and then, while something long goes on."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total
        self._began = self._said = time.monotonic()

    def at(self, count: int) -> None:
        now = time.monotonic()
        if now - self._said > PROGRESS_SECONDS or count >= self._total:
            self._said = now
            rate = count / max(now - self._began, 1e-9)
            print(f"  {self._what}: {count:,} of {self._total:,}, {rate:,.0f}/s", flush=True)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began


def decode(path: Path, share: float) -> Kept:
    """Both decoders, a million times."""
    total = int(FRAMES * share)
    progress = Progress("frames decoded", total)
    sound = before = 0
    seeds = range(1, 5)
    for number in seeds:
        for count, body in enumerate(itertools.islice(bodies(number), total // len(seeds)), 1):
            sound += checked(body)
            if count % 1000 == 0:
                progress.at((number - 1) * (total // len(seeds)) + count)
        before = before or resident()
    grown = resident() - before
    assert grown < 8 * MIB, grown
    seen = f"{sound:,} sound, all others refused; grew {grown / MIB:.1f} MiB after the first seed"
    return Kept("fuzzed frames, decoder", f"{total:,} (seeds 1 to 4)", seen, progress.seconds)


def attack(path: Path, share: float) -> Kept:
    """An engine that trains, under fuzzed frames."""
    total = max(200, int(FRAMES_TO_A_SERVER * share))
    progress = Progress("frames to a server", total)
    found = fuzz_server(path, 1, total, progress.at)
    seen = (
        f"{found['refused']:,.0f} connections refused, {found['taken']:,.0f} taken; "
        f"{found['steps']:,.0f} steps bit-identical to an undisturbed run; "
        f"grew {found['grown'] / MIB:.1f} MiB"
    )
    promise = "fuzzed frames, live server"
    return Kept(promise, f"{found['frames']:,.0f} (seed 1)", seen, progress.seconds)


def command(path: Path, share: float) -> Kept:
    """Sequences of any commands against one living session."""
    total = max(AT_ONCE, int(SEQUENCES * share))
    progress = Progress("command sequences", total)
    played = before = 0
    with EndlessRun(path) as run:

        def one(commands: list[object]) -> None:
            nonlocal played
            played += 1
            play(run, commands, restart=played % RESTART_EVERY == 0)
            progress.at(played)

        for number in range(1, total // AT_ONCE + 1):
            _made(number, sequences, one)
            if number == max(1, total // AT_ONCE // 5):
                before = resident()
        grown = resident() - before
    assert grown < 64 * MIB, grown
    seen = (
        f"each command answered once; a restart after every {RESTART_EVERY} gave the same losses "
        f"bit for bit; grew {grown / MIB:.1f} MiB after the first fifth"
    )
    seeds = f"{played:,} (seeds 1 to {total // AT_ONCE})"
    return Kept("command sequences, live session", seeds, seen, progress.seconds)


def watch(path: Path, share: float) -> Kept:
    """Sequences that look or are refused, while it trains flat out."""
    total = max(AT_ONCE, int(HARMLESS * share))
    progress = Progress("harmless sequences", total)
    played = 0
    with EndlessRun(path) as run:
        run.train_on()

        def one(sequence: list[object]) -> None:
            nonlocal played
            played += 1
            look_and_be_refused(run, sequence)
            progress.at(played)

        for number in range(1, total // AT_ONCE + 1):
            _made(number, harmless, one)
        disturbed = run.stop_training()
    with EndlessRun(path) as run:
        run.train_on(len(disturbed))
        assert run.stop_training() == disturbed
    seen = f"all commands refused; {len(disturbed):,} steps bit-identical to an undisturbed run"
    seeds = f"{played:,} (seeds 1 to {total // AT_ONCE})"
    return Kept("looks and refused commands, while training", seeds, seen, progress.seconds)


def learn(path: Path, share: float) -> Kept:
    """What every lesson promises, over twenty seeds, in plain PyTorch."""
    began = time.monotonic()
    notes = path.with_name("lessons.jsonl")
    told = {"FOGHILL_PROMISES": "1", "FOGHILL_PROMISES_NOTES": str(notes)}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--timeout=0", *ON_ALL_CORES, "tests/lessons"],
        cwd=ROOT,
        env=os.environ | (told if share == 1.0 else {"FOGHILL_PROMISES_NOTES": str(notes)}),
        check=True,
    )
    found = [json.loads(line) for line in notes.read_text("utf-8").splitlines()]
    fewer = [one for one in found if one["held"] < one["of"]]
    seen = f"{len(found) - len(fewer)} hold for every seed"
    if fewer:
        names = ", ".join(one["name"].removeprefix("lessons.test_") for one in fewer)
        seen += f", {len(fewer)} for all but one: {names}"
    seeds = sum(one["of"] for one in found)
    repetitions = f"{len(found)} promises, {seeds:,} times in all (seeds 0 to {found[0]['of'] - 1})"
    return Kept("what the lessons promise", repetitions, seen, time.monotonic() - began)


def _made(number: int, strategy: object, one: Callable[[list[object]], None]) -> None:
    much = settings(
        max_examples=AT_ONCE,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(much(given(strategy)(one)))()  # type: ignore[arg-type]


ALL: dict[str, Callable[[Path, float], Kept]] = {
    "decode": decode,
    "attack": attack,
    "watch": watch,
    "command": command,
    "lessons": learn,
}


def section(found: Sequence[Kept]) -> str:
    """What was seen, as a table under its conditions."""
    lines = ["| promise | repetitions | seen | seconds |", "| --- | --- | --- | --- |"]
    lines += [f"| {k.promise} | {k.repetitions} | {k.seen} | {k.seconds:.0f} |" for k in found]
    return f"{sentence()}\n\n" + "\n".join(lines) + "\n"


def appended(text: str, new: str) -> str:
    """The text of RESULTS.md with `new` at the end of our section."""
    before, heading, rest = text.partition(f"{HEADING}\n")
    if not heading:
        return f"{text.rstrip() or '# Results'}\n\n{HEADING}\n\n{new}"
    ours, following, after = rest.partition("\n## ")
    return f"{before}{HEADING}\n{ours.rstrip()}\n\n{new}{following}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all of them; 1 where a promise was broken, which an exception then says."""
    parser = argparse.ArgumentParser(prog="python -m bench.promises", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the repetitions; not kept")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of " + ", ".join(ALL))
    chosen = parser.parse_args(arguments)
    share: float = chosen.share
    found: list[Kept] = []
    with own_home(), tempfile.TemporaryDirectory(prefix="fog-") as folder:
        path = Path(folder) / "fuzzed_run.py"
        path.write_text(EXPERIMENT, encoding="utf-8")
        for name in chosen.names or ALL:
            found.append(ALL[name](path, share))
            print(f"{found[-1].promise}: {found[-1].seen}", flush=True)
    if share == 1.0:
        text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
        RESULTS.write_text(appended(text, section(found)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
