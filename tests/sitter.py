"""A subject for the picture tests: it predicts as the session does, and counts how often."""

import torch
from foghill.engine.experiment.experiment import Names
from foghill.engine.views.subject import Pair, Subject
from torch import Tensor, nn


class Sitter:
    """`subject` of a model; `asked` lists the inputs it had to predict."""

    def __init__(
        self,
        model: nn.Module,
        train: Pair | None = None,
        valid: Pair | None = None,
        names: Names | None = None,
        draw: object = None,
    ) -> None:
        self.asked: list[Tensor] = []
        self._model = model.eval()
        given = Names() if names is None else names
        returned = {} if draw is None else {"own": lambda: draw}
        self.subject = Subject(model, self._predict, train, valid, given, returned)

    def _predict(self, x: Tensor) -> Tensor:
        self.asked.append(x)
        with torch.no_grad():
            return self._model(x).float()


class Fixed(nn.Module):
    """A model that is any function of its input; nothing to learn."""

    def __init__(self, function: object) -> None:
        super().__init__()
        self._function = function

    def forward(self, x: Tensor) -> Tensor:
        return self._function(x)
