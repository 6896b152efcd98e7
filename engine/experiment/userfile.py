"""Loads a Python file of the user's by its path, as `python file.py` would find its neighbours.

Used by `experiment.load`; in loader workers started by spawn or forkserver, through the shim
that `load_file` leaves for a file whose own name is taken (`random.py`, `queue.py`).
"""

import importlib
import importlib.util
import sys
import tempfile
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

_SHIM = '''"""Lets loader workers find {path!r}, whose own name is taken."""

from {loader} import load_as

load_as({name!r}, {path!r})
'''


class UserFile(SourceFileLoader):
    """Compiles what stands in the file now: no bytecode is read (it may be stale) or left."""

    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(self.get_data(self.path), self.path)


def load_file(path: Path, directory: Path | None = None) -> ModuleType:
    """Execute `path` as a module under its own name, with its folder on `sys.path`.

    The folder comes first, or behind what it would hide from the interpreter. A shim, if one is
    needed, goes to `directory`. What the file raises is let through.
    """
    importlib.import_module("torch")  # first, so that all it needs counts as taken
    importlib.invalidate_caches()
    folder = str(path.parent)
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(_position(path.parent), folder)
    if _finds(path.stem, path):
        return load_as(path.stem, str(path))
    name = "foghill_user_" + "".join(c if c.isalnum() else "_" for c in path.stem)
    shims = directory / "modules" if directory else Path(tempfile.mkdtemp(prefix="foghill-"))
    shims.mkdir(mode=0o700, exist_ok=True)
    shim = _SHIM.format(path=str(path), loader=__name__, name=name)
    (shims / f"{name}.py").write_text(shim, "utf-8")
    sys.path.append(str(shims))
    return load_as(name, str(path))


def load_as(name: str, path: str) -> ModuleType:
    """Execute `path` as the module `name`, which it replaces in `sys.modules`."""
    spec = importlib.util.spec_from_file_location(name, path, loader=UserFile(name, path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _finds(name: str, path: Path) -> bool:
    """Whether `import name`, here and in a worker, means the file at `path`."""
    loaded = sys.modules.get(name)
    if "." in name or (loaded is not None and not _is_users(loaded)):
        return False
    if name in sys.builtin_module_names:
        return False
    spec = PathFinder.find_spec(name)
    return spec is not None and spec.origin is not None and path.samefile(spec.origin)


def _is_users(module: ModuleType) -> bool:
    return isinstance(getattr(module, "__loader__", None), UserFile)


def _position(folder: Path) -> int:
    """The first place in `sys.path` from which `folder` hides no module that is needed."""
    here = {path.stem for path in folder.glob("*.py")}
    here |= {path.parent.name for path in folder.glob("*/__init__.py")}
    loaded = {
        name
        for name, module in list(sys.modules.items())
        if "." not in name and not _is_users(module) and not _lies_in(module, folder)
    }
    hidden = here & (set(sys.stdlib_module_names) | loaded)
    positions = [_entry_of(spec) for spec in map(PathFinder.find_spec, sorted(hidden)) if spec]
    return max(positions, default=-1) + 1


def _lies_in(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and Path(file).is_relative_to(folder)


def _entry_of(spec: ModuleSpec) -> int:
    """Which entry of `sys.path` the module was found in; −1 for none."""
    if spec.origin is None:
        return -1
    parent = Path(spec.origin).parent
    folder = str(parent.parent if spec.submodule_search_locations else parent)
    return sys.path.index(folder) if folder in sys.path else -1
