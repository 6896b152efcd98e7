"""The situations the coach is asked about, as they are made: recipes, and cases drawn from them.

A `Recipe` says how to make a situation of a kind; a case is one draw of it with a seed. Some
recipes, and every seed of the measurement, were never seen while the coach was tuned.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "situations"
Settings = dict[str, str]
Draw = Callable[[random.Random], Settings]

NOTHING = "nothing"
MEASURED = 10_000  # the first seed of the measurement; lower ones were looked at while tuning
VERDICTS = (
    "diverges",
    "bounces",
    "crawls",
    "stands still",
    "overfits",
    "gradients vanish",
    "gradients explode",
    "dead units",
    "no signal",
    "batch too small",
)


class Recipe(NamedTuple):
    """How to make a situation: `claim` is what ought to be seen after one of `steps`."""

    name: str
    claim: str
    experiment: str
    steps: tuple[int, ...]
    draw: Draw
    sound: Settings  # what makes it learn, where the claim is that something else does not
    unseen: bool  # never tuned on


class Case(NamedTuple):
    recipe: str
    claim: str
    experiment: str
    steps: int
    settings: Settings
    sound: Settings
    seed: int

    @property
    def name(self) -> str:
        words = " ".join(f"{k}={v}" for k, v in self.settings.items())
        return (
            f"{self.recipe} ({Path(self.experiment).stem} {words} seed {self.seed}, {self.steps})"
        )


def _draw(**choices: object) -> Draw:
    """Each value is fixed, or one of a tuple's at random."""

    def draw(chance: random.Random) -> Settings:
        return {
            name: str(chance.choice(values) if isinstance(values, tuple) else values)
            for name, values in choices.items()
        }

    return draw


def _at(name: str) -> str:
    return str(FOLDER / f"{name}.py")


def _r(
    name: str,
    claim: str,
    experiment: str,
    steps: tuple[int, ...],
    sound: Settings | None = None,
    unseen: bool = False,
    **choices: object,
) -> Recipe:
    draw = _draw(**choices)
    return Recipe(name, claim, _at(experiment), steps, draw, sound or {}, unseen)


DEEP_SOUND = {"activation": "relu", "layers": "2", "optimizer": "adam", "lr": "0.01"}

RECIPES: tuple[Recipe, ...] = (
    # healthy
    _r("line learns", NOTHING, "linear", (15, 40, 100, 300), lr=(0.05, 0.1), batch_size=(16, 64)),
    _r("line, all data", NOTHING, "linear", (10, 30, 100), lr=(0.3, 0.5), batch_size=400),
    _r("line, momentum", NOTHING, "linear", (30, 150), lr=0.02, momentum=0.9),
    _r("circle learns", NOTHING, "plane", (20, 60, 200, 500), lr=(0.01, 0.02),
       activation=("tanh", "relu")),
    _r("xor learns", NOTHING, "plane", (60, 300), task="xor", lr=5e-3, width=24),
    _r("gauss learns", NOTHING, "plane", (30, 200), task="gauss", optimizer="sgd", lr=0.2),
    _r("sine learns", NOTHING, "curve", (30, 100, 400), lr=(3e-3, 6e-3), noise=0.1),
    _r("digits learn", NOTHING, "figures", (20, 60, 150), lr=(2e-3, 5e-3)),
    _r("digits, conv", NOTHING, "figures", (30, 90), architecture="conv", lr=(3e-3, 6e-3)),
    _r("digits, batch norm", NOTHING, "figures", (30, 90), None, True,
       architecture="norm", lr=3e-3),
    _r("digits, sgd", NOTHING, "figures", (60, 200), None, True, optimizer="sgd", lr=0.1,
       momentum=0.9),
    _r("patients learn", NOTHING, "patients", (30, 120), None, True, lr=(0.02, 0.05)),
    _r("recall learns", NOTHING, "recall", (40, 150), None, True, lr=3e-3, length=(3, 6)),
    _r("valley, sound", NOTHING, "valley", (30, 100), lr=0.03, optimizer="adam"),
    _r("valley, adam", NOTHING, "valley", (60, 150), None, True, lr=(0.05, 0.1), optimizer="adam"),
    _r("waves learn", NOTHING, "curve", (80, 200), waves=5.0, noise=0.2, lr=5e-3),
    _r("recall learns fast", NOTHING, "recall", (60, 150), None, True, lr=0.01, length=3),
    _r("bars learn", NOTHING, "bars", (20, 36, 72, 120), lr=0.05),
    _r("bars, shorter steps", NOTHING, "bars", (36, 72, 120), lr=(0.01, 0.02),
       dropout=(0.2, 0.4)),
    _r("bars, adam", NOTHING, "bars", (48, 120), None, True, optimizer="adam", momentum=0,
       lr=(3e-3, 5e-3), dropout=(0.3, 0.5)),
    _r("digits, norm, momentum", NOTHING, "figures", (40, 100), None, True, architecture="norm",
       optimizer="sgd", lr=0.05, momentum=0.9, batch_size=32),
    _r("net by ones learns", NOTHING, "linear", (400, 1200), features=4, layers=1, noise=0.3,
       batch_size=1, lr=(0.005, 0.01)),
    # too early to tell
    _r("too early", NOTHING, "plane", (1, 3, 5), lr=(0.001, 0.01, 0.05)),
    _r("too early, digits", NOTHING, "figures", (1, 2, 4), None, True, lr=(1e-4, 3e-3, 1e-2)),
    # diverges
    _r("line too fast", "diverges", "linear", (10, 25, 60), lr=(1.0, 1.5), batch_size=(64, 400)),
    _r("parabola too fast", "diverges", "throw", (8, 20), lr=(4e-5, 5e-5, 1e-4)),
    _r("sine too fast", "diverges", "curve", (12, 40), optimizer="sgd", lr=(30.0, 100.0),
       activation=("relu", "gelu")),
    _r("patients raw", "diverges", "patients", (5, 12), None, True, raw="on", lr=(1e-4, 1e-3)),
    _r("recall too fast", "diverges", "recall", (10, 30), bent="off", optimizer="sgd",
       lr=(1.0, 3.0)),
    _r("valley too fast", "diverges", "valley", (6, 12), None, True, lr=(0.03, 0.05)),
    _r("net by ones runs away", "diverges", "linear", (400, 1200), features=4, layers=1,
       noise=1.0, batch_size=1, lr=(0.08, 0.12)),
    _r("patients by ones run away", "diverges", "patients", (200, 600), None, True, layers=1,
       batch_size=1, lr=(0.05, 0.1)),
    # bounces
    _r("circle bounces", "bounces", "plane", (80, 200), lr=(0.5, 1.0), activation="tanh"),
    _r("xor bounces", "bounces", "plane", (100, 250), task="xor", lr=(0.5, 1.0), width=24,
       activation=("tanh", "gelu")),
    _r("sine bounces", "bounces", "curve", (100, 250), lr=(0.2, 0.5), activation="tanh"),
    _r("line on the edge", "bounces", "linear", (60, 200), lr=(0.24, 0.28), batch_size=8,
       noise=0.3, features=16),
    _r("digits bounce", "bounces", "figures", (80, 160), lr=(0.3, 0.6), activation="tanh"),
    _r("conv bounces", "bounces", "figures", (120, 200), architecture="conv", lr=(0.3, 0.6),
       activation="tanh"),
    _r("fast waves bounce", "bounces", "curve", (150, 250), waves=6.0, layers=3,
       lr=(0.1, 0.2)),
    _r("wide line bounces", "bounces", "linear", (150, 250), lr=(0.07, 0.08),
       batch_size=4, features=32),
    _r("recall bounces", "bounces", "recall", (80, 160), lr=(0.1, 0.2)),
    # crawls
    _r("line crawls", "crawls", "linear", (60, 200), lr=(2e-4, 5e-4), batch_size=(32, 400)),
    _r("circle crawls", "crawls", "plane", (80, 200), lr=(2e-5, 1e-4)),
    _r("gauss crawls", "crawls", "plane", (80, 200), task="gauss", optimizer="sgd",
       lr=(1e-4, 5e-4)),
    _r("sine crawls", "crawls", "curve", (80, 200), lr=(1e-5, 5e-5)),
    _r("digits crawl", "crawls", "figures", (60, 150), lr=(1e-5, 3e-5)),
    _r("digits crawl, conv", "crawls", "figures", (60,), architecture="conv",
       lr=(1e-5, 3e-5)),
    _r("patients crawl", "crawls", "patients", (60, 150), None, True, lr=(1e-5, 1e-4)),
    _r("recall crawls", "crawls", "recall", (80, 160), None, True, lr=(1e-5, 3e-5), length=3),
    # stands still
    _r("parabola", "stands still", "throw", (60, 200), lr=(1e-5, 2e-5)),
    _r("stretched line", "stands still", "linear", (80, 300), features=2, stretch=(100, 200),
       noise=0.05, lr=2e-5, batch_size=400),
    _r("narrow valley", "stands still", "valley", (100, 300), steepness=1000, lr=1e-4),
    # overfits
    _r("sine by heart", "overfits", "curve", (600, 1200), points=(20, 30), noise=0.4, width=128,
       layers=4, activation=("relu", "gelu"), lr=2e-3),
    _r("circle by heart", "overfits", "plane", (400, 800), points=(60, 100), flipped=0.2, width=64,
       layers=3, activation="relu", lr=5e-3),
    _r("few digits", "overfits", "figures", (200, 400), points=(60, 100), flipped=0.2, width=128,
       layers=2, lr=3e-3, batch_size=32),
    _r("patients by heart", "overfits", "patients", (300, 600), None, True, layers=2, width=64,
       optimizer="adam", lr=5e-3),
    _r("wide line", "overfits", "linear", (300, 800), None, True, features=60, points=70, noise=1.0,
       lr=0.03),
    # gradients vanish
    _r("deep sigmoid", "gradients vanish", "plane", (20, 80, 200), DEEP_SOUND, layers=(6, 9),
       activation="sigmoid", lr=(1e-3, 5e-3)),
    _r("deep tanh", "gradients vanish", "curve", (20, 100), DEEP_SOUND, layers=(14, 20),
       activation="tanh", lr=1e-3, optimizer="sgd"),
    _r("digits, deep sigmoid", "gradients vanish", "figures", (30, 90), DEEP_SOUND, True,
       layers=(6, 8), activation="sigmoid", optimizer=("sgd", "adam"), lr=1e-3),
    # gradients explode
    _r("wild start", "gradients explode", "plane", (3, 8, 20), {"gain": "1"}, layers=(6, 9),
       activation="relu", gain=(12, 16), lr=1e-3, optimizer="sgd"),
    _r("wild curve", "gradients explode", "curve", (2, 10), {"gain": "1"}, layers=(5, 7),
       activation=("relu", "gelu"), gain=(10, 15), lr=(1e-4, 1e-3), optimizer="sgd"),
    _r("wild digits", "gradients explode", "figures", (2, 8), {"gain": "1"}, True, layers=(5, 7),
       gain=(10, 14), lr=1e-3, optimizer=("sgd", "adam")),
    _r("wild recall", "gradients explode", "recall", (2, 8), {"gain": "1"}, True, bent="off",
       gain=(2.0, 2.5), length=20, optimizer="sgd", lr=1e-3),
    # dead units
    _r("born dead", "dead units", "plane", (30, 150), {"shift": "0"}, layers=2, activation="relu",
       shift=(-4.0, -6.0), lr=5e-3),
    _r("killed", "dead units", "plane", (60, 200), {"lr": "0.01"}, layers=3, width=32,
       activation="relu", lr=(1.0, 2.0)),
    _r("digits killed", "dead units", "figures", (60, 120), {"lr": "0.003"}, layers=2,
       lr=(0.3, 0.6)),
    _r("digits born dead", "dead units", "figures", (30, 90), {"shift": "0"}, True, layers=1,
       shift=(-3.0, -5.0)),
    _r("curve born dead", "dead units", "curve", (30, 150), {"shift": "0"}, True, layers=2,
       activation="relu", shift=(-3.0, -4.0), lr=3e-3),
    # no signal
    _r("coin toss", "no signal", "plane", (300, 600), shuffled="on", lr=(3e-3, 1e-2), points=400),
    _r("line of nothing", "no signal", "linear", (200, 500), shuffled="on", lr=0.03),
    _r("digits shuffled", "no signal", "figures", (200, 400), shuffled="on", lr=(1e-3, 3e-3)),
    _r("curve of nothing", "no signal", "curve", (250, 500), None, True, shuffled="on", lr=3e-3),
    _r("patients shuffled", "no signal", "patients", (200, 400), None, True, shuffled="on"),
    # batch too small
    _r("line by ones", "batch too small", "linear", (60, 120), batch_size=(1, 2), noise=1.5,
       lr=(2e-3, 5e-3)),
    _r("sine by ones", "batch too small", "curve", (60, 120), batch_size=1, noise=1.0, lr=1e-3),
    _r("patients by ones", "batch too small", "patients", (60, 120), batch_size=(1, 2),
       lr=1e-3),
)  # fmt: skip


def cases(tune: bool, per_recipe: int) -> Iterator[Case]:
    """So many of each recipe; those to tune on and those to measure with share no seed."""
    for recipe in RECIPES:
        if tune and recipe.unseen:
            continue
        for number in range(per_recipe):
            seed = number + (0 if tune else MEASURED)
            chance = random.Random(f"{recipe.name} {seed}")
            steps = recipe.steps[number % len(recipe.steps)]
            settings = recipe.draw(chance)
            yield Case(
                recipe.name, recipe.claim, recipe.experiment, steps, settings, recipe.sound, seed
            )
