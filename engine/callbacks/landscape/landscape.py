"""The loss as a function of the weights: heights, slopes, and directions to look along.

Used by `outlook.py`, which draws the hill. Everything happens on a copy of the model, so that
the living one, its gradients, buffers and generators stay as they are.
"""

import time
from collections.abc import Sequence
from copy import deepcopy
from math import isfinite, nan
from typing import Any

import torch
from torch import Tensor, nn

from ...experiment.randomness import Generators, generators, seed_everything, set_generators
from ...training.objective import loss_of
from ...training.sampler import Items, evenly, gather, rows_in, to_device
from ...training.training import Training

ROWS = 2000  # training examples that make the loss; a data set with fewer is taken whole
ROWS_OF_ITEMS = 128  # where each must be fetched from a Dataset
ENOUGH_ROWS = 256  # are taken where all of them would not be cheap
FEWEST_ROWS = 16  # where even these could not be afforded
CHEAP = 0.001  # seconds for one height
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
EXACT = 1_000_000  # numbers of a path whose products are taken in float64
AFFORDABLE = 0.02


class Ground:
    """The loss of the training data at any weights; make it inside `looking`.

    Dropout is off. Batch normalisation that trains goes by its batch, as it does in training:
    its running averages belong to other weights. What a model draws at random is the same
    everywhere. `modes` are the `training` flags of the living model's modules, in their order.
    """

    def __init__(self, t: Training, modes: list[bool]) -> None:
        seed_everything(0)
        self._t = t
        self.model = deepcopy(t.model)
        living = {id(parameter) for parameter in t.parameters}
        twins = zip(t.model.parameters(), self.model.parameters(), strict=True)
        self.parameters = [twin for parameter, twin in twins if id(parameter) in living]
        for parameter in self.parameters:
            parameter.requires_grad_(True)
        for module, mode in zip(self.model.modules(), modes, strict=True):
            module.training = mode and isinstance(module, NORMS)
        self.device = self.parameters[0].device
        self._drawn: Generators | None = None
        self.rows = self.of = 0
        self._batch: Any = ()
        self.cost = 0.0  # seconds that a height takes
        if not t.self_loss:
            self._take_rows()
        self._find_out_if_it_draws()

    def __call__(self, weights: Tensor) -> float:
        """The loss at flat weights; NaN where it cannot be computed."""
        self._stand_at(weights)
        try:
            return self._loss().item()
        except Exception:  # user code that refuses such weights; the ball's own are tried first
            return nan

    def slope(self, weights: Tensor) -> tuple[float, Tensor]:
        """The loss and its gradient at flat weights."""
        self._stand_at(weights)
        with torch.enable_grad():
            loss = self._loss()
            if not loss.requires_grad:
                return loss.item(), torch.zeros_like(weights)
            found = _derivatives(loss, self.parameters)
        gradients = [
            torch.zeros_like(p) if g is None else g
            for p, g in zip(self.parameters, found, strict=True)
        ]
        return loss.item(), flat(gradients)

    def curvature(self, weights: Tensor, directions: Tensor) -> Tensor:
        """D H Dᵀ [k, k] for directions D [k, d] at flat weights; NaN where there is none.

        By differentiating the gradient's products with them (Pearlmutter 1994).
        """
        self._stand_at(weights)
        k = len(directions)
        found = torch.zeros(k, k)
        sizes = [p.numel() for p in self.parameters]
        try:
            with torch.enable_grad():
                loss = self._loss()
                first = _derivatives(loss, self.parameters, create_graph=True)
                for row, direction in enumerate(directions):
                    product = _product(first, direction.split(sizes))
                    if not isinstance(product, Tensor) or not product.requires_grad:
                        continue
                    second = _derivatives(product, self.parameters, retain_graph=True)
                    for column, other in enumerate(directions):
                        found[row, column] = float(_product(second, other.split(sizes)))
        except RuntimeError:  # an operation without a second derivative
            return torch.full((k, k), nan)
        return found

    def bend(self, weights: Tensor, direction: Tensor) -> float:
        """The curvature along one direction."""
        return self.curvature(weights, direction[None]).item()

    def follow(self) -> None:
        """Take over what may have changed beside the weights: buffers and frozen parameters."""
        living = self._t.model
        own = {id(parameter) for parameter in self.parameters}
        for there, here in zip(living.parameters(), self.model.parameters(), strict=True):
            if id(here) not in own:
                here.copy_(there)
        for there, here in zip(living.buffers(), self.model.buffers(), strict=True):
            here.copy_(there)

    @property
    def sampled(self) -> bool:
        """Whether the loss is that of a part of the training data."""
        return self.rows < self.of

    def _stand_at(self, weights: Tensor) -> None:
        place = 0
        with torch.no_grad():
            for parameter in self.parameters:
                count = parameter.numel()
                parameter.copy_(weights[place : place + count].view_as(parameter))
                place += count
        if self._drawn is not None:
            set_generators(self._drawn)

    def _loss(self) -> Tensor:
        with self._t.autocast:
            return loss_of(self._t, self.model, self._batch)

    def _take_rows(self) -> None:
        """As many examples as one height can afford, evenly spaced."""
        feed = self._t.parts.train
        batch = feed.rows(ROWS_OF_ITEMS if isinstance(feed, Items) else ROWS)
        if batch is None:
            raise ValueError("the hill needs training examples to look at; this loader has none")
        batch = to_device(batch, self._t.device)
        here = rows_in(batch)
        self.rows, self.of = here, max(feed.size or 0, here)
        few = min(4 * FEWEST_ROWS, here)
        self._batch = batch if few == here else gather(batch, evenly(here, few).to(self.device))
        self._timed()  # the first call warms up
        each = self._timed() / few
        for enough, affordable in ((ENOUGH_ROWS, CHEAP), (FEWEST_ROWS, AFFORDABLE)):
            while self.rows > enough and self.rows * each > affordable:
                self.rows = max(self.rows // 2, enough)
        self._batch = batch
        if self.rows < here:
            self._batch = gather(batch, evenly(here, self.rows).to(self.device))

    def _timed(self) -> float:
        began = time.perf_counter()
        self._loss().item()
        return time.perf_counter() - began

    def _find_out_if_it_draws(self) -> None:
        """Where the loss draws from a generator, every height draws the same."""
        self._timed()  # the first call warms up
        before = generators()
        self.cost = self._timed()
        after = generators()
        if not (
            torch.equal(before.torch, after.torch)
            and (before.cuda is None or after.cuda is None or torch.equal(before.cuda, after.cuda))
            and before.python == after.python
            and before.numpy["state"]["pos"] == after.numpy["state"]["pos"]
        ):
            self._drawn = before


def _derivatives(
    of: Tensor,
    parameters: Sequence[Tensor],
    *,
    create_graph: bool = False,
    retain_graph: bool | None = None,
) -> Sequence[Tensor | None]:
    """Its gradients; None for what it does not depend on."""
    return torch.autograd.grad(
        of, parameters, retain_graph=retain_graph, create_graph=create_graph, allow_unused=True
    )


def _product(gradients: Sequence[Tensor | None], parts: Sequence[Tensor]) -> Tensor | float:
    """Their inner product; what a loss does not depend on counts as 0."""
    there = [
        g.reshape(-1).float() @ d for g, d in zip(gradients, parts, strict=True) if g is not None
    ]
    return sum(there, 0.0)


def flat(tensors: list[Tensor] | list[nn.Parameter]) -> Tensor:
    """All of them as one float32 vector, a copy."""
    return torch.cat([tensor.detach().reshape(-1).float() for tensor in tensors])


def filter_normalised(parameters: list[Tensor] | list[nn.Parameter], seed: int) -> Tensor:
    """A random direction whose filters are as long as the model's own, as one flat vector.

    d_ij ← d_ij / ‖d_ij‖ · ‖θ_ij‖ for filter j of layer i, drawn from a Gaussian; parameters of
    one dimension (biases, normalisation) stay put (Li, Xu, Taylor, Studer, Goldstein:
    Visualizing the Loss Landscape of Neural Nets, 2018, section 4) unless the model has no
    others: then the whole tensor counts as one filter. Draws from a generator of its own.
    """
    generator = torch.Generator().manual_seed(seed)
    has_filters = any(parameter.ndim > 1 for parameter in parameters)
    parts: list[Tensor] = []
    for parameter in parameters:
        d = torch.randn(parameter.shape, generator=generator).to(parameter.device)
        theta = parameter.detach().float()
        if theta.ndim > 1:
            rows = d.reshape(len(d), -1)
            norms = theta.reshape(len(d), -1).norm(dim=1, keepdim=True)
            d = rows / rows.norm(dim=1, keepdim=True).clamp_min(1e-10) * norms
        elif has_filters:
            d = torch.zeros_like(theta)
        else:
            d = d / d.norm().clamp_min(1e-10) * theta.norm()
        parts.append(d.reshape(-1))
    return torch.cat(parts)


def principal(path: Tensor) -> tuple[Tensor, list[float]]:
    """The two directions [2, d] in which a path [n, d] goes farthest from its last point, and
    the share of its squared length that lies along each.

    The leading right singular vectors of w_i − w_n (Li et al. 2018, section 7), by the
    eigenvectors of the small Gram matrix. Raises `ValueError` for a path without extent.
    """
    M = path - path[-1]
    exact = M.cpu().double() if M.numel() <= EXACT else M
    values, vectors = torch.linalg.eigh((exact @ exact.T).cpu().double())
    squares = values.flip(0).clamp_min(0.0)
    total = squares.sum().item()
    if not isfinite(total) or total <= 0.0:
        raise ValueError("this path goes nowhere")
    directions = vectors.flip(1)[:, :2].T.to(M) @ M
    lengths = directions.norm(dim=1, keepdim=True)
    if lengths[1] <= 1e-6 * lengths[0]:  # along a line: any second direction across it
        directions[1] = _across(directions[0])
        lengths = directions.norm(dim=1, keepdim=True)
    return directions / lengths, [value / total for value in squares[:2].tolist()]


def _across(direction: Tensor) -> Tensor:
    """Some direction at right angles, the same each time."""
    other = torch.zeros_like(direction)
    other[direction.abs().argmin()] = 1.0
    return other - (other @ direction) / (direction @ direction) * direction
