"""Where training computes: which devices there are, what they can do, how full they are.

The session asks. Much of this touches the accelerator's driver, so it belongs in its thread.
"""

from collections.abc import Generator
from contextlib import contextmanager

import torch

from ..protocol.state import Memory

_FULL = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "alloc_failed",  # cuBLAS and cuDNN say it so
)


def resolve(name: str, lesson: bool) -> torch.device:
    """The device called `auto`, `cpu`, `cuda`, `cuda:1` or `mps`; `auto` is the CPU for lessons.

    Raises `ValueError` that lists what is there where `name` is not.
    """
    wanted = name.strip().lower()
    if wanted == "cpu" or (wanted == "auto" and lesson):
        return torch.device("cpu")
    there = available()
    if wanted == "auto":
        return torch.device(there[1] if len(there) > 1 else "cpu")
    wanted = "cuda:0" if wanted == "cuda" else wanted
    if wanted not in there:
        raise ValueError(
            f"there is no device {name.strip()!r} here; device takes auto or one of "
            + ", ".join(there)
        )
    return torch.device(wanted)


def available() -> tuple[str, ...]:
    """The devices of this machine, the CPU first, then the fastest."""
    cuda = tuple(f"cuda:{index}" for index in range(torch.cuda.device_count()))
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    return ("cpu", *(cuda if torch.cuda.is_available() else ()), *mps)


def precisions(device: torch.device) -> tuple[str, ...]:
    """What the knob `precision` can be there."""
    match device.type:
        case "cuda":
            with torch.cuda.device(device):
                bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
            return ("fp32", "bf16", "fp16") if bf16 else ("fp32", "fp16")
        case "mps":
            bf16 = torch.backends.mps.is_macos_or_newer(14, 0)
            return ("fp32", "bf16", "fp16") if bf16 else ("fp32", "fp16")
        case _:
            return ("fp32", "bf16")


def memory(device: torch.device) -> Memory | None:
    """Memory that tensors hold on a CUDA device and held at most; `None` elsewhere."""
    if device.type != "cuda":
        return None
    return Memory(
        used=torch.cuda.memory_allocated(device),
        peak=max(torch.cuda.max_memory_allocated(device), _peaks.get(device, 0)),
        total=torch.cuda.get_device_properties(device).total_memory,
    )


_peaks: dict[torch.device, int] = {}  # of before the allocator's own count was begun anew


@contextmanager
def own_peak(device: torch.device) -> Generator[None]:
    """Inside, the allocator's peak may be reset; afterwards the run's own is as it was."""
    if device.type != "cuda":
        yield
        return
    peak = max(torch.cuda.max_memory_allocated(device), _peaks.get(device, 0))
    try:
        yield
    finally:
        _peaks[device] = peak
        torch.cuda.reset_peak_memory_stats(device)


def synchronize(device: torch.device) -> None:
    """Wait until the device has done all it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def out_of_memory(error: BaseException) -> bool:
    """Whether this error, or one it was raised from, says that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    sentence = str(error).lower()
    if isinstance(error, RuntimeError) and any(words in sentence for words in _FULL):
        return True
    return error.__cause__ is not None and out_of_memory(error.__cause__)
