"""How often each example was seen, which are in the batch, how noisy its gradient is.

Counts follow from epoch, position and order(seed, epoch, n): exact as long as the data stay the
same ones and `shuffle` is turned between epochs. Otherwise they are what a run with the present
data and order would have seen by now. The noise comes from the gradients of single examples, a
fixed even sample of them where there are many.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..protocol.pictures import Drawing, Table
from ..protocol.views import PictureRequest
from ..training.copies import copied, gradients
from .examples import ROWS, numbers
from .subject import Subject

if TYPE_CHECKING:
    from ..training.training import Training

MOST = 5_000_000  # numbers of a model whose gradients are taken one by one
_SINGLE = {50_000: 64, 1_000_000: 16, MOST: 8}  # of a model that large, for so many examples
_DROWNED = 10  # times the gradient: a batch that is off by more says nearly nothing of it
_SIGNS = "■●·"  # in the batch, seen once more than the others, the others


@dataclass(frozen=True)
class Seen:
    """Of n training examples: times seen, and whether in the batch (the next, between steps)."""

    times: Tensor  # [n]
    batch: Tensor  # [n], of bool


@dataclass(frozen=True)
class Noise:
    """`scatter` is S², the variance of single gradients summed over all parameters (Σ over m of
    |g − ḡ|² / (m − 1)); `size` the norm of the gradient of all N."""

    scatter: float
    size: float
    examples: int  # N
    sampled: int  # m

    def of_batch(self, B: int) -> float:  # noqa: N803
        """Root mean square distance of a batch's gradient from that of all: √(S²/B · (1 − B/N)).

        For B of N drawn without replacement (Cochran, Sampling Techniques, 1977, theorem 2.2).
        """
        return sqrt(self.scatter / B * max(1 - B / self.examples, 0.0))


def available(subject: Subject) -> bool:
    """For data of a known size that is drawn in our order."""
    t = subject.training
    if t is None or t.self_loss or not 0 < numbers(subject) <= MOST:
        return False
    return bool(t.feed.size and t.feed.size > 1) and _ours(t)


def _ours(t: "Training") -> bool:
    from ..training.loader import Loader

    return not isinstance(t.feed, Loader)


def paint(subject: Subject, request: PictureRequest) -> Drawing:
    """A sign for each example, and the noise at batch sizes 1, 2, 4, ... as a table."""
    t = subject.training
    assert t is not None
    now = seen(t)
    noise = measured(t)
    n, low = len(now.times), int(now.times.min())
    whose = "this step's" if subject.phase() else "the next"
    once_more = int((now.times > low).sum())
    counts = f"all of them seen {_times(low)}"
    if once_more:
        counts = f"{once_more:,} seen {_times(low + 1)}, {n - once_more:,} {_times(low)}"
    words = (
        f"Epoch {t.feed.place.epoch}, {t.feed.place.position:,} of {n:,} examples into it: "
        f"{counts}. {_SIGNS[0]} in {whose} batch ({int(now.batch.sum()):,}), {_SIGNS[1]} seen "
        f"{_times(low + 1)}, {_SIGNS[2]} seen {_times(low)}."
    )
    signs, every = _signs(now, request)
    if every > 1:
        words += f" One sign for every {every} examples."
    return Drawing(
        lines=(),
        maps=(),
        texts=(("seen", words), ("", signs)),
        tables=(_table(noise, t.batch_size),),
        order=("seen", "", "noise"),
    )


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count:,} times")


def seen(t: "Training") -> Seen:
    """How often each training example was part of a step, and those of the batch."""
    from ..experiment.randomness import order

    n, place, size = t.feed.size, t.feed.place, t.batch_size
    assert n is not None
    times = torch.full((n,), place.epoch)
    batch = torch.zeros(n, dtype=torch.bool)
    way = order(t.seed, place.epoch, n) if t.shuffle and size < n else torch.arange(n)
    times[way[: place.position]] += 1
    batch[way[place.position : place.position + size]] = True
    return Seen(times, batch)


def _signs(now: Seen, request: PictureRequest) -> tuple[str, int]:
    """Lines of signs in at most half of the area, and how many examples one stands for."""
    wide = max(request.columns, 1)
    room = wide * max(request.rows // 3, 2)
    every = ceil(len(now.times) / room)
    low = now.times.min()
    signs = [
        _SIGNS[0] if batch else _SIGNS[1] if times > low else _SIGNS[2]
        for times, batch in zip(
            now.times[::every].tolist(), now.batch[::every].tolist(), strict=True
        )
    ]
    lines = ["".join(signs[first : first + wide]) for first in range(0, len(signs), wide)]
    return "\n".join(lines), every


def measured(t: "Training") -> Noise | None:
    """The scatter of single gradients at the weights as they stand.

    None where the data are not rows of tensors, or the loss of a single example is refused.
    """
    from ..training.sampler import gather, to_device

    most = next(m for size, m in _SINGLE.items() if t.numbers <= size)
    rows = to_device(t.parts.train.rows(most), t.device)
    if not isinstance(rows, tuple) or not all(isinstance(part, Tensor) for part in rows):
        return None
    model, m = copied(t.model), len(rows[0])
    total = torch.zeros(t.numbers, dtype=torch.float64)
    squares = 0.0
    try:
        for i in range(m):
            g = _flat(gradients(t, gather(rows, slice(i, i + 1)), model))
            total, squares = total + g, squares + float(g @ g)
        whole = gradients(t, to_device(t.parts.train.rows(ROWS), t.device), model)
    except (ValueError, RuntimeError):  # batch norm wants more than one, for example
        return None
    scatter = max(squares - float(total @ total) / m, 0.0) / (m - 1)
    return Noise(scatter, float(_flat(whole).norm()), int(t.feed.size or m), m)


def _flat(found: dict[str, Tensor]) -> Tensor:
    return torch.cat([g.double().reshape(-1).cpu() for g in found.values()])


def _table(noise: Noise | None, batch_size: int) -> Table:
    """Batch sizes 1, 2, 4, ... and all, the one in use marked."""
    if noise is None:
        words = "The gradients of single examples cannot be taken here."
        return Table("noise", ("batch", "noise"), (), (words,))
    N = noise.examples
    used = min(batch_size, N)
    sizes = sorted({*(2**k for k in range(N.bit_length()) if 2**k < N), used, N})
    rows = [(f"{B:,}", f"{noise.of_batch(B):.3g}", _share(noise, B), f"{ceil(N / B):,}")
            for B in sizes]  # fmt: skip
    every = "every one" if noise.sampled == N else f"{noise.sampled} of {N:,}"
    return Table(
        title="noise",
        columns=("batch size", "typical error", "of the gradient", "steps an epoch"),
        rows=tuple(rows),
        notes=(
            f"How far the gradient of a batch lies from that of all {N:,} examples (norm "
            f"{noise.size:.3g}), root mean square: √(S²/B · (1 − B/N)), from the gradients of "
            f"{every} of them. Four times the batch, about half the noise.",
            *_drowned(noise, used),
        ),
        marked=(sizes.index(used),),
    )


def _share(noise: Noise, B: int) -> str:  # noqa: N803
    if not noise.size:
        return "–"
    share = noise.of_batch(B) / noise.size
    return f"{share:,.0f} ×" if share >= _DROWNED else f"{100 * share:.0f} %"


def _drowned(noise: Noise, B: int) -> tuple[str, ...]:  # noqa: N803
    """Where the true gradient is next to nothing, that is what a large share says."""
    if noise.of_batch(B) < _DROWNED * noise.size:
        return ()
    return ("The gradient of all is nearly 0 here: what is left of a batch's is its noise.",)
