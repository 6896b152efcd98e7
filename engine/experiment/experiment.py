"""Finds, loads and calls an experiment: a lesson, a Python file of the user's, or a table.

The session holds one `Experiment`, keeps its knob values current and calls its functions. What
goes wrong in the user's code becomes a `UserError`: one sentence with file, line and source.
"""

import contextlib
import inspect
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import msgspec

from ..protocol.knob import Knob, Value
from ..protocol.state import Problem
from ..runs.directory import RunSpec
from ..runs.tries import Item, read
from .knobs import FUNCTIONS, KnobError, gather, readers, replicas, start
from .names import Names, names_of
from .parameters import is_view
from .shared_state import keeper
from .table import TableError, read_table
from .userfile import load_as, load_file

_LONGEST_MESSAGE = 300
_LISTS = ("compare", "show", "hide")  # what else a file may have at its top


class UserError(Exception):
    """One clear sentence about a user's file, table or setting, and where it is."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


@dataclass
class Experiment:
    """An experiment as loaded. `values` are the knobs' current values; the session sets them.

    `functions` are those the file has of `knobs.FUNCTIONS`, and its further views. `names` are
    current after `call("data")`.
    """

    name: str
    kind: Literal["lesson", "file", "table"]
    title: str
    text: str
    path: Path
    settings: Mapping[str, object]
    functions: Mapping[str, Callable[..., Any]]
    knobs: dict[str, Knob]
    described: Mapping[str, object]  # the file's own `names`, which its data() may change
    notes: list[str] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    tries: tuple[Item, ...] = ()  # what the text asks to try
    compare: tuple[dict[str, Value], ...] = ()  # replicas trained beside the run from its start
    show: tuple[str, ...] = ()  # pictures that come first
    hide: object = ()  # knobs and pictures to leave out, as the file says it
    values: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = _names(self.described, self.path)
        self.values = {name: knob.value for name, knob in self.knobs.items()}
        self._taken = {
            owner: readers(function, owner) for owner, function in self.functions.items()
        }

    @cached_property
    def keeps(self) -> str:
        """What its functions keep between steps outside of the model, in words; "" for nothing."""
        return keeper(self.functions)

    def call(self, function: str, *args: object) -> Any:
        """Call one of the functions with the knobs it takes; `UserError` for what it raises."""
        try:
            result = self.functions[function](*args, **self._arguments(function))
        except BaseException as error:
            problem = blame(error, self.path, f"{function}()")
            raise UserError(_placed(problem, self.functions[function])) from error
        if function == "data":
            self.names = _names(self.described, self.path)
        return result

    def _arguments(self, function: str) -> dict[str, Any]:
        taken, values = self._taken[function], self.values
        return {name: stands.get(str(values[name]), values[name]) for name, stands in taken.items()}


def load(spec: RunSpec) -> Experiment:
    """The experiment of a run, with its knobs at their starting values. Raises `UserError`."""
    path = Path(spec.path)
    functions: Mapping[str, Callable[..., Any]] = {}
    lists: Mapping[str, object] = {}
    try:
        if spec.kind == "table":
            parts = read_table(path, spec.target)
            functions, settings = parts.functions, parts.settings
            described, notes, title, text = parts.names, parts.notes, parts.title, parts.text
        else:
            module = _module(path, spec)
            notes = []
            functions = _functions(module, path, notes)
            settings = _dictionary(module, "settings", path)
            described = _dictionary(module, "names", path)
            title, text = _description(module, path)
            lists = {name: getattr(module, name, ()) for name in _LISTS}
        knobs = start(gather(functions), settings, spec.settings)
        text, tries = read(text)
        show = lists.get("show")
        notes = [*notes, *(f"Try {item.number}: {item.trouble}" for item in tries if item.trouble)]
        return Experiment(
            name=spec.experiment,
            kind=spec.kind,
            title=title,
            text=text,
            path=path,
            settings=settings,
            functions=functions,
            knobs=knobs,
            described=described,
            hide=lists.get("hide", ()),
            notes=notes,
            tries=tries,
            compare=replicas(knobs, lists.get("compare", ())),
            show=tuple(map(str, show)) if isinstance(show, list | tuple) else (),
        )
    except KnobError as error:
        problem = Problem(_sentence(str(error)))
        raise _refused(_placed(problem, functions.get(error.owner))) from None
    except TableError as error:
        raise _refused(Problem(_sentence(str(error)), file=str(path))) from None
    except UserError as error:
        raise _refused(error.problem) from error.__cause__


def _refused(problem: Problem) -> UserError:
    return UserError(msgspec.structs.replace(problem, before_first_step=True))


def _module(path: Path, spec: RunSpec) -> ModuleType:
    if not path.is_file():
        raise UserError(Problem(f"there is no file {path}", file=str(path)))
    try:
        if spec.kind == "lesson":
            return load_as(f"foghill.engine.lessons.{path.stem}", str(path))
        return load_file(path, Path(spec.directory) if spec.directory else None)
    except BaseException as error:
        raise UserError(blame(error, path, f"loading {path.name}")) from error


def _functions(module: ModuleType, path: Path, notes: list[str]) -> dict[str, Callable[..., Any]]:
    functions: dict[str, Callable[..., Any]] = {}
    for name in (*FUNCTIONS, *_further_views(module)):
        found = getattr(module, name, None)
        if found is None or isinstance(found, ModuleType):  # from torch.utils import data
            continue
        built = not callable(found) or (
            hasattr(found, "parameters") and not isinstance(found, type)
        )
        if built and name in ("data", "model"):
            kind = type(found).__name__
            raise _wrong(path, f"{name} is a {kind}; write def {name}(): that returns it")
        if callable(found):
            functions[name] = found
        else:
            notes.append(f"{name} in {path.name} is not a function and is left alone")
    if "model" not in functions:
        example = next(_model_classes(module), None)
        hint = f"return {example}()" if example else "that returns an nn.Module"
        raise _wrong(path, f"there is no model(); add def model(): {hint}")
    return functions


def _further_views(module: ModuleType) -> list[str]:
    """Names of the functions `view_NAME` written in this file."""
    return [
        name
        for name, found in vars(module).items()
        if is_view(name)
        and name not in FUNCTIONS
        and inspect.isfunction(found)
        and found.__module__ == module.__name__
    ]


def _model_classes(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and any(base.__name__ == "Module" for base in value.__mro__):
            yield name


def _dictionary(module: ModuleType, name: str, path: Path) -> dict[str, object]:
    found = getattr(module, name, {})
    if isinstance(found, dict) and all(isinstance(key, str) for key in found):
        return found
    raise _wrong(path, f'{name} must be a dict such as {{"lr": 0.1}}, not {found!r}')


def _description(module: ModuleType, path: Path) -> tuple[str, str]:
    title, _, text = inspect.cleandoc(module.__doc__ or path.name).partition("\n")
    return title.strip(), text.strip()


def _names(described: Mapping[str, object], path: Path) -> Names:
    try:
        return names_of(described)
    except ValueError as error:
        raise _wrong(path, str(error)) from None


def _wrong(path: Path, sentence: str) -> UserError:
    return UserError(Problem(f"{path.name}: {sentence}", file=str(path)))


def blame(error: BaseException, path: Path, doing: str) -> Problem:
    """`error`, raised while `doing` ("data()"), as one sentence with the place in the user's file.

    The place is the innermost frame in `path` or beside it. Our own stack is not shown.
    """
    if isinstance(error, UserError):
        return error.problem
    if isinstance(error, SyntaxError) and error.filename:
        file, line, source = error.filename, error.lineno or 0, (error.text or "").strip()
        sentence = f"{Path(file).name} has a syntax error: {error.msg}"
    else:
        file, line, source = _place(error, path)
        sentence = _told(error, doing)
    return Problem(sentence + _where(file, line, source), file=file, line=line, source=source)


def _told(error: BaseException, doing: str) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{doing} needs the module {error.name}, which is not installed"
    if isinstance(error, SystemExit):
        return f"{doing} tried to end the program (SystemExit {error.code})"
    message = ""
    with contextlib.suppress(Exception):  # a __str__ of the user's own
        message = _sentence(str(error))
    return f"{doing} raised {type(error).__name__}" + (f": {message}" if message else "")


def _sentence(message: str) -> str:
    """The first line that says something, at a length that can be shown."""
    line = next((line.strip() for line in message.splitlines() if line.strip()), "")
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"


def _place(error: BaseException, path: Path) -> tuple[str, int, str]:
    """File, line and source of the innermost frame in code of the user's own."""
    file, line = "", 0
    for frame, number in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if name == str(path) or is_beside(Path(name), path.parent):
            file, line = name, number
    linecache.checkcache(file)
    return file, line, linecache.getline(file, line).strip() if file else ""


def is_beside(file: Path, folder: Path) -> bool:
    """Whether `file` lies in the user's folder and is not of a library or of ours."""
    libraries = {"site-packages", "dist-packages", f"python3.{sys.version_info.minor}"}
    ours = file.is_relative_to(Path(__file__).parents[1])
    return file.is_relative_to(folder) and not ours and libraries.isdisjoint(file.parts)


def _where(file: str, line: int, source: str) -> str:
    if not file:
        return ""
    return f" ({Path(file).name}, line {line}" + (f": {source})" if source else ")")


def _placed(problem: Problem, function: Callable[..., Any] | None) -> Problem:
    """`problem` with the line at which `function` begins, where no place is known."""
    code = getattr(inspect.unwrap(function), "__code__", None) if function else None
    if problem.file or code is None:
        return problem
    file, line = code.co_filename, code.co_firstlineno
    source = linecache.getline(file, line).strip()
    return Problem(problem.sentence + _where(file, line, source), file, line, source)
