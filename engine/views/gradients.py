"""The gradient of a small model four ways: by hand, with NumPy, by autograd, by nudging.

The first two where the experiment has `gradient` or `gradient_numpy` (model, x, y) that return
{parameter's name: gradient}. Beside them `.grad` as it stands: with zero_grad off it piles up.
The model is in the mode that steps have it in, and draws the same numbers each time it is asked.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..callbacks.trace import norm, shortening
from ..experiment.randomness import own_generators
from ..protocol.pictures import Table
from ..protocol.views import PictureRequest
from ..training.copies import copied, gradients
from ..training.modes import as_trained, in_train_mode
from ..training.objective import loss_of
from ..training.sampler import in_double
from .examples import Examples, examples, labels, numbers
from .subject import Subject

if TYPE_CHECKING:
    from ..training.training import Training

MOST = 64  # numbers to learn
TOLERANCE = 1e-4  # of the largest gradient, at least of 1
NUDGES = (1e-3, 1e-4, 1e-5, 1e-6)  # of a number, at least of 1: the first that shows the slope
_TRIED = (0.0, *(sign * nudge for nudge in NUDGES for sign in (1, -1)))
_BENT = 0.1  # of a difference that may be the bend of the loss
_ROUNDING = 1e-11  # of the loss, in float64
_STEP = 1e-5  # of the finite differences, in float64
_BY_HAND = {"gradient": "by hand", "gradient_numpy": "NumPy"}


def available(subject: Subject) -> bool:
    """For at most 64 numbers to learn, on data that can be looked at as a whole."""
    return 0 < numbers(subject) <= MOST and (_own_loss(subject) or subject.train is not None)


def _own_loss(subject: Subject) -> bool:
    return subject.training is not None and subject.training.self_loss


def paint(subject: Subject, request: PictureRequest) -> Table:
    """A row for each number; the arrows choose the one that is nudged."""
    t = subject.training
    assert t is not None
    names = labels(subject)
    if not names:
        return Table("the gradient", ("",), (), ("No parameter requires a gradient.",))
    with as_trained(t.model):
        return _table(subject, t, names, request.index)


def _table(subject: Subject, t: "Training", names: list[str], index: int) -> Table:
    shown, mode = examples(subject), in_train_mode(t.model)
    ways, trouble = _ways(t, shown)
    slopes = ways["nudging"] if "nudging" in ways else ways["autograd"]
    kept = _kept(t)
    at = min(max(index, 0), len(names) - 1)
    columns = {name: _shown(values) for name, values in ways.items()}
    if kept is not None:
        columns[".grad"] = _shown(kept)
    columns["value"] = _shown(_flat([p.detach() for p in t.parameters]))
    wrong = _disagreeing(list(ways.values()))
    return Table(
        title=f"the gradient over {shown.said}{mode}",
        columns=("", *columns),
        rows=tuple(zip(names, *columns.values(), strict=True)),
        notes=(
            *_agreement(ways, wrong),
            *_nudge(t, shown, names[at], at, slopes[at]),
            *_piled_up(t, kept, [] if mode else ways["autograd"], subject.phase()),
            *trouble,
        ),
        marked=tuple(wrong),
        total=len(names),
        at=at,
    )


def _ways(t: "Training", shown: Examples) -> tuple[dict[str, list[float]], list[str]]:
    """Each way's gradient, number by number; and what went wrong."""
    ways: dict[str, list[float]] = {}
    trouble: list[str] = []
    for function, name in _BY_HAND.items():
        if function in t.experiment.functions and len(shown.batch) == 2:
            with own_generators():
                found = t.experiment.call(function, t.model, *shown.batch)
            ways[name] = _in_order(t, found, function)
    with own_generators():
        by_autograd = gradients(t, shown.batch)
    ways["autograd"] = _flat([by_autograd[name] for name in by_autograd])
    try:
        ways["nudging"] = finite_differences(t, shown.batch)
    except Exception as error:  # some models take no float64
        trouble.append(f"no finite differences: {type(error).__name__}: {error}")
    return ways, trouble


def _in_order(t: "Training", found: Any, function: str) -> list[float]:
    """The numbers of a dict of gradients as the parameters stand in the model."""
    named = {name: p for name, p in t.model.named_parameters() if p.requires_grad}
    if not isinstance(found, dict) or not named.keys() <= found.keys():
        wanted = ", ".join(named)
        raise ValueError(f"{function}() should return a dict with the gradients of {wanted}")
    values: list[float] = []
    for name, parameter in named.items():
        gradient = torch.as_tensor(found[name]).detach().double().reshape(-1)
        if gradient.numel() != parameter.numel():
            raise ValueError(
                f"{function}() gave {gradient.numel()} numbers for {name}, "
                f"which has {parameter.numel()}"
            )
        values += gradient.tolist()
    return values


def finite_differences(t: "Training", batch: Any) -> list[float]:
    """(L(w + ε) − L(w − ε)) / 2ε for each number, on a float64 copy of model and batch."""
    model, batch = copied(t.model).double(), in_double(batch)
    slopes: list[float] = []
    for parameter in (p for p in model.parameters() if p.requires_grad):
        flat = parameter.detach().view(-1)
        for i in range(flat.numel()):
            w = flat[i].item()
            e = _STEP * max(1.0, abs(w))
            above, below = (_loss_at(t, model, batch, flat, i, w + s * e) for s in (1, -1))
            flat[i] = w
            slopes.append((above - below) / (2 * e))
    return slopes


def _loss_at(
    t: "Training", model: nn.Module, batch: Any, flat: Tensor, i: int, value: float
) -> float:
    flat[i] = value
    with own_generators():
        return loss_of(t, model, batch).item()


def _flat(tensors: list[Tensor]) -> list[float]:
    return torch.cat([tensor.double().reshape(-1).cpu() for tensor in tensors]).tolist()


def _shown(values: list[float]) -> list[str]:
    return [f"{value:.4g}" for value in values]


def _kept(t: "Training") -> list[float] | None:
    """`.grad` as it stands; None where there is none yet."""
    if all(p.grad is None for p in t.parameters):
        return None
    return _flat([torch.zeros_like(p) if p.grad is None else p.grad for p in t.parameters])


@dataclass(frozen=True)
class _Spread:
    """How far apart numbers are that should be equal."""

    largest: float  # difference
    allowed: float


def _spread(ways: list[list[float]]) -> list[_Spread]:
    """For each number; NaN where one of the ways gave none."""
    size = max((abs(v) for way in ways for v in way if math.isfinite(v)), default=0.0)
    allowed = TOLERANCE * max(1.0, size)
    apart: list[_Spread] = []
    for values in zip(*ways, strict=True):
        finite = all(math.isfinite(value) for value in values)
        apart.append(_Spread(max(values) - min(values) if finite else math.nan, allowed))
    return apart


def _disagreeing(ways: list[list[float]]) -> list[int]:
    return [i for i, s in enumerate(_spread(ways)) if not s.largest <= s.allowed]


def _agreement(ways: dict[str, list[float]], wrong: list[int]) -> list[str]:
    """Whether they are the same, and what counts as the same."""
    if len(ways) < 2:
        return []
    spread = _spread(list(ways.values()))
    apart = [s.largest for s in spread if math.isfinite(s.largest)]
    if not apart:
        return ["Not a number to compare is finite."]
    found = f"at most {max(apart):.2g} apart ({spread[0].allowed:.2g} allowed)"
    if not wrong:
        return [f"They agree: {found}."]
    return [f"They do not agree where marked: {found}."]


def _piled_up(t: "Training", kept: list[float] | None, fresh: list[float], phase: str) -> list[str]:
    """What `.grad` holds, and how far it is from the fresh gradient, if there is one like it."""
    if kept is None:
        return [".grad is empty: no backward yet."]
    apart = max((abs(a - b) for a, b in zip(kept, fresh, strict=False)), default=None)
    if not t.zero_grad:
        far = "" if apart is None else f": up to {apart:.3g} from the fresh one"
        return [f".grad has piled up, as zero_grad is off{far}."]
    if phase == "backward":
        far = "" if apart is None else f": {apart:.2g} from the fresh one"
        return [f".grad is what backward wrote{far}."]
    length = norm([p.grad for p in t.parameters if p.grad is not None])
    times = shortening(t, length)
    cut = f", clipped from length {length * times:.4g} to {length:.4g}" if times > 1 else ""
    return [f".grad is that of step {t.step}, from before its update{cut}."]


def _nudge(t: "Training", shown: Examples, name: str, at: int, slope: float) -> list[str]:
    """The loss with the chosen number a little higher and lower, and what the gradient said."""
    try:
        model, batch = copied(t.model).double(), in_double(shown.batch)
        flat, i = _holding(model, at)
        w = flat[i].item()
        scale = max(1.0, abs(w))
        here, *tried = (_loss_at(t, model, batch, flat, i, w + step * scale) for step in _TRIED)
    except Exception:
        return []
    nudges = [
        _Nudge(NUDGES[k] * scale, here, *tried[2 * k : 2 * k + 2]) for k in range(len(NUDGES))
    ]
    straight = next((nudge for nudge in nudges if nudge.follows(slope)), None)
    bend = f" The rest is the bend of the loss along {name}: its curvature is {nudges[0].bend:.3g}."
    nudge = straight or nudges[0]
    return [nudge.said(name, slope) + ("" if straight else bend)]


@dataclass(frozen=True)
class _Nudge:
    """The loss `here`, and with one number higher by `e` and lower by `e`."""

    e: float
    here: float
    above: float
    below: float

    @property
    def bend(self) -> float:
        return (self.above + self.below - 2 * self.here) / self.e**2

    def follows(self, slope: float) -> bool:
        """Whether both differences are what the slope says, and more than rounding."""
        said = slope * self.e
        off = max(abs(self.above - self.here - said), abs(self.below - self.here + said))
        return off <= _BENT * abs(said) and (not said or abs(said) > _ROUNDING * abs(self.here))

    def said(self, name: str, slope: float) -> str:
        e, up, down = self.e, self.above - self.here, self.below - self.here
        losses = (self.here, self.above, self.below)
        here, above, below = (f"{loss:.{_digits(self.here, up, down)}g}" for loss in losses)
        return (
            f"Nudge {name} by {e:.3g}: the loss {here} goes to {above}, {up:+.3g}; "
            f"by −{e:.3g}: {below}, {down:+.3g}. The gradient said {slope * e:+.3g} and "
            f"{-slope * e:+.3g}."
        )


def _digits(loss: float, *changes: float) -> int:
    """How many show of a loss that it changed."""
    moved = [abs(change) for change in changes if change and math.isfinite(change)]
    if not moved or not math.isfinite(loss) or not loss:
        return 6
    return min(max(math.ceil(math.log10(abs(loss) / min(moved))) + 2, 6), 12)


def _holding(model: nn.Module, at: int) -> tuple[Tensor, int]:
    """The parameter, laid flat, that holds number `at`, and its place in it."""
    for parameter in (p for p in model.parameters() if p.requires_grad):
        if at < parameter.numel():
            return parameter.detach().view(-1), at
        at -= parameter.numel()
    raise IndexError(at)
