"""What one observed step made, phase by phase. Filled by `views.phases.Observer`.

Parameters, gradients and the optimizer's state are copied for models that are not large, so that
they can be looked at after training went on.
"""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

from ...experiment.randomness import Generators, generators

if TYPE_CHECKING:
    from ...training.training import Training

COPIED = 1_000_000  # numbers of a model up to which its parameters and gradients are copied
SPELLED = 4  # numbers of a model up to which each one's update is spelled out; else the steepest


class Moment:
    """One step. What a phase not yet taken would make is empty.

    `names`, `before`, `after`, `old` (gradients before zero), `gradients` (as backward left them)
    and `used` (as the update used them, perhaps clipped) belong together, place by place.
    `generators` and `buffers` are those that the prediction began with.
    """

    def __init__(self, t: "Training") -> None:
        self.step = t.step + 1
        self.names = [name for name, p in t.model.named_parameters() if p.requires_grad]
        self.count = t.numbers
        self.batch: Any = None
        self.where = ""  # which examples these are
        self.whole = False  # the batch is all of the training data
        self.prediction: Any = None
        self.target: Any = None
        self.loss = float("nan")
        self.parts: dict[str, float] = {}
        self.generators: Generators | None = None
        self.buffers: dict[str, Tensor] = {}
        self.scale = 1.0  # what the loss was multiplied by for backward
        self.clip = 0.0  # longest gradient allowed
        self.norm: float | None = None  # of the gradient before it was clipped
        self.kept = False  # old gradients stayed, and new ones were added to them
        self.old: list[Tensor | None] = []
        self.gradients: list[Tensor | None] = []
        self.used: list[Tensor | None] = []
        self.before: list[Tensor] = []
        self.after: list[Tensor] = []
        self.numbers: list[dict[str, Any]] = []  # lr, betas and so on of each parameter
        self.picked: list[tuple[int, int]] = []  # (parameter, number in it) to spell out
        self.state_before: list[dict[str, float]] = []  # the optimizer's, of each that is picked
        self.state_after: list[dict[str, float]] = []

    @property
    def copied(self) -> bool:
        return self.count <= COPIED

    @property
    def clipped(self) -> bool:
        """Whether clipping shortened the gradient."""
        return self.norm is not None and self.norm > self.clip > 0

    @property
    def unclipped(self) -> list[Tensor | None]:
        """The gradients as clipping found them."""
        return [None if g is None else g / self.scale for g in self.gradients]

    @property
    def slopes(self) -> list[Tensor | None]:
        """The gradient of this step's loss alone: without what lay in `.grad` before."""
        if not self.kept:
            return self.unclipped
        pairs = zip(self.unclipped, self.old, strict=True)
        return [g if g is None or before is None else g - before for g, before in pairs]

    def took(self, t: "Training", phase: str) -> None:
        """Note what `phase` made."""
        match phase:
            case "batch":
                self.batch, self.target = t.batch, t.target
                self._note_place(t)
                self._note_start(t)
            case "predict":
                self.prediction = _detached(t.prediction)
            case "loss":
                self.loss = t.value if t.reads_loss else t.loss.item()
                self.parts = {name: part.item() for name, part in t.named.items()}
                self.old = self._copies([p.grad for p in t.parameters])
            case "zero":
                self.kept = not t.zero_grad and any(g is not None for g in self.old)
            case "backward":
                self.gradients = self._copies([p.grad for p in t.parameters])
                self.scale = 1.0 if t.scaler is None else t.scaler.get_scale()
                self.numbers = _numbers(t)
                self.picked = self._picked(t)
                self.state_before = self._state(t)
            case "update":
                self.used = self._copies([p.grad for p in t.parameters])
                self.clip, self.norm = t.clip, None if t.norm is None else t.norm.item()
                if self.copied:
                    self.after = [p.detach().clone() for p in t.parameters]
                if t.descent.scheduler is None:  # one of the user's own has moved on already
                    self.numbers = _numbers(t)
                self.state_after = self._state(t)
            case _:
                pass

    def _note_place(self, t: "Training") -> None:
        size, place, count = t.feed.size, t.feed.place, _rows(t.batch)
        self.whole = size is not None and t.batch_size >= size
        if self.whole:
            self.where = f"{count} examples: all of the training data"
        elif size is not None:
            first = place.position + 1
            order = "shuffled anew for each pass" if t.shuffle else "in their own order"
            self.where = (
                f"{count} examples: numbers {first:,} to {place.position + count:,} of {size:,} "
                f"in pass {place.epoch + 1:,}, {order}"
            )
        elif count:
            self.where = f"{count} examples"

    def _note_start(self, t: "Training") -> None:
        """What the same prediction would need to be made again."""
        if self.copied:
            named = t.model.named_buffers()
            self.generators = generators()
            self.buffers = {name: b.detach().clone() for name, b in named if not is_lazy(b)}

    def _copies(self, tensors: list[Tensor | None]) -> list[Tensor | None]:
        if not self.copied:
            return []
        return [None if g is None else _dense(g).detach().clone() for g in tensors]

    def _picked(self, t: "Training") -> list[tuple[int, int]]:
        if self.count <= SPELLED:
            return [(place, i) for place, p in enumerate(t.parameters) for i in range(p.numel())]
        steepest = [
            (float(g.abs().max()), place, int(g.abs().argmax()))
            for place, g in enumerate(self.gradients)
            if g is not None
        ]
        return [max(steepest)[1:]] if steepest else []

    def _state(self, t: "Training") -> list[dict[str, float]]:
        state = t.optimizer.state
        return [own_state(state.get(t.parameters[place], {}), i) for place, i in self.picked]


def own_state(state: dict[str, Any], i: int) -> dict[str, float]:
    """A number's own part of its tensor's state; counts are the same for all of them."""
    found: dict[str, float] = {}
    for name, value in state.items():
        if isinstance(value, Tensor) and value.numel():
            found[name] = float(value.reshape(-1)[i if value.numel() > i else 0])
        elif isinstance(value, int | float):
            found[name] = float(value)
    return found


def _numbers(t: "Training") -> list[dict[str, Any]]:
    """The optimizer's numbers for each of `t.parameters`, the learning rate as it acts."""
    lr = t.descent.effective("lr")
    first = t.optimizer.param_groups[0].get("lr")
    factor = float(lr) / float(first) if lr is not None and first else 1.0
    of: dict[int, dict[str, Any]] = {}
    for group in t.optimizer.param_groups:
        numbers = {k: v for k, v in group.items() if k != "params"}
        if "lr" in numbers:
            numbers["lr"] = float(numbers["lr"]) * factor
        of |= {id(p): numbers for p in group["params"]}
    return [of.get(id(p), {}) for p in t.parameters]


def _dense(tensor: Tensor) -> Tensor:
    return tensor.to_dense() if tensor.is_sparse else tensor


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, torch.Tensor) else value


def _rows(batch: Any) -> int:
    from ...training.sampler import rows_in

    return rows_in(batch) if batch is not None and batch != () else 0
