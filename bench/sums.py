"""What engine and bare loop did in their turns, kept in a run's directory. No torch."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = "turns.json"
PROOF_STEP = 100  # its loss must be the same in both


@dataclass
class Sums:
    """Steps taken, and the seconds they took: of the thread on a core, and on the wall."""

    steps: int = 0
    core: float = 0.0
    wall: float = 0.0

    @property
    def by_core(self) -> float:
        return self.steps / self.core

    @property
    def by_wall(self) -> float:
        return self.steps / self.wall

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(self.steps - other.steps, self.core - other.core, self.wall - other.wall)


@dataclass
class Tally:
    """What both have done; `proof` is the bare loop's loss of step `PROOF_STEP`."""

    engine: Sums = field(default_factory=Sums)
    bare: Sums = field(default_factory=Sums)
    proof: float | None = None

    @classmethod
    def read(cls, directory: Path) -> "Tally":
        """As last written; all zeros before the first pair of turns is over."""
        try:
            found = json.loads((directory / FILE).read_text())
        except FileNotFoundError:
            return cls()
        return cls(Sums(**found["engine"]), Sums(**found["bare"]), found["proof"])

    def write(self, directory: Path) -> None:
        new = directory / f"{FILE}.new"
        new.write_text(json.dumps(asdict(self)))
        new.replace(directory / FILE)
