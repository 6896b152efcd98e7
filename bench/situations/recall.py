"""Remember the first of many numbers: what the coach is asked about recurrent networks"""

from typing import Annotated

import torch
from torch import Tensor, nn

settings = {"optimizer": "adam", "lr": 3e-3, "batch_size": 32, "threads": 1}
Pair = tuple[Tensor, Tensor]


def data(
    points: Annotated[int, (8, 5000)] = 300, length: Annotated[int, (1, 200)] = 8
) -> tuple[Pair, Pair]:
    """(train, valid): sequences [n, length, 1] and what came first [n, 1]."""
    return beyond(points, length), beyond(300, length)


def beyond(points: int, length: int) -> Pair:
    x = torch.randn(points, length, 1)
    return x, x[:, 0]


class Recall(nn.Module):
    """h ← f(W h + u x) over the sequence; a number is read out at its end."""

    def __init__(self, width: int, gain: float, bent: bool) -> None:
        super().__init__()
        self.inward = nn.Linear(1, width)
        self.around = nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, 1)
        self.bent = bent
        nn.init.orthogonal_(self.around.weight, gain)

    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(len(x), self.around.in_features)
        for one in x.unbind(1):
            h = self.around(h) + self.inward(one)
            h = h.tanh() if self.bent else h
        return self.out(h)


def model(
    width: Annotated[int, (1, 256), "log"] = 24, gain: float = 1.0, bent: bool = True
) -> nn.Module:
    return Recall(width, gain, bent)
