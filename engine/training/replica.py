"""A training of its own beside the run: other knobs, own model, optimizer, place and generators.

At step 0 a replica is built as a run with its knob values would be; later it is an exact copy of
where the run stands, with its knobs turned. It equals such a run bit for bit and leaves the run
as it is. Used by the comparison, the rate finder and the hill's way to come.
"""

import copy
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from ..experiment.randomness import generators, set_generators
from ..protocol.knob import Value
from .attributes import copy_attributes
from .checkpoint import capture, resume
from .diagnosis import problem_of
from .loader import Loader
from .loop import train
from .reconfigure import turn
from .sampler import Batch, Feed, Items, NoData, Place, Tensors, cloned
from .training import Training

# a knob that is turned with one of these effects makes other data
DATA = {"data rebuilt", "data and model rebuilt", "split again", "converted at once"}
SEEDS = {"seed", "data_seed"}


class Replica:
    """One training beside the run. `stopped` says why it goes on no more; empty while it does."""

    def __init__(self, t: Training, label: str, changes: Mapping[str, Value]) -> None:
        self.t = t
        self.label = label
        self.changes = dict(changes)
        self.stopped = ""
        self._states = generators()
        self._loop = train(t)

    @classmethod
    def fork(cls, t: Training, changes: Mapping[str, Value], label: str = "") -> "Replica":
        """A replica of `t` with `changes` (checked values of its knobs).

        `t` may stand in the middle of a step: the replica begins at that step's start. Raises
        `ValueError` where an exact copy cannot be, and what user code raised.
        """
        _refuse(t, changes)
        before = generators()
        try:
            twin = _fresh(t, changes) if t.pristine else _copied(t, changes)
            return cls(twin, label, changes)
        finally:
            set_generators(before)

    @property
    def step(self) -> int:
        return self.t.step

    def advance(self, steps: int, seconds: float = 0.0) -> list[float]:
        """Take `steps` steps, or as many as fit into `seconds` (0: all); their losses.

        Stops for good, with a sentence in `stopped`, where the loss is not finite (that update
        is not made; on an accelerator some are) or something raises.
        """
        losses: list[Any] = []
        if self.stopped:
            return []
        until = time.monotonic() + seconds if seconds else 0.0
        with self.living():
            try:
                self._take(steps, until, losses)
            except BaseException as error:  # user code may raise anything
                self.raised(error)
        return losses if self.t.reads_loss else self._read(losses)

    def _take(self, steps: int, until: float, losses: list[Any]) -> None:
        t = self.t
        for phase in self._loop:
            if phase == "loss" and t.reads_loss and not isfinite(t.value):
                losses.append(t.value)
                self._diverged(t.step + 1, t.value)
                return
            if phase == "update":
                losses.append(t.value if t.reads_loss else t.loss.detach())
                steps -= 1
                if steps <= 0 or (until and time.monotonic() >= until):
                    return

    def _read(self, losses: list[Any]) -> list[float]:
        """Losses from the device in one copy, up to the first that is not finite."""
        if not losses:
            return []
        read: list[float] = torch.stack(losses).double().tolist()
        bad = next((i for i, loss in enumerate(read) if not isfinite(loss)), None)
        if bad is None:
            return read
        self._diverged(self.t.step - len(read) + bad + 1, read[bad])
        return read[: bad + 1]

    def turn(self, new: Mapping[str, Value]) -> None:
        """Turn knobs as on the run; its own `changes` stay."""
        mine = {name: value for name, value in new.items() if name not in self.changes}
        if not mine or self.stopped:
            return
        with self.living():
            try:
                turn(self.t, mine)
                self._loop = train(self.t)
            except BaseException as error:
                self.raised(error)

    @contextmanager
    def living(self) -> Generator[None]:
        """Its own generators are the global ones inside; the run's are put back."""
        before = generators()
        set_generators(self._states)
        try:
            with torch.enable_grad():
                yield
        finally:
            self._states = generators()
            set_generators(before)

    def stop(self, why: str) -> None:
        """No more steps; the loop's graph and batch may go."""
        self.stopped = why
        self._loop = iter(())
        self.t.batch = self.t.prediction = None
        self.t.loss = torch.zeros(())

    def _diverged(self, step: int, value: float) -> None:
        self.stop(f"loss is {value:g} at step {step}")

    def raised(self, error: BaseException, doing: str = "a training step") -> None:
        """User code or torch raised while `doing`."""
        t = self.t
        self.stop(problem_of(error, t.experiment.path, doing, None, max(t.step, 1)).sentence)


class _Twin(Training):
    """A training on the data of another, as far as that is the same data."""

    def __init__(self, like: Training, values: dict[str, Value], by_hand: set[str], own: bool):
        self._like = None if own else like
        experiment = copy.copy(like.experiment)
        experiment.values = values
        super().__init__(experiment, like.lesson, like.until, by_hand)
        self._like = None

    def build_data(self) -> None:
        if self._like is None:
            super().build_data()
            return
        self.returned, parts = self._like.returned, self._like.parts
        held_out = None if parts.held_out is None else _beside(parts.held_out)
        self.parts = type(parts)(_beside(parts.train), held_out, parts.notes, parts.splits)


class _Lent(Tensors):
    """Another feed's tensors. A batch that would be a view is a copy: a model may write into it."""

    def __init__(self, lender: Tensors) -> None:
        self.fields, self.size, self.place = lender.fields, lender.size, Place()
        self._last = 0
        self._order = self._order_of = None

    def take(self, batch_size: int, shuffle: bool, seed: int) -> Batch:
        batch = super().take(batch_size, shuffle, seed)
        return batch if shuffle and batch_size < self.size else cloned(batch)


def _beside(feed: Feed) -> Feed:
    """A feed of its own, at the start, over the same examples."""
    if isinstance(feed, Tensors):
        return _Lent(feed)
    if isinstance(feed, Items):
        return Items(feed.dataset, feed.workers, feed.indices)
    return NoData()


def _own_data(t: Training, changes: Mapping[str, Value]) -> bool:
    """Whether `data()` must be called again for these changes."""
    knobs = t.experiment.knobs
    other = any(knobs[name].effect in DATA or name in SEEDS for name in changes)
    return other or isinstance(t.parts.train, Loader) or isinstance(t.parts.held_out, Loader)


def _fresh(t: Training, changes: Mapping[str, Value]) -> Training:
    """As a run with these knob values is built; seeds turned but not yet in use stay unused."""
    values = dict(t.values)
    if "seed" not in changes:
        values["seed"] = t.seed
    chosen = int(values["data_seed"])
    if (int(values["seed"]) if chosen < 0 else chosen) != t.data_seed and not SEEDS & {*changes}:
        values["data_seed"] = t.data_seed
    twin = _Twin(t, values | dict(changes), t.set_by_hand | {*changes}, _own_data(t, changes))
    if _generators_of(twin) & _generators_of(t):
        raise ValueError(_SHARED_LOADER)
    return twin


def _copied(t: Training, changes: Mapping[str, Value]) -> Training:
    """An exact copy of where the run stands, then turned."""
    state = capture(t)
    if t.begun is not None:
        state |= _before_step(t)
    twin = _Twin(t, dict(t.values), set(t.set_by_hand), own=False)
    resume(twin, state)
    copy_attributes(t.model, twin.model)
    twin.given = t.given
    if changes:
        turn(twin, changes)
    return twin


def _before_step(t: Training) -> dict[str, Any]:
    """What a step begun has changed already, as it was before it."""
    assert t.begun is not None
    states, noted, gradients = t.begun
    before = {(id(module), name): value for module, name, _, value in noted}
    kept: dict[int, Tensor] = {}  # as `model.buffers()`, each once
    for module in t.model.modules():
        for name, buffer in module.named_buffers(recurse=False):
            kept.setdefault(id(buffer), before.get((id(module), name), buffer))
    return {
        "generators": states,
        "buffers": [value.clone() for value in kept.values()],
        "gradients": [None if g is None else g.clone() for _, g in gradients],
    }


_SHARED_LOADER = (
    "data() returns a DataLoader that replicas would share with the run; "
    "make the loader inside data()"
)


def _generators_of(t: Training) -> set[int]:
    """Loaders, and generators of theirs, that another training must not draw from."""
    found: set[int] = set()
    for feed in (t.parts.train, t.parts.held_out):
        if isinstance(feed, Loader):
            loader: Any = feed.loader
            parts = (loader, loader.sampler, loader.batch_sampler)
            found |= {id(loader)} | {id(g) for p in parts if (g := getattr(p, "generator", None))}
    return found


def _refuse(t: Training, changes: Mapping[str, Value]) -> None:
    if kept := t.experiment.keeps:
        raise ValueError(f"{kept}, which it would share with the run")
    if t.pristine:
        return
    if isinstance(t.parts.train, Loader):
        raise ValueError(
            "the file's own DataLoader cannot be copied in the middle of a run; "
            "restart first: at step 0 every replica gets its own"
        )
    if seeds := SEEDS & {*changes}:
        raise ValueError(
            f"{min(seeds)} acts at a restart alone; compare it from step 0: restart first"
        )
