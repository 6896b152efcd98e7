"""A run as a plain PyTorch script, for `foghill export --script`.

The experiment is loaded once more, with the knobs as they
stand, and one step is taken as far as its loss: so the script has only lines that this run
needs. On the CPU it prints the losses of the run, bit for bit.
"""

import hashlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from msgspec.structs import replace

from ..experiment.experiment import Experiment, UserError, load
from ..experiment.randomness import generators, seed_everything
from ..history.csv import whole_or_not_at_all
from ..history.database import read_knobs
from ..protocol.client import Client
from ..protocol.knob import Value
from ..protocol.state import State
from ..runs.catalog import socket_path
from ..runs.directory import CatalogError, RunSpec, read_end_note, read_spec
from ..training.loader import Loader
from ..training.loop import train
from ..training.training import Training
from .journal import Past, past
from .loop import Writer
from .source import needed
from .table import table_source
from .words import Facts, docstring, indented, with_imports, written

_FUNCTIONS = ("data", "model", "loss", "optimizer", "step", "augment")
_STEPS = 100  # of a run that has no end and has not begun


class ScriptError(ValueError):
    """There can be no script of this run; one sentence."""


def export(directory: Path, target: str) -> int:
    """Write the script to `target` ("-": standard output); the exit code."""
    try:
        text, name = script(directory)
        if target == "-":
            print(text, end="")
            return 0
        with whole_or_not_at_all(Path(target)) as file:
            file.write(text)
    except (ScriptError, CatalogError) as error:
        return _complain(str(error))
    except UserError as error:
        return _complain(error.problem.sentence)
    except OSError as error:
        return _complain(f"cannot write {target}: {error.strerror or error}")
    print(f"{target}: {name} as a plain PyTorch script; start it with: python {target}")
    return 0


def script(directory: Path) -> tuple[str, str]:
    """The script of the run in `directory`, and the run's name."""
    spec, state = read_spec(directory), _state_of_living(directory)
    values = _values(directory, state)
    text, path = _source(spec, directory)
    typed = {name: _typed(value) for name, value in values.items()}
    experiment = load(replace(spec, path=str(path), settings=typed))
    try:
        return _written(spec, experiment, text, _taken(directory, state), directory), spec.name
    except UserError:
        raise
    except Exception as error:  # user code may raise anything
        raise ScriptError(f"{spec.experiment} cannot be built: {error}") from error


def _state_of_living(directory: Path) -> State | None:
    try:
        with Client(socket_path(directory), "watcher", name="export", timeout=2.0) as client:
            return client.state
    except (OSError, ValueError):
        return None


def _values(directory: Path, state: State | None) -> dict[str, Value]:
    try:
        stored = read_knobs(directory)
    except OSError:
        stored = {}
    if state is not None:
        stored |= {knob.name: knob.value for knob in state.knobs}
    if not stored:
        raise ScriptError("this run was never built, so there is nothing to export")
    return stored


def _typed(value: Value) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _taken(directory: Path, state: State | None) -> int:
    if state is not None:
        return state.step
    end = read_end_note(directory)
    return end.step if end else 0


def _source(spec: RunSpec, directory: Path) -> tuple[str, Path]:
    """The experiment's text as the run began with it, and the file to load it from."""
    path = Path(spec.path)
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == spec.source_sha256:
        return ("" if spec.kind == "table" else path.read_text("utf-8-sig")), path
    kept = directory / f"source{path.suffix.lower()}"
    if not kept.is_file():
        raise ScriptError(
            f"{path.name} has changed since this run began, and was too large to keep"
        )
    text = "" if spec.kind == "table" else kept.read_text("utf-8-sig")
    if "__file__" in text:
        raise ScriptError(
            f"{path.name} has changed since this run began; run it again, then export"
        )
    sys.path.insert(0, str(path.parent))
    return text, kept


def _written(spec: RunSpec, e: Experiment, text: str, taken: int, directory: Path) -> str:
    """The whole script."""
    t = Training(e, spec.kind == "lesson", "", e.knobs)
    _probe(t)
    before = past(directory, bool(spec.weights))
    facts = _facts(t, spec, taken, before)
    if spec.kind == "table":
        source = needed(table_source(e.path, spec.target), e.path, _FUNCTIONS)
        module = None
    else:
        module = _module(e.path)
        source = needed(text, Path(spec.path), _roots(t), module)
    writer = Writer(t, source, facts)
    lines = [f"torch.set_num_threads({t.values['threads']})", *writer.lines()]
    if _has_workers(t):  # they import the script, which must not train then
        main = writer.name("main", "train")
        guard = ["", "", 'if __name__ == "__main__":', f"    {main}()"]
        lines = [f"def {main}():", *indented(lines), *guard]
    ours = "\n\n\n".join([*writer.data.helpers(), "\n".join(lines)])
    imports, ours = with_imports(ours, source, module)
    top = [source.future, *imports]
    if source.folder:
        top.append(f"sys.path.insert(0, {written(source.folder)})  # what the experiment imports")
    above = "\n".join(line for line in top if line)
    gap = "\n" if source.text.startswith(("import", "from")) else "\n\n"
    said = docstring(t, spec, facts, before)
    return f"{said}\n\n{above}{gap if above else ''}{source.text.strip()}\n\n\n{ours}\n"


def _has_workers(t: Training) -> bool:
    """Whether the file's own loader starts processes."""
    return isinstance(t.feed, Loader) and t.feed.loader.num_workers > 0


def _module(path: Path) -> ModuleType | None:
    """The experiment's file as it was executed."""
    loaded = [m for m in list(sys.modules.values()) if getattr(m, "__file__", None) == str(path)]
    return loaded[-1] if loaded else None


def _roots(t: Training) -> set[str]:
    """The functions that training calls."""
    found = {name for name in _FUNCTIONS if name in t.experiment.functions}
    return found - {"loss"} if t.has_step else found


def _facts(t: Training, spec: RunSpec, taken: int, before: Past) -> Facts:
    """What must be known of a fresh start. Builds data and model once more."""
    groups: list[dict[str, Any]] = []
    draws = _drawn_since(t.seed)
    if t.returned is not None:
        seed_everything(t.data_seed)
        t.experiment.call("data")
        draws |= _drawn_since(t.data_seed)
    seed_everything(t.seed)
    model = t.experiment.call("model")
    if "optimizer" in t.experiment.functions:
        returned = t.experiment.call(
            "optimizer", [p for p in model.parameters() if p.requires_grad]
        )
        first = returned[0] if isinstance(returned, list | tuple) else returned
        groups = [{k: v for k, v in g.items() if k != "params"} for g in first.param_groups]
    weights = "" if before.weights_left else spec.weights
    steps = max(t.end_step, taken) or _STEPS
    return Facts(steps=steps, trains=model.training, weights=weights, draws=draws, groups=groups)


def _drawn_since(seed: int) -> frozenset[str]:
    """Which generators besides torch's have moved since they were seeded."""
    now = generators()
    seed_everything(seed)
    fresh = generators()
    moved = {"python": now.python != fresh.python, "numpy": repr(now.numpy) != repr(fresh.numpy)}
    return frozenset(name for name, has in moved.items() if has)


def _probe(t: Training) -> None:
    """One step as far as its loss: what batch, prediction and target are."""
    for phase in train(t):
        if phase == "loss":
            return


def _complain(sentence: str) -> int:
    print(f"foghill: {sentence}", file=sys.stderr)
    return 2
