"""The weights at the best validation so far, for the picture that shows what they said.

Told by `Measuring` after each validation; nothing else of the engine reads it. Only models of up
to a million numbers are kept.
"""

from math import inf
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from ..training.training import Training

LARGEST = 1_000_000  # numbers


class Best:
    """`state` is the state dict at step `step`; empty where there is none."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Step 0, or a model rebuilt."""
        self.loss = inf
        self.step = 0
        self.state: dict[str, Tensor] = {}

    def seen(self, t: "Training", loss: float) -> None:
        """A validation found this loss with the present weights."""
        if not loss < self.loss or t.numbers > LARGEST:
            return
        self.loss, self.step = loss, t.step
        self.state = {name: v.detach().clone() for name, v in t.model.state_dict().items()}
