"""The three networks that speed and latency are measured on. No torch."""

from pathlib import Path
from typing import NamedTuple

from foghill.engine.runs.catalog import resolve

EXPERIMENTS = Path(__file__).parent / "experiments"


class Network(NamedTuple):
    """An experiment, and the settings that make engine and bare loop the same."""

    title: str
    experiment: str  # a lesson, or the path of a file
    settings: dict[str, str]

    @property
    def path(self) -> Path:
        return resolve(self.experiment)[1]


NETWORKS = (
    Network("2-4-2-1, batch 10, SGD", str(EXPERIMENTS / "small.py"), {}),
    Network("1-128×5-1, batch 32, SGD", str(EXPERIMENTS / "wide.py"), {}),
    Network("digits 64-64-10, batch 64, Adam", "digits", {"valid": "0", "stop": ""}),
)
