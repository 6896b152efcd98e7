"""Who may import whom: import-linter holds the contracts, these see that it misses nobody."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OPEN_TO_THE_SCREEN = {
    "catalog",
    "listing",
    "processes",
    "progress",
    "protocol",
    "run_directory",
    "tries",
}


def test_every_engine_module_is_either_open_to_the_screen_or_forbidden_to_it():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (contract,) = (c for c in contracts if c["source_modules"] == ["foghill.tui"])
    forbidden = {name.removeprefix("foghill.engine.") for name in contract["forbidden_modules"]}
    here = {path.stem for path in (ROOT / "engine").iterdir() if not path.stem.startswith("_")}
    assert here - OPEN_TO_THE_SCREEN == (forbidden - {"torch", "numpy"}) & here
    assert here - OPEN_TO_THE_SCREEN - forbidden == set()


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("foghill.tui.app", ("torch", "numpy", "plotext")),
        ("foghill.tui.__main__", ("torch", "numpy", "plotext", "textual", "asyncio")),
        ("foghill.engine.protocol.frames", ("torch", "numpy", "textual")),
        ("foghill.engine.catalog", ("torch", "numpy", "textual", "asyncio")),
        ("foghill.engine.session", ("torch", "textual")),
        ("foghill.engine.__main__", ("torch", "textual")),
    ],
)
def test_importing_loads_nothing_heavy(module: str, heavy: tuple[str, ...]):
    look = f"import sys, {module}; print(*sorted(set({heavy!r}) & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-P", "-c", look], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == ""
