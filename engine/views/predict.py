"""The model used as it stands: one input in, its answer out, the weights provably unchanged.

The input is an example of the data, or numbers that a person typed or drew, in the units they
know. A number that is missing is asked for as `UNKNOWN`; where the data are standardised, it gets
the mean of the training rows, as a missing cell of a table does in training. The painter asks
with a `PredictRequest`.
"""

import hashlib
import math

import torch
from torch import Tensor, nn

from ..protocol.pictures import Prediction
from ..protocol.views import MOST_VALUES, PictureRequest
from .own import shrunk
from .subject import (
    Subject,
    has_classes,
    has_number,
    held_out,
    probabilities,
    rows,
)

_SMALL = 64  # side of an image that has too many numbers to be drawn
_LISTED = 12  # names in a refusal
UNKNOWN = math.inf  # NaN would be unlike itself, and so a request unlike its answer


def available(subject: Subject) -> bool:
    """For inputs and targets that are tensors with a row for each example."""
    part = rows(subject)
    return part is not None and part[0][0].numel() > 0 and not part[0].is_complex()


def paint(subject: Subject, request: PictureRequest) -> Prediction:
    """The answer to example `request.index`, which wraps around."""
    return predict(subject, (), request.index)


def predict(subject: Subject, values: tuple[float, ...], index: int) -> Prediction:
    """The answer to `values` in row-major order, or else to example `index`.

    Raises `ValueError` where there are too many or too few.
    """
    x, target, source = held_out(subject)
    example = index % len(x)
    values = _filled(subject, x[0], values)
    given = _typed(subject, x[0], values) if values else x[example]
    before = checksum(subject.model)
    output = subject.predict(given[None])
    after = checksum(subject.model)
    if not len(output):
        raise ValueError("the model returned nothing for one example")
    shown = _in_units(subject, given)
    classes, scores, numbers, answer = _answer(subject, output)
    return Prediction(
        inputs=_names(subject, given),
        given=list(values) if values else shown.reshape(-1).tolist(),
        shape=tuple(shown.shape),
        answer=answer,
        classes=classes,
        scores=scores,
        values=numbers,
        target="" if values else _target(subject, target[example]),
        example=-1 if values else example,
        total=len(x),
        source=source,
        low=float(x.min()),
        high=float(x.max()),
        typed=given.numel() <= MOST_VALUES,
        checksum=before,
        checksum_after=after,
        notes=("the weights changed: the model's forward() writes into them",)
        if before != after
        else (),
    )


def checksum(model: nn.Module) -> str:
    """SHA-256 over every parameter and buffer, names, types and bytes."""
    digest = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        digest.update(flat.view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _filled(subject: Subject, like: Tensor, values: tuple[float, ...]) -> tuple[float, ...]:
    """Unknown numbers as the mean of their column, where it is known."""
    scales = _scales(subject, like)
    if scales is None or len(values) != like.numel():
        return values
    means: list[float] = scales[0].tolist()
    return tuple(m if v == UNKNOWN else v for v, m in zip(values, means, strict=True))


def _typed(subject: Subject, like: Tensor, values: tuple[float, ...]) -> Tensor:
    """What a person gave, as the model takes it."""
    if len(values) != like.numel():
        names = _names(subject, like)
        listed = ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
        what = f": {listed}" if names else f" ({'×'.join(map(str, like.shape))})"
        count = like.numel()
        raise ValueError(
            f"an input has {count} number{'s' if count != 1 else ''}{what}; {len(values)} given"
        )
    if not all(map(math.isfinite, values)):
        raise ValueError("every input must be a finite number")
    typed = torch.tensor(values, dtype=torch.float64)
    if (scales := _scales(subject, like)) is not None:
        typed = (typed - scales[0]) / scales[1]
    return typed.reshape(like.shape).to(like.dtype)


def _scales(subject: Subject, like: Tensor) -> tuple[Tensor, Tensor] | None:
    """Offset and scale of each input, where the data are in units of their own."""
    names = subject.names
    if len(names.x_scale) != like.numel() or len(names.x_offset) != like.numel():
        return None
    return (
        torch.tensor(names.x_offset, dtype=torch.float64),
        torch.tensor(names.x_scale, dtype=torch.float64),
    )


def _in_units(subject: Subject, given: Tensor) -> Tensor:
    """An input as a person knows it; a large image as a small grey one."""
    if given.numel() > MOST_VALUES:
        grey = given.float().reshape(-1, *given.shape[-2:]).mean(0)
        return shrunk(grey, _SMALL, _SMALL)
    if (scales := _scales(subject, given)) is not None:
        known = given.double().reshape(-1) * scales[1] + scales[0]
        places = 5 - torch.maximum(scales[0].abs(), scales[1]).log10().floor()
        unit = 10.0**places  # float32 knows no more of the number
        return ((known * unit).round() / unit).reshape(given.shape)
    return given.double()


def _names(subject: Subject, given: Tensor) -> tuple[str, ...]:
    """A name for each input that has one dimension; none for the pixels of an image."""
    if given.ndim > 1:
        return ()
    if given.ndim == 0:
        return (subject.input_name(0),)
    names = subject.names.x
    count = len(given)
    if len(names) >= count:
        return names[:count]
    return (names[0] if names else "x",) if count == 1 else tuple(f"x{i + 1}" for i in range(count))


def _answer(
    subject: Subject, output: Tensor
) -> tuple[tuple[str, ...], list[float], list[float], str]:
    """Classes and scores, or numbers, and the answer in a word."""
    if has_classes(subject) and output.ndim <= 2:
        scores = probabilities(output)[0]
        names = subject.class_names(len(scores))
        return names, scores.tolist(), [], names[int(scores.argmax())]
    if has_number(subject) and output.numel() == 1:
        value = float(subject.in_unit(output)[0])
        return (), [], [value], f"{subject.names.y} = {value:.4g}"
    flat = output.reshape(-1)
    if len(flat) == len(subject.names.classes):
        named = zip(subject.names.classes, flat.tolist(), strict=True)
        return (), [], [], ", ".join(f"{name} {value:.3g}" for name, value in named)
    shape = "×".join(map(str, output.shape[1:])) or "1"
    return (), [], flat[:MOST_VALUES].tolist(), f"{shape} numbers"


def _target(subject: Subject, target: Tensor) -> str:
    """What the data say of the example."""
    if has_classes(subject):
        number = int(target)
        return subject.class_names(max(number + 1, 0))[-1] if number >= 0 else str(number)
    if target.numel() == 1 and target.is_floating_point():
        return f"{float(subject.in_unit(target)[0]):.4g}"
    return ""
