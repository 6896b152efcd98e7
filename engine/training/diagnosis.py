"""What went wrong, in one sentence: a number that is no longer finite, full memory, user code."""

import linecache
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..experiment.experiment import UserError, blame
from ..protocol.state import Problem
from .dataset import DataError
from .device import out_of_memory
from .losses import ShapeError, shape
from .training import Training

_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_ENGINE = Path(__file__).parents[1]
_SPEAKS = [  # packages whose `ValueError`s are sentences for the user; a lesson's are not
    _ENGINE / name
    for name in ("protocol", "runs", "experiment", "training", "history", "callbacks", "session")
]
_DTYPES = {
    torch.float32: "f32",
    torch.float64: "f64",
    torch.float16: "f16",
    torch.bfloat16: "bf16",
    torch.int64: "i64",
    torch.int32: "i32",
    torch.uint8: "u8",
    torch.bool: "bool",
}


def describe(value: Any) -> str:
    """Shape and dtype of a tensor, or of every tensor in a batch: `64×1×8×8 f32, 64 i64`."""
    if isinstance(value, Tensor):
        return f"{shape(value)} {_DTYPES.get(value.dtype, str(value.dtype).removeprefix('torch.'))}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {describe(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(describe(part) for part in value)
    return type(value).__name__ if value is not None else ""


def not_finite(t: Training, step: int, value: float) -> Problem:
    """Why the loss of `step` is NaN or infinite, as far as the tensors tell."""
    return Problem(f"loss is {value:g} at step {step}: {_culprit(t)}")


def _culprit(t: Training) -> str:
    for name, parameter in t.model.named_parameters():
        if bad := _first_bad(parameter):
            return f"parameter {name} went bad first ({bad}); lower lr and restart with R"
    for name, tensor in _leaves(t.batch):
        if bad := _first_bad(tensor):
            return f"the batch itself is not finite ({name}: {bad}); look at the data"
    named: list[tuple[str, Tensor]] = [
        (n, p) for n, p in t.model.named_parameters() if p.requires_grad
    ]
    if name := _first_bad_gradient(t, named):
        return (
            f"all parameters are still finite, the gradient of {name} goes bad first; "
            "this update was not made: lower lr and restart with R"
        )
    largest, name = max((float(p.detach().abs().max()), n) for n, p in named)
    return (
        f"all parameters are still finite, the largest is {name} ({largest:.3g}); "
        "this update was not made: lower lr and restart with R"
    )


def _first_bad(tensor: Tensor) -> str:
    if not tensor.is_floating_point():
        return ""
    bad = (~torch.isfinite(tensor.detach())).nonzero()
    if not len(bad):
        return ""
    where = tuple(bad[0].tolist())
    return f"{tensor.detach()[where].item()} at {list(where)}" if where else f"{tensor.item()}"


def _first_bad_gradient(t: Training, named: list[tuple[str, Tensor]]) -> str:
    if not t.loss.requires_grad:
        return ""
    try:
        gradients = torch.autograd.grad(
            t.loss, [p for _, p in named], retain_graph=True, allow_unused=True
        )
    except RuntimeError:  # the graph was freed: an accelerator reports after the step
        return ""
    for (name, _), gradient in zip(named, gradients, strict=True):
        if gradient is not None and _first_bad(gradient):  # pyright: ignore[reportUnnecessaryComparison]
            return name
    return ""


def _leaves(batch: Any) -> list[tuple[str, Tensor]]:
    if isinstance(batch, Tensor):
        return [("x", batch)]
    if isinstance(batch, dict):
        return [(str(name), value) for name, value in batch.items() if isinstance(value, Tensor)]
    names = ("x", "target", *(f"part {i}" for i in range(2, 99)))
    return [(n, v) for n, v in zip(names, batch, strict=False) if isinstance(v, Tensor)]


def full_memory(error: BaseException) -> bool:
    cause = error.__cause__ if isinstance(error, UserError) else error
    return isinstance(cause, MemoryError) or (cause is not None and out_of_memory(cause))


def our_own(error: BaseException) -> bool:
    """A `ValueError` that the engine itself raised: its sentence is meant for the user."""
    if isinstance(error, DataError | ShapeError):
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    raised_in = Path(trace.tb_frame.f_code.co_filename) if trace is not None else Path()
    return isinstance(error, ValueError) and raised_in.parent in _SPEAKS


def _in_worker(error: BaseException, path: Path) -> Problem | None:
    """What a loader worker raised: torch hands over the class, and the trace as text."""
    said = str(error.args[0]) if error.args else ""
    if not said.startswith("Caught ") or "DataLoader worker process" not in said:
        return None
    frames = [(Path(file), int(line)) for file, line in _FRAME.findall(said)]
    own = [(file, line) for file, line in frames if file == path] or [
        (file, line) for file, line in frames if path.parent == file.parent
    ]
    cause = said.strip().splitlines()[-1]
    if not own:
        return Problem(f"a loader worker raised {cause}")
    file, line = own[-1]
    source = linecache.getline(str(file), line).strip()
    place = f"{file.name}, line {line}" + (f": {source}" if source else "")
    return Problem(f"a loader worker raised {cause} ({place})", str(file), line, source)


def problem_of(error: BaseException, path: Path, doing: str, batch: Any, step: int) -> Problem:
    """One sentence for whatever a step or a build raised; `step` is the number of steps taken."""
    if full_memory(error):
        problem = Problem(
            f"out of memory in {doing}: choose a smaller batch_size or model, then go on"
        )
    elif isinstance(error, UserError):
        problem = error.problem
    elif our_own(error):
        problem = Problem(str(error), file=str(path))
    else:
        problem = _in_worker(error, path) or blame(error, path, doing)
        if described := describe(batch):
            sentence = f"{problem.sentence.rstrip('.')}; the batch is {described}"
            problem = Problem(sentence, problem.file, problem.line, problem.source)
    return Problem(problem.sentence, problem.file, problem.line, problem.source, step == 0)
