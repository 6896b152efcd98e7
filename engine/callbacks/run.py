"""What callbacks may know of the run they watch; the session's conductor is such a run."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..experiment.experiment import Experiment
from ..protocol.knob import Knob
from ..protocol.state import Problem, Status
from ..runs.directory import RunSpec
from ..training.training import Training
from .trace import Trail


class Run(Protocol):
    """The present of one run, to be read; what a callback has to say goes into `notes`."""

    ready: bool
    why: str  # the run stands still, in words
    notes: list[str]

    @property
    def t(self) -> Training:
        """What is trained; only once the run is `ready`."""
        ...

    @property
    def experiment(self) -> Experiment | None: ...
    @property
    def spec(self) -> RunSpec: ...
    @property
    def knobs(self) -> Mapping[str, Knob]: ...
    @property
    def status(self) -> Status: ...
    @property
    def problem(self) -> Problem | None: ...
    @property
    def phase(self) -> str:
        """Last phase taken of a step begun; "" between steps."""
        ...

    @property
    def trail(self) -> Trail: ...
    @property
    def asked(self) -> bool:
        """Whether a command waits, which comes before any idle work."""
        ...

    @property
    def latest(self) -> Mapping[str, float | None]:
        """The last value of each series."""
        ...

    @property
    def series(self) -> Sequence[str]: ...
    def numbers(self) -> Mapping[str, float | None]:
        """What conditions are judged by."""
        ...

    def losses(self, first: int, last: int) -> list[float]:
        """Those of the steps `first` to `last`, both included, as far as they are kept."""
        ...

    def beside(self, name: str, steps: Sequence[int], values: Sequence[float]) -> None:
        """Keep numbers of a replica as a series of their own."""
        ...

    def pictures_changed(self) -> None:
        """Find out anew what can be painted, and show it."""
        ...

    def publish(self) -> None:
        """Show the state anew."""
        ...
