"""What training costs against what using the model costs, measured live on copies.

Four ways through one batch: train() with backward and update, eval() alone, eval() under
no_grad, and inference_mode. Time, memory by what holds it, and power where the device tells.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.optim import Optimizer

from ..protocol.pictures import Table
from ..protocol.views import PictureRequest
from ..training.copies import with_optimizer
from ..training.device import own_peak, synchronize
from ..training.objective import loss_of
from .examples import numbers
from .subject import Subject

if TYPE_CHECKING:
    from ..training.training import Training

MOST = 10_000_000  # numbers of a model that is copied for it
_REPEATS = 7
_SECONDS = 0.01  # for one way, unless once through takes longer
_SLOW = 0.05  # seconds; once is enough then
_WAYS = ("train()", "eval()", "no_grad", "inference")


@dataclass(frozen=True)
class _Way:
    """One way through a batch: seconds, and bytes held when the loss is known."""

    seconds: float
    activations: int
    peak: int | None  # bytes the allocator reached beyond what was there; None on the CPU


def available(subject: Subject) -> bool:
    """For models of at most ten million numbers."""
    return 0 < numbers(subject) <= MOST


def paint(subject: Subject, request: PictureRequest) -> Table:
    """A column for each way; the batch is as large as the knob says."""
    t = subject.training
    assert t is not None
    batch, count = _batch(t)
    with own_peak(t.device):
        model, optimizer = with_optimizer(t)
        ways = [
            _measured(t, model, batch, *_way(name, t, model, optimizer, batch)) for name in _WAYS
        ]
        held = _held(model, optimizer, batch)
    return Table(
        title=f"one batch of {count:,} on {t.device}" if count else f"one step on {t.device}",
        columns=("", *_WAYS),
        rows=(*_times(ways, count), *_memory(ways, held), *_power(t.device)),
        notes=(
            "train(): forward, backward and update. eval() alone still tracks gradients, so it "
            "keeps what backward would need; no_grad and inference_mode keep none of it. "
            "Activations: what the graph holds until backward, each storage once.",
            "Measured on copies: the run goes on as if nobody looked.",
        ),
    )


def _batch(t: "Training") -> tuple[Any, int]:
    """As many examples as a step takes, in the data's own order, and how many those are."""
    from ..training.sampler import rows_in, to_device

    if t.self_loss:
        return (), 0
    batch = to_device(t.parts.train.rows(t.batch_size), t.device)
    return batch, rows_in(batch)


_Run = Callable[[], object]


def _way(
    name: str, t: "Training", model: nn.Module, optimizer: Optimizer, batch: Any
) -> tuple[_Run, bool]:
    """What to do for one way through, and whether in training mode."""

    def forward() -> Tensor:
        with t.autocast:
            return loss_of(t, model, batch)

    def under(mode: Callable[[], AbstractContextManager[Any]]) -> _Run:
        def run() -> Tensor:
            with mode():
                return forward()

        return run

    def train() -> Tensor:
        with torch.enable_grad():
            loss = forward()
        held = loss.detach()
        optimizer.zero_grad()
        if loss.requires_grad:
            loss.backward()
        optimizer.step()
        return held

    modes: dict[str, _Run] = {
        "train()": train,
        "eval()": under(torch.enable_grad),
        "no_grad": under(torch.no_grad),
        "inference": under(torch.inference_mode),
    }
    return modes[name], name == "train()"


def _measured(t: "Training", model: nn.Module, batch: Any, run: _Run, training: bool) -> _Way:
    """Once through to see what is held, then a few times by the clock (if it is not slow)."""
    model.train(training)
    saved = _Saved((*model.parameters(), *model.buffers(), *_tensors(batch)))
    before = _allocated(t.device)
    with saved_tensors_hooks(saved.pack, saved.unpack):
        seconds = [_timed(t.device, run)]
    peak = None if before is None else torch.cuda.max_memory_allocated(t.device) - before
    if seconds[0] < _SLOW:
        seconds.clear()  # it also warmed up
        while len(seconds) < _REPEATS and (not seconds or sum(seconds) < _SECONDS):
            seconds.append(_timed(t.device, run))
    return _Way(median(seconds), saved.bytes, peak)


def _timed(device: torch.device, run: _Run) -> float:
    synchronize(device)
    began = time.perf_counter()
    kept = run()
    synchronize(device)
    seconds = time.perf_counter() - began
    del kept
    return seconds


class _Saved:
    """Counts what the graph holds for backward, each storage once, without what is there anyway."""

    def __init__(self, known: Sequence[Tensor]) -> None:
        self._seen = {_storage(tensor) for tensor in known}
        self.bytes = 0

    def pack(self, tensor: Tensor) -> Tensor:
        key = _storage(tensor)
        if key not in self._seen:
            self._seen.add(key)
            self.bytes += tensor.untyped_storage().nbytes()
        return tensor

    def unpack(self, tensor: Tensor) -> Tensor:
        return tensor


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _tensors(batch: Any) -> list[Tensor]:
    if isinstance(batch, Tensor):
        return [batch]
    parts = batch.values() if isinstance(batch, dict) else batch
    return [part for part in parts if isinstance(part, Tensor)]


def _allocated(device: torch.device) -> int | None:
    """Bytes that tensors hold now, counting the peak anew; None where nobody counts."""
    if device.type != "cuda":
        return None
    torch.cuda.reset_peak_memory_stats(device)
    return torch.cuda.memory_allocated(device)


def _held(model: nn.Module, optimizer: Optimizer, batch: Any) -> dict[str, tuple[int, bool]]:
    """Bytes by what holds them, and whether only training needs them."""
    state = [
        value
        for kept in optimizer.state.values()
        for value in kept.values()
        if isinstance(value, Tensor)
    ]
    trained = [p for p in model.parameters() if p.requires_grad]
    return {
        "weights": (_bytes([*model.parameters(), *model.buffers()]), False),
        "gradients": (_bytes(trained), True),
        "optimizer state": (_bytes(state), True),
        "batch": (_bytes(_tensors(batch)), False),
    }


def _bytes(tensors: Sequence[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _times(ways: list[_Way], count: int) -> list[tuple[str, ...]]:
    rows = [("time per batch", *(f"{1e3 * way.seconds:.3g} ms" for way in ways))]
    if count:
        rows.append(("examples a second", *(f"{count / way.seconds:,.0f}" for way in ways)))
    return rows


def _memory(ways: list[_Way], held: dict[str, tuple[int, bool]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    totals = [way.activations for way in ways]
    for name, (size, training_only) in held.items():
        sizes = [0 if training_only and i else size for i in range(len(ways))]
        totals = [total + part for total, part in zip(totals, sizes, strict=True)]
        rows.append((name, *map(said, sizes)))
    rows.append(("activations", *(said(way.activations) for way in ways)))
    rows.append(("together", *map(said, totals)))
    if all(way.peak is not None for way in ways):
        rows.append(("allocator's peak", *(said(way.peak or 0) for way in ways)))
    return rows


def said(size: int) -> str:
    """Bytes as people say them: 640 B, 12.5 kB, 3.2 MB."""
    value, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.0f} B" if units[0] == "B" else f"{value:.3g} {units[0]}"


def _power(device: torch.device) -> list[tuple[str, ...]]:
    """Watts drawn just now, where the driver tells (it needs a library of its own)."""
    if device.type == "cuda":
        with suppress(Exception):
            watts = torch.cuda.power_draw(device) / 1000
            return [("power now", f"{watts:.0f} W", "", "", "")]
    return []
