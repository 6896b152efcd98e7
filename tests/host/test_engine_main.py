"""`python -m foghill.engine`: what it refuses, and that it starts without torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from foghill.engine import __main__ as main_module


def test_a_directory_without_a_run_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main_module.main(["serve", str(tmp_path)]) == 2
    assert "not a run directory" in capsys.readouterr().err


def test_an_unknown_verb_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main_module.main(["dance"]) == 2
    assert "dance" in capsys.readouterr().err


def test_devices_are_listed_for_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main_module.main(["devices", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["devices"][0]["name"] == "cpu"
    assert "fp32" in told["devices"][0]["precisions"]
    assert told["threads"] >= 1
    assert told["torch"][0].isdigit()


def test_everything_but_the_session_is_there_without_torch() -> None:
    code = (
        "import sys; from foghill.engine import __main__;"
        "from foghill.engine.host import life, headless;"
        "from foghill.engine.session import session;"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
