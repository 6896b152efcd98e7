"""Save, break, load: what a model file is

See
  What training leaves behind is numbers with names: the state dict. Here it is the weights of
  two layers and, between them, what a batch norm noted of its inputs (its buffers). A model
  file is that list and the bytes: no code, no data, no optimizer. So a file is of use only to
  code that has parameters of the same names and shapes. torch.save can also pickle the whole
  model; such a file names the class to import and may run anything when it is read, so
  torch.load refuses it unless told otherwise (weights_only). A safetensors file holds tensors
  and nothing else. Using a model changes none of them; only training does. In the messages
  below, loss here is that of the training data; valid is that of the held-out data.

Try
  1. Press space and wait for the end. Then W, enter: it is saved. The weights are in a file.
     {saves >= 1 and step >= 200}
  2. Press v and 3; note valid and the checksum. Then R, w, v: new weights know nothing. What
     was learned is in the file alone. {restarts >= 1 and saves >= 1 and valid_loss > 0.3}
  3. Press L, enter, then v: whole again. At step 0 the checksum is the one you noted, and valid
     is the same to its last digit.
     {loads >= 1 and restarts >= 1 and step = 0 and valid_loss < 0.3}
  4. Set hidden to 16, then L, enter: refused. The same names, other shapes. Which?
     {hidden = 16 and refusals >= 1}
  5. Set hidden to 8 and names to fc, then L, enter: refused. The same shapes, other names.
     {hidden = 8 and names = fc and refusals >= 1}
  6. Set names to words, then L, enter: it fits. {names = fc then names = words and loads >= 1}
  7. Press 2: the list, and what three kinds of file make of it. Then 3: a checksum, before and
     after 1,000 predictions. {saw = file then saw = checksum}
  8. Press p, then p again: use the model yourself. Its weights are named by the checksum's
     first digits. {predictions >= 1}

Read
  PyTorch documentation: Saving and Loading Models; torch.load and its weights_only.
  Hugging Face: the safetensors format (2022), tensors in a file that cannot run code.
  Ioffe, Szegedy: Batch Normalization (2015), for the buffers.
"""

import copy
import hashlib
import io
import pickle
from typing import Annotated, Literal

import safetensors.torch
import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adam",
    "lr": 0.03,
    "batch_size": 50,
    "valid": 0.25,
    "stop": "step>=300",
    "threads": 1,
}
names = {"x": ["x1", "x2"], "y": "class", "classes": ["disc", "ring"]}
show = ["boundary", "file", "checksum"]


def data(points: Annotated[int, (40, 2000)] = 400) -> tuple[Tensor, Tensor]:
    """Points [points, 2] in a disc or in the ring around it, and which [points]."""
    y = torch.arange(points) % 2
    radius = torch.where(y == 0, 2 * torch.rand(points), 3 + torch.rand(points))
    angle = 6.2832 * torch.rand(points)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1), y


class Network(nn.Module):
    """Points [n, 2] to scores [n, 2]. The names of its parts are those in the file."""

    def __init__(self, hidden: int, names: str) -> None:
        super().__init__()
        first, last = ("hidden", "output") if names == "words" else ("fc1", "fc2")
        self.add_module(first, nn.Linear(2, hidden))
        self.norm = nn.BatchNorm1d(hidden)
        self.add_module(last, nn.Linear(hidden, 2))
        self.order = (first, last)

    def forward(self, x: Tensor) -> Tensor:
        first, last = (self.get_submodule(name) for name in self.order)
        return last(self.norm(first(x)).relu())


def model(
    hidden: Annotated[int, (1, 64), "log"] = 8, names: Literal["words", "fc"] = "words"
) -> nn.Module:
    return Network(hidden, names)


def checksum(model: nn.Module) -> str:
    """The first digits of a SHA-256 over all parameters and buffers: names, types and bytes."""
    found = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.numpy().tobytes())
    return found.hexdigest()[:16]


def view_file(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, list[tuple[str, ...]]]:
    """The state dict, tensor by tensor, and three ways to put it into a file."""
    learned = dict(model.named_parameters())
    rows = [("name", "shape", "dtype", "bytes", "")]
    for name, tensor in model.state_dict().items():
        shape = "×".join(map(str, tensor.shape)) or "scalar"
        kind = "parameter" if name in learned else "buffer"
        size = f"{tensor.numel() * tensor.element_size():,}"
        rows.append((name, shape, str(tensor.dtype).removeprefix("torch."), size, kind))
    state = model.state_dict()
    ways = [("written with", "bytes", "read as weights_only")]
    for words, content in {"torch.save(model)": model, "torch.save(state_dict)": state}.items():
        size, said = written(content)
        ways.append((words, f"{size:,}", said))
    size = len(safetensors.torch.save(state))
    ways.append(("safetensors", f"{size:,}", "holds tensors only"))
    return {"the state dict": rows, "three files": ways}


def written(content: object) -> tuple[int, str]:
    """Bytes that torch.save makes of it, and whether they can be read as weights only."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    size = buffer.tell()
    buffer.seek(0)
    try:
        back = torch.load(buffer, weights_only=True)
    except pickle.UnpicklingError:
        return size, "refused: may run code"
    return size, f"a dict of {len(back)} tensors"


before_and_after: dict[str, tuple[str, str]] = {}  # by checksum, so that a step counts once


def view_checksum(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, object]:
    """1,000 predictions, one example each, and what they left of the weights."""
    before = checksum(model)
    if before not in before_and_after:
        before_and_after.clear()
        model.eval()
        for i in range(1000):
            model(x[i % len(x)][None])
        after = checksum(model)
        noting = copy.deepcopy(model).train()
        noting(x)
        before_and_after[before] = after, checksum(noting)
    after, noted = before_and_after[before]
    rows = [
        ("", "SHA-256", ""),
        ("before", before, ""),
        ("after 1,000 in eval()", after, same(before, after)),
        ("a copy, 1 in train()", noted, same(before, noted)),
    ]
    why = "In train() a batch norm notes mean and variance of what it sees: buffers change, "
    why += "without any training. That is why inference begins with model.eval()."
    return {"all tensors, before and after predictions": rows, "why": why}


def same(one: str, other: str) -> str:
    return "the same" if one == other else "CHANGED"
