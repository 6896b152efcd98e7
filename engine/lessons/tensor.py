"""Everything is a tensor: shapes, axes, types, slices

See
  A tensor is numbers in a grid with axes: none (a loss), one (a sound), two (a grey image),
  three (a colour image), four (a batch of them). It has a shape, one dtype for all numbers, and
  a device; its bytes are the product of the shape times the bytes of the dtype. All that a
  model sees is tensors: a digit of 8 by 8 pixels, a sentence, a sound; and all that it is made
  of: weights, and for each weight a gradient of the same shape. Each picture 1 … 8 is one of
  them, and the knobs n, cut, word, pitch and dtype choose what is cut out of it.

Try
  1. Turn n, then cut. Which digit comes out of the 1,797? In the brackets a number takes its
     axis away, a colon keeps it. {n != 0 and cut != x[n]}
  2. Press 2. The same digit padded to 28 by 28, as MNIST has them: how many of its 784
     numbers are not zero? {saw = padded}
  3. Press 3, then 4. 64 digits in one batch, then 64 colour photographs: how many digits would
     fit into the same memory? {saw = batch and saw = colour}
  4. Press 5 and turn dtype. What becomes of 1/3, and of 16,777,217?
     {saw = dtypes and dtype != float32}
  5. Press 6 and turn word. A sentence is whole numbers, and each of them zeros with a one in
     its place. Which words share a number? {saw = sentence and word != 1}
  6. Press 7 and set pitch to 3000, then 5000 (enter types it): a sound, 8,000 numbers a second.
     Why are they alike, but for the sign? {pitch = 3000 then saw = sound and pitch = 5000}
  7. Press 8, then s a few times. The weights are ten images, one for each digit, and so are
     their gradients. Does one look like its digit? {saw = weights and step >= 3}

Read
  Harris and others: Array programming with NumPy (2020), on shapes, strides and broadcasting.
  The digits: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998).
"""

import gzip
from math import prod
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it
from torch import Tensor, nn

settings = {
    "optimizer": "adam",
    "lr": 0.01,
    "batch_size": 64,
    "valid": 0.0,
    "stop": "step>=300",
    "threads": 1,
}
names = {"x": ["pixels"], "y": "digit", "classes": [str(digit) for digit in range(10)]}
FILE = Path(__file__).parent.parent / "data" / "digits.csv.gz"
SENTENCE = "a tensor is a grid and a batch of tensors is a tensor"
RATE = 8000  # samples of sound a second

Number = Annotated[int, (0, 1796), "which digit"]
Cut = Literal[
    "x[n]", "x[n, 0]", "x[n, 0, 3]", "x[n, 0, :, 3]", "x[n, 0, 2:6, 1:7]", "x[n, 0, 3, 3]"
]
Kind = Literal["float32", "float64", "float16", "bfloat16", "int64", "uint8", "bool"]


def data() -> tuple[Tensor, Tensor]:
    """Grey values 0 to 1 [1797, 1, 8, 8] and digits [1797]."""
    with gzip.open(FILE, "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    pixels = torch.from_numpy(table[:, :64] / 16).reshape(-1, 1, 8, 8)
    return pixels, torch.from_numpy(table[:, 64].astype(np.int64))


def model() -> nn.Module:
    """Images [n, 1, 8, 8] to scores [n, 10]: one weight for each pixel and digit."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


def described(tensor: Tensor, axes: str) -> str:
    """Shape with the axes' names, dtype, numbers and bytes."""
    shape = "×".join(map(str, tensor.shape)) or "no axis: one number"
    count, each = tensor.numel(), tensor.element_size()
    kind = str(tensor.dtype).removeprefix("torch.")
    return (
        f"shape {shape}" + (f" ({axes})" if axes else "") + "\n"
        f"{count:,} {kind} of {each} bytes each: {count * each:,} bytes"
    )


def cut_out(x: Tensor, n: int, cut: Cut) -> Tensor:
    """The slice that is written in `cut`."""
    cuts = {
        "x[n]": x[n],
        "x[n, 0]": x[n, 0],
        "x[n, 0, 3]": x[n, 0, 3],
        "x[n, 0, :, 3]": x[n, 0, :, 3],
        "x[n, 0, 2:6, 1:7]": x[n, 0, 2:6, 1:7],
        "x[n, 0, 3, 3]": x[n, 0, 3, 3],
    }
    return cuts[cut]


AXES = {
    "x[n]": "channel, height, width",
    "x[n, 0]": "height, width",
    "x[n, 0, 3]": "width: row 3 from the top, counted from 0",
    "x[n, 0, :, 3]": "height: column 3 from the left",
    "x[n, 0, 2:6, 1:7]": "height, width: rows 2 to 5, columns 1 to 6",
    "x[n, 0, 3, 3]": "",
}


def view_digit(
    model: nn.Module, x: Tensor, y: Tensor, n: Number = 0, cut: Cut = "x[n]"
) -> dict[str, object]:
    """One digit, and what is cut out of it."""
    taken = cut_out(x, n, cut)
    values = "  ".join(f"{value:.2f}" for value in taken.reshape(-1)[:8].tolist())
    shape = "×".join(map(str, x.shape))
    said = (
        f"x: shape {shape} (example, channel, height, width)\n"
        f"{cut}: {described(taken, AXES[cut])}\n"
        f"{values}{' ...' if taken.numel() > 8 else ''}"
    )
    shown: dict[str, object] = {f"x[{n}] (a {int(y[n])})": x[n, 0]}
    if taken.numel() > 1:
        shown[cut] = taken.reshape(-1, taken.shape[-1])
    return shown | {"": said}


def view_padded(model: nn.Module, x: Tensor, y: Tensor, n: Number = 0) -> dict[str, object]:
    """The digit in the middle of 28 by 28 pixels: the rows it is in."""
    padded = F.pad(x[n], (10, 10, 10, 10))
    said = (
        f"rows 10 to 17 of F.pad(x[{n}], (10, 10, 10, 10))\n"
        f"{described(padded, 'channel, height, width')}\n"
        f"{int((padded != 0).sum())} of them are not 0, as many as before"
    )
    return {"(10 zeros, 8 pixels, 10 zeros)": padded[0, 10:18], "x[n]": x[n, 0], "": said}


def view_batch(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, object]:
    """64 padded digits as one tensor."""
    batch = F.pad(x[:64], (10, 10, 10, 10))
    said = (
        f"{described(batch, 'example, channel, height, width')}\n"
        f"in memory one long line: the next example is {batch.stride(0)} numbers on, the next "
        f"row {batch.stride(2)}, the next pixel {batch.stride(3)}"
    )
    row = x[:8, 0].permute(1, 0, 2).reshape(8, 64)
    return {"the first eight, unpadded": row, "": said}


def view_colour(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, object]:
    """64 colour images of 224 by 224 pixels; on the device `meta` a tensor has no memory."""
    batch = torch.empty(64, 3, 224, 224, device="meta")
    digits = prod(batch.shape) // (28 * 28)
    said = (
        f"torch.empty(64, 3, 224, 224)\n{described(batch, 'example, colour, height, width')}\n"
        f"as many numbers as {digits:,} digits of 28 by 28"
    )
    across = torch.linspace(0, 1, 16).expand(16, 16)
    away = torch.hypot(across - 0.5, across.T - 0.5)
    return {"red": across, "green": across.T, "blue": 1 - away, "": said}


def view_dtypes(
    model: nn.Module, x: Tensor, y: Tensor, dtype: Kind = "float32"
) -> dict[str, object]:
    """What each dtype can hold."""
    rows: list[tuple[str, ...]] = [("dtype", "bytes", "highest", "1/3", "16777217")]
    for name in Kind.__args__:
        kind = getattr(torch, name)
        size = torch.empty(0, dtype=kind).element_size()
        third, large = (kept(value, kind) for value in (1 / 3, 16777217))
        rows.append((name, str(size), limits(kind)[1], third, large))
    chosen = getattr(torch, dtype)
    third, large = kept(1 / 3, chosen), kept(16777217, chosen)
    said = (
        f"{dtype} goes from {' to '.join(limits(chosen))}\n"
        f"64×3×224×224 numbers of it take {64 * 3 * 224 * 224 * chosen.itemsize:,} bytes"
    )
    return {f"{dtype}: 1/3 is {third}, 16777217 is {large}": rows, "": said}


def kept(value: float, kind: torch.dtype) -> str:
    """What is left of a number in this dtype."""
    start = torch.float64 if isinstance(value, float) else torch.int64
    found = torch.tensor(value, dtype=start).to(kind).item()
    return str(found) if isinstance(found, bool | int) else f"{found:.10g}"


def limits(kind: torch.dtype) -> tuple[str, str]:
    if kind == torch.bool:
        return "False", "True"
    if kind.is_floating_point:
        return f"{torch.finfo(kind).min:.3g}", f"{torch.finfo(kind).max:.3g}"
    return f"{torch.iinfo(kind).min:.3g}", f"{torch.iinfo(kind).max:.3g}"


def view_sentence(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    word: Annotated[int, (0, 12), "which word of the sentence"] = 1,
) -> dict[str, object]:
    """A sentence as whole numbers, and each of them as zeros with a one."""
    words = SENTENCE.split()
    vocabulary = sorted(set(words))
    tokens = torch.tensor([vocabulary.index(each) for each in words])
    rows = F.one_hot(tokens, len(vocabulary))
    said = (
        f"{SENTENCE}\ntokens = {tokens.tolist()}\n"
        f"tokens[{word}] is {tokens[word]}: {words[word]!r} = {rows[word].tolist()}"
    )
    return {"": said, f"a column for each word said ({len(vocabulary)} are known)": rows.float().T}


def view_sound(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    pitch: Annotated[int, (50, 5000), "of the sound, in hertz", "log"] = 440,
) -> dict[str, object]:
    """A twentieth of a second of a pure tone as a line."""
    seconds = torch.arange(RATE // 20) / RATE
    sound = torch.sin(2 * torch.pi * pitch * seconds)
    return {
        f"{pitch} hertz, the first 80 of {len(sound)} numbers": sound[:80],
        "": f"shape {len(sound)} (time), {RATE:,} numbers a second",
    }


def view_weights(model: nn.Sequential, x: Tensor, y: Tensor) -> dict[str, object]:
    """The model's own tensors: ten images of weights, and as many of gradients."""
    layer = model[1]
    assert isinstance(layer, nn.Linear)
    weight, gradient = layer.weight, layer.weight.grad
    images = {"weight": weight} if gradient is None else {"weight": weight, "grad": gradient}
    state = "is None: no backward yet" if gradient is None else "has the same shape"
    said = f"weight {described(weight, 'digit, pixel')}\nweight.grad {state}"
    shown = {
        f"{name} (digits {first} to {first + 4})": tiles(tensor[first : first + 5])
        for first in (0, 5)
        for name, tensor in images.items()
    }
    return {"": said, **shown} if gradient is None else {**shown, "": said}


def tiles(rows: Tensor) -> Tensor:
    """Five rows [64] as images of 8 by 8 beside each other, a column apart."""
    return torch.cat([F.pad(row.reshape(8, 8), (0, 1)) for row in rows], 1)[:, :-1]
