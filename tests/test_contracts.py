"""Who may import whom: import-linter holds the contracts, these see what an import really loads."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("foghill.tui.app", ("torch", "numpy", "plotext")),
        ("foghill.tui.__main__", ("torch", "numpy", "plotext", "textual", "asyncio")),
        ("foghill.engine.protocol.frames", ("torch", "numpy", "textual")),
        ("foghill.engine.runs.catalog", ("torch", "numpy", "textual", "asyncio")),
        ("foghill.engine.session.session", ("torch", "textual")),
        ("foghill.engine.__main__", ("torch", "textual")),
    ],
)
def test_importing_loads_nothing_heavy(module: str, heavy: tuple[str, ...]):
    look = f"import sys, {module}; print(*sorted(set({heavy!r}) & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-P", "-c", look], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == ""
