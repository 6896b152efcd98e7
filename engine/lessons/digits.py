"""Read handwritten digits

See
  1,797 digits that people wrote, 8 by 8 pixels each: a tensor 1797×1×8×8 of grey values. The
  network turns 64 of them into ten scores, one for each digit, and softmax turns scores into
  probabilities: the bars. It starts as a guess (10 % right, loss 2.3 = log 10) and passes 90 %
  on digits it never saw well before step 200. The confusion matrix shows which it takes for
  which: what it reads lies on the diagonal. Where there is no room for it, the commonest
  mistakes are listed. A convolution looks at patches of 3 by 3 pixels, with the same weights
  all over.

  Training and inference are not the same: train() drops units, keeps what backward needs and
  moves weights; eval() uses all units and changes nothing.

  MNIST, where you have its four files: foghill run digits --data FOLDER

Try
  1. Press space. Which digits does it learn first, which does it mix up longest?
     {step >= 200 and valid_accuracy > 0.9}
  2. Press 2: its worst mistakes, the largest loss first. Could you have read those?
     {saw = worst and step >= 100}
  3. Press 4, and set architecture to conv: what leaves each layer. Where are most weights?
     {saw = shapes and architecture = conv}
  4. Set architecture to mlp, init to 10; press R, s, then s and 1: untrained, and sure of what
     is wrong. A guess costs 2.3; and this? {init >= 10 and loss > 5}
  5. Run 600 steps with each loss, from that start: R, s, space. Of cross_entropy, mse and mae
     only one finds out from every start. Why? {init >= 10 and loss = mae and step >= 300}
  6. Set init 1, loss cross_entropy, dropout 0.5, and press 5. One image, six passes: which
     column changes? {dropout >= 0.5 and saw = modes}
  7. Press M: what a step costs beyond a prediction: time, memory. {saw = cost}
  8. Set dropout to 0, R, s, space, then 6: moved by a pixel, not half are read. Set shift to 1,
     R, s, space. What did it cost? {shift >= 1 and saw = moved and step >= 200}
  9. Set shift to 0 and valid to 0.9, then R, s, space. 180 digits alone, known by heart: how
     far apart are train and valid at the end? {valid >= 0.9 and step >= 400}
  10. Set patience to 10, then R, s, space: it ends ten epochs after the best validation. At
     which step was that?
     {patience >= 5 and valid >= 0.9 and status = paused and step >= 100 and step < 590}

Read
  LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document
  recognition (1998). Its section 2 has the loss, its section 3 the digits.
  Simard, Steinkraus, Platt: Best practices for convolutional neural networks (2003), on
  moved and turned copies. Srivastava et al.: Dropout (2014).
  The digits: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998).
"""

import gzip
import math
import zlib
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adam",
    "lr": 5e-3,
    "batch_size": 64,
    "valid": 0.2,
    "stop": "step>=600",
    "threads": 1,
}
names = {"x": ["pixels"], "y": "digit", "classes": [str(digit) for digit in range(10)]}
show = ["gallery", "worst", "confusion", "shapes", "modes", "moved"]
FILE = Path(__file__).parent.parent / "data" / "digits.csv.gz"
Rows = tuple[Tensor, Tensor]


def data(data_dir: str = "") -> Rows | tuple[Rows, Rows]:
    """Grey values 0 to 1 [1797, 1, 8, 8] and digits [1797]; with a folder, MNIST's [n, 1, 28, 28].

    MNIST comes in two parts, to train on and to hold out; ours is split by `valid`.
    """
    if data_dir:
        return mnist(data_dir, "train"), mnist(data_dir, "t10k")
    with gzip.open(FILE, "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    pixels = torch.from_numpy(table[:, :64] / 16).reshape(-1, 1, 8, 8)
    return pixels, torch.from_numpy(table[:, 64].astype(np.int64))


def mnist(folder: str, part: str) -> Rows:
    """Images [n, 1, 28, 28] and digits [n] of one part, "train" or "t10k", from its IDX files."""
    images = idx(folder, f"{part}-images-idx3-ubyte", 3)
    labels = idx(folder, f"{part}-labels-idx1-ubyte", 1)
    if images.shape[1:] != (28, 28) or len(images) != len(labels):
        shapes = f"{images.shape} and {labels.shape}"
        raise ValueError(f"the {part} images and labels in {folder} do not fit: {shapes}")
    pixels = torch.from_numpy(images / np.float32(255))[:, None]
    return pixels, torch.from_numpy(labels.astype(np.int64))


def idx(folder: str, name: str, dimensions: int) -> np.ndarray:
    """An array of bytes from an IDX file: 0, 0, 8, how many sizes, each size in 4 bytes, bytes."""
    path = next((p for p in (Path(folder, name), Path(folder, name + ".gz")) if p.is_file()), None)
    if path is None:
        raise ValueError(f"there is no {name} or {name}.gz in {folder}")
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path.name} cannot be unpacked: {error}") from None
    head = 4 + 4 * dimensions
    whole = content[:4] == bytes([0, 0, 8, dimensions]) and len(content) >= head
    sizes = np.frombuffer(content[4:head], ">u4").tolist() if whole else []
    if not whole or len(content) != head + math.prod(sizes):
        raise ValueError(f"{path.name} is no whole IDX file of bytes in {dimensions} dimensions")
    return np.frombuffer(content[head:], np.uint8).reshape(sizes)


def model(
    architecture: Literal["mlp", "conv"] = "mlp",
    width: Annotated[int, (1, 512), "log"] = 64,
    dropout: Annotated[float, (0.0, 0.9)] = 0.0,
    init: Annotated[float, (0.1, 30.0), "log"] = 1.0,
    data_dir: str = "",
) -> nn.Module:
    """Images [n, 1, side, side] to logits [n, 10]; starting weights are torch's times `init`."""
    side = 28 if data_dir else 8
    if architecture == "mlp":
        layers = [nn.Flatten(), nn.Linear(side * side, width), nn.ReLU(), nn.Dropout(dropout)]
        last = nn.Linear(width, 10)
    else:
        few, more = width // 4 + 1, width // 2 + 1
        layers = [nn.Conv2d(1, few, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv2d(few, more, 3, stride=2, padding=1), nn.ReLU()]
        layers += [nn.Flatten(), nn.Dropout(dropout)]
        last = nn.Linear(more * (side // 2) ** 2, 10)
    network = nn.Sequential(*layers, last)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter *= init
    return network


def loss(
    prediction: Tensor,
    target: Tensor,
    loss: Literal["cross_entropy", "mse", "mae"] = "cross_entropy",
) -> Tensor:
    """Of the logits, or of the probabilities against 1 for the digit and 0 for the others."""
    if loss == "cross_entropy":
        return nn.functional.cross_entropy(prediction, target)
    right = nn.functional.one_hot(target, 10).float()
    distance = {"mse": nn.functional.mse_loss, "mae": nn.functional.l1_loss}[loss]
    return distance(prediction.softmax(1), right)


def augment(
    x: Tensor,
    shift: Annotated[int, (0, 4)] = 0,
    rotate: Annotated[float, (0.0, 45.0)] = 0.0,
    noise: Annotated[float, (0.0, 1.0)] = 0.0,
) -> Tensor:
    """Each image moved by up to `shift` pixels, turned by up to `rotate` degrees, and noisy."""
    if shift or rotate:
        n, side = len(x), x.shape[-1]
        move = torch.randint(-shift, shift + 1, (n, 2)) * 2 / side
        angle = torch.deg2rad((2 * torch.rand(n) - 1) * rotate)
        rows = [angle.cos(), -angle.sin(), move[:, 0], angle.sin(), angle.cos(), move[:, 1]]
        theta = torch.stack(rows, 1).reshape(n, 2, 3).to(x)
        grid = nn.functional.affine_grid(theta, list(x.shape), align_corners=False)
        x = nn.functional.grid_sample(x, grid, align_corners=False)
    return x + noise * torch.randn_like(x) if noise else x


Table = list[tuple[str, ...]]


def view_shapes(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, Table]:
    """A batch of 64 on its way through the layers."""
    x = x[:64]
    rows = [("layer", "what leaves it", "dtype", "numbers", "weights")]
    rows.append(("input", "×".join(map(str, x.shape)), str(x.dtype)[6:], f"{x.numel():,}", ""))
    for layer in model.children():
        x = layer(x)
        shape, weights = "×".join(map(str, x.shape)), sum(p.numel() for p in layer.parameters())
        numbers, count = f"{x.numel():,}", f"{weights:,}" if weights else ""
        rows.append((type(layer).__name__, shape, str(x.dtype)[6:], numbers, count))
    return {"a batch on its way": rows}


def view_modes(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, object]:
    """One image, passed six times as in training and six times as in use."""
    digit = int(y[0])
    rows = [("pass", "train()", "eval()")]
    for number in range(1, 7):
        a, b = (model.train(mode)(x[:1]).softmax(1)[0, digit].item() for mode in (True, False))
        rows.append((str(number), f"{a:.4f}", f"{b:.4f}"))
    drops = [layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)]
    what = f"drops {100 * max(drops):.0f} % of the units, others each time"
    return {
        f"how probable the model finds it that this {digit} is a {digit}": rows,
        "why": f"train() {what}; eval() uses all of them."
        if max(drops)
        else "dropout is 0: both say the same. Set dropout to 0.5.",
    }


def view_moved(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, Table]:
    """How many of 500 training images are read when they are changed a little."""
    x, y = x[:500], y[:500]
    changed = {
        "as they are": x,
        "moved by up to a pixel": augment(x, shift=1),
        "turned by up to 15°": augment(x, rotate=15.0),
        "with noise 0.2": augment(x, noise=0.2),
    }
    rows = [("the same images", "read")]
    for how, images in changed.items():
        read = (model(images).argmax(1) == y).float().mean().item()
        rows.append((how, f"{100 * read:.1f} %"))
    return {"changed a little": rows}
