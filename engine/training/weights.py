"""Weights in files: a model's state dict written, and a file's tensors back into a model.

The session calls `load` for `--weights` (what fits), `save`, `read_all` and `put` for orders (all
or nothing), and `keep` when a run ends. Pickles are read with `weights_only`, so a file can hold
tensors and nothing that runs. A file is whole or not there: it is written beside its place and
then moved; one that holds anything but this model's weights is never replaced.
"""

import errno
import os
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from ..runs.directory import WEIGHTS, RunSpec

KEPT_BYTES = 256 * 1024 * 1024  # weights that a run keeps in its directory when it ends
WRAPPERS = ("module.", "_orig_mod.")  # DataParallel's and torch.compile's prefixes
NESTED = ("state_dict", "model")  # where checkpoints keep the weights
_NAMED = 3  # misfits spelt out


def load(model: nn.Module, path: Path) -> str:
    """Copy every tensor whose name and shape fit; a sentence says how many, and why not others.

    Reads `.safetensors`, and `.pt` or `.pth` with a state dict, also under "state_dict" or
    "model". Raises `ValueError`, a sentence with what to do, where nothing can be loaded.
    """
    found = _without_wrappers(_read(path))
    wanted = model.state_dict()
    fitting = {
        name: tensor
        for name, tensor in wanted.items()
        if name in found and found[name].shape == tensor.shape
    }
    misfits = _misfits(wanted, found, fitting)
    if not fitting:
        raise ValueError(f"nothing in {path.name} fits this model: {misfits}")
    with torch.no_grad():
        for name, tensor in fitting.items():
            tensor.copy_(found[name])
    count = f"{len(fitting)} of {len(wanted)} tensors of the model start from {path.name}"
    return f"{count}; {misfits}" if misfits else count


def read_all(model: nn.Module, path: Path) -> dict[str, Tensor]:
    """A file's tensors, which have exactly the names and shapes of the model's.

    Raises `ValueError` that names those which are missing, too many or of another shape.
    """
    found, wanted = _without_wrappers(_read(path)), model.state_dict()
    fitting = {n: t for n, t in wanted.items() if n in found and found[n].shape == t.shape}
    if misfits := _misfits(wanted, found, fitting):
        raise ValueError(f"{misfits}: {path.name} is of another model, nothing was loaded")
    return found


def put(model: nn.Module, found: Mapping[str, Tensor]) -> None:
    """Copy what `read_all` found into the model."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            tensor.copy_(found[name])


def save(model: nn.Module, path: Path) -> str:
    """Write the state dict to `path`, .safetensors or .pt; a sentence says what was written.

    Raises `ValueError`, a sentence with what to do, and leaves what was there as it was.
    """
    check_place(model, path)
    state = {name: tensor.detach().cpu() for name, tensor in model.state_dict().items()}
    try:
        size = _write(state, path)
    except OSError as error:
        raise ValueError(f"{path} was not written: {_why(error)}") from None
    return f"{tensors(len(state))}, {size:,} bytes in {path.name}"


def check_place(model: nn.Module, path: Path) -> None:
    """Raises `ValueError` where this model's weights cannot go to `path`, for its name, for its
    place, or for what is there and would be lost."""
    if path.suffix not in (".safetensors", ".pt", ".pth"):
        raise ValueError(f"weights go to a file that ends in .safetensors or .pt, not {path.name}")
    if not path.parent.is_dir():
        raise ValueError(f"there is no directory {path.parent} to write {path.name} to")
    if path.is_dir():
        raise ValueError(f"{path} is a directory; name a file in it")
    if path.exists() and (others := _others(model, path)):
        raise ValueError(
            f"{path.name} is there already, and {others}: nothing was written; "
            "take another name, or delete it first"
        )


def _others(model: nn.Module, path: Path) -> str:
    """What a file holds besides the weights of this model, however trained; "" for nothing."""
    try:
        content = _content(path)
    except ValueError:
        return "is no file of weights"
    mapping = cast(Mapping[Any, Any], content) if isinstance(content, Mapping) else {}
    found = {str(name): value for name, value in mapping.items() if _is_plain(value)}
    if not found or len(found) < len(mapping):
        return "holds more than weights"
    wanted = model.state_dict()
    fitting = {n: t for n, t in wanted.items() if n in found and found[n].shape == t.shape}
    misfits = _misfits(wanted, found, fitting)
    return f"is of another model ({misfits})" if misfits else ""


def keep(model: nn.Module, spec: RunSpec) -> tuple[list[str], bool]:
    """When a run ends: its weights into its directory, and to the file that `--save` named.

    What there is to say, and whether all went well. Never raises: the end goes on.
    """
    said: list[str] = []
    well = True
    try:
        if spec.save:
            said.append(save(model, Path(spec.save)))
    except Exception as error:  # a state dict of the user's own may hold anything
        said.append(f"the weights were not saved: {error}")
        well = False
    try:
        size = sum(t.numel() * t.element_size() for t in model.state_dict().values())
        Path(spec.directory, WEIGHTS).unlink(missing_ok=True)
        if size <= KEPT_BYTES:
            save(model, Path(spec.directory, WEIGHTS))
        elif not spec.save:
            said.append(f"the run does not keep its weights: they are {size / 2**20:,.0f} MiB")
    except Exception as error:
        said.append(f"the run could not keep its weights: {error}")
    return said, well


def _write(state: Mapping[str, Tensor], path: Path) -> int:
    """A temporary file beside `path` that takes its place once all of it is on the disk."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(number, "wb") as file:
            if path.suffix == ".safetensors":  # each tensor by itself: no memory may be shared
                file.write(safetensors.torch.save({n: t.clone() for n, t in state.items()}))
            else:
                torch.save(dict(state), file)
            file.flush()
            os.fsync(number)
            size = file.tell()
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
        return size
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _why(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; make room, or name another place"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "writing there is not allowed; name another place"
    return error.strerror or str(error)


def tensors(count: int) -> str:
    return f"{count} tensor{'s' if count != 1 else ''}"


def _read(path: Path) -> dict[str, Tensor]:
    """The tensors of a file. Raises `ValueError`, a sentence with what to do."""
    return _state_dict(_content(path), path)


def _content(path: Path) -> object:
    if path.suffix not in (".safetensors", ".pt", ".pth"):
        raise ValueError(f"{path.name} should end in .safetensors, .pt or .pth to be weights")
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise ValueError(
            f"{path.name} holds more than weights, or is no file of torch's; save "
            "model.state_dict() and use that"
        ) from None
    except Exception as error:  # torch's unpickler lets any kind through on a damaged file
        raise ValueError(f"{path.name} cannot be read as weights: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """The error's first sentence where it has one."""
    if isinstance(error, OSError | RuntimeError | safetensors.SafetensorError) and str(error):
        return str(error).strip().split("\n")[0].split(". ")[0]
    return "it is damaged, or no file of torch's"


def _state_dict(content: object, path: Path) -> dict[str, Tensor]:
    """The tensors of a state dict, whether by itself or inside a checkpoint."""
    if isinstance(content, Mapping):
        mapping = cast(Mapping[Any, Any], content)
        for key in NESTED:
            if isinstance(mapping.get(key), Mapping):
                return _state_dict(mapping[key], path)
        tensors = {str(k): v for k, v in mapping.items() if _is_plain(v)}
        if tensors:
            return tensors
    raise ValueError(
        f"{path.name} holds no state dict but {type(content).__name__}; save "
        "model.state_dict() and use that"
    )


def _is_plain(value: object) -> bool:
    """Whether this is a tensor with numbers that can be copied: not sparse, not without storage."""
    return isinstance(value, Tensor) and value.layout == torch.strided and not value.is_meta


def _without_wrappers(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Names as the bare model has them, where every one carries a wrapper's prefix."""
    for prefix in WRAPPERS:
        if tensors and all(name.startswith(prefix) for name in tensors):
            return _without_wrappers({n.removeprefix(prefix): t for n, t in tensors.items()})
    return tensors


def _misfits(
    wanted: Mapping[str, Tensor], found: Mapping[str, Tensor], fitting: Mapping[str, Tensor]
) -> str:
    """Each tensor that stayed as it was and why, then what the file has too much; "" for none."""
    reasons = [
        f"{name} is {_shape(tensor)} here and {_shape(found[name])} in the file"
        if name in found
        else f"{name} is not in the file"
        for name, tensor in wanted.items()
        if name not in fitting
    ]
    reasons += [f"{name} is only in the file" for name in found if name not in wanted]
    more = [f"and {len(reasons) - _NAMED} more"] if len(reasons) > _NAMED else []
    return ", ".join(reasons[:_NAMED] + more)


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a scalar"
