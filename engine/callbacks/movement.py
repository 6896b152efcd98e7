"""How far each parameter moved in the last update that somebody looked at. Fed by the stepper."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from ..training.training import Training


class Moves:
    """|Δw| and |w| before it, for each parameter; read back from the device only when asked."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._norms: list[Tensor] = []  # of the change and of what it started from, by turns
        self.step = 0

    def clear(self) -> None:
        """The parameters are others now."""
        self._ids, self._norms, self.step = [], [], 0

    def note(self, t: "Training", before: Sequence[Tensor]) -> None:
        """After an update: `before` are copies of `t.parameters` from just before it."""
        if len(before) != len(t.parameters):
            return
        with torch.no_grad():
            self._norms = [
                norm
                for now, then in zip(t.parameters, before, strict=True)
                for norm in (_norm(now.detach() - then), _norm(then))
            ]
        self._ids, self.step = [id(parameter) for parameter in t.parameters], t.step

    def read(self) -> tuple[int, Mapping[int, tuple[float, float]]]:
        """The step, and (|Δw|, |w|) by the parameter's id; empty before one was looked at."""
        if not self._ids:
            return 0, {}
        norms: list[float] = torch.stack(self._norms).tolist()
        pairs = zip(norms[::2], norms[1::2], strict=True)
        return self.step, dict(zip(self._ids, pairs, strict=True))


def _norm(tensor: Tensor) -> Tensor:
    return torch.linalg.vector_norm(tensor.detach(), dtype=torch.float32)
