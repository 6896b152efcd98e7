"""The command line: every failure is one sentence with the right exit code, and it starts fast."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from foghill.tui import __main__ as command
from foghill.tui.cli import build_parser, parse
from foghill.tui.verbs import VerbError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("foghill: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("runn digits", "did you mean run?"),
        ("paarbola", "did you mean parabola?"),
        ("zzzz", "there are run, attach"),
        ("parabola", "foghill run parabola"),
        ("run", "EXPERIMENT"),
        ("run nothere", "nothere"),
        ("run gone.py", "there is no file gone.py"),
        ("run parabola --set lr", "knob=value"),
        ("run parabola --set =3", "knob=value"),
        ("run parabola --seed -1", "2³²"),
        ("run parabola --seed 4294967296", "2³²"),
        ("run parabola --device gpu", "cuda:1"),
        ("run parabola --headless --steps 0", "at least 1"),
        ("run parabola --headless --steps 5 --epochs 2", "not allowed with"),
        ("run parabola --name a/b", "cannot be called"),
        ("run parabola --weights gone.pt", "gone.pt"),
        ("attach gone", "there is no run 'gone'"),
        ("attach", "no run is alive"),
        ("stop gone", "there is no run 'gone'"),
        ("rm gone", "there is no run 'gone'"),
        ("ctl gone status", "there is no run 'gone'"),
        ("ctl gone dance", "dance"),
        ("ctl gone step x", "whole number"),
        ("ctl gone speed -1", "at least 0"),
        ("ctl gone", "ACTION"),
        ("export gone --csv f", "there is no run 'gone'"),
        ("export gone", "--csv"),
        ("lessons gone", "there is no lesson 'gone'"),
        ("lessons digit", "did you mean digits?"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    line: str, words: str, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    try:
        code = command.main(line.split())
    except SystemExit as exit:
        code = exit.code
    assert code == 2
    assert words in one_sentence(capsys)
    assert not home.exists(), "a failed start leaves nothing behind"


def test_an_unforeseen_failure_is_a_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "parse", lambda _: 1 / 0)
    assert command.main([]) == 1
    assert "ZeroDivisionError" in one_sentence(capsys)
    monkeypatch.setenv("FOGHILL_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        command.main([])


@pytest.mark.parametrize(
    ("failure", "code", "words"),
    [
        (VerbError("no such thing", 2), 2, "no such thing"),
        (VerbError("did not work"), 1, "did not work"),
        (PermissionError(13, "Permission denied", "/x"), 1, "/x: Permission denied"),
        (ConnectionError("the engine hung up"), 1, "the engine hung up"),
    ],
)
def test_failures_have_their_exit_codes(
    failure: Exception,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_: object) -> None:
        raise failure

    monkeypatch.setattr(command, "parse", fail)
    assert command.main([]) == code
    assert one_sentence(capsys) == f"foghill: {words}\n"


def test_ctrl_c_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "parse", interrupted)
    assert command.main([]) == 130
    assert capsys.readouterr() == ("", "")


def test_what_was_typed_is_kept() -> None:
    chosen = parse(["run", "x.py", "--set", "lr=1", "--set", "width=2", "--seed", "3"])
    assert chosen.argv == ("foghill", "run", "x.py", "--set", "lr=1", *chosen.argv[5:])
    assert (chosen.set, chosen.seed) == (["lr=1", "width=2"], "3")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "run digits --set lr=1 --seed 3 --device cuda:1 --name n --weights w.pt --target t",
        "run digits --headless --until valid_loss<0.1 --every 5 --jsonl --save w.pt",
        "attach name --watch",
        "ls --json",
        "stop name",
        "rm name",
        "ctl name run --until epoch>=3",
        "ctl name pause",
        "ctl name step 5 --unit epoch",
        "ctl name set lr=1 momentum=0.9",
        "ctl name status --json",
        "ctl name restart weights",
        "ctl name back lr",
        "ctl name speed 30",
        "ctl name validate",
        "export name --csv -",
        "export name --script f.py --force",
        "lessons digits",
        "doctor",
    ],
)
def test_every_verb_and_flag_is_understood(line: str) -> None:
    assert callable(build_parser().parse_args(line.split()).verb)


def test_flags_are_never_abbreviated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["run", "parabola", "--head"])
    assert "--head" in one_sentence(capsys)


@pytest.mark.parametrize("line", ["--ascii run x.py", "run --ascii x.py", "attach --ascii"])
def test_ascii_stands_before_or_after_the_verb(line: str) -> None:
    assert parse(line.split()).ascii
    assert not parse(line.replace("--ascii", "").split()).ascii


def test_without_a_command_the_picker_needs_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.main([]) == 2
    assert "needs a terminal" in one_sentence(capsys)


def run_program(*argv: str, **options: object) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-P", "-m", "foghill.tui", *argv]
    return subprocess.run(line, stderr=subprocess.PIPE, text=True, timeout=60, **options)


def test_the_program_starts_and_says_its_version() -> None:
    done = run_program("--version", stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("foghill 0.")


def test_verbs_load_no_torch_and_no_textual() -> None:
    """The verbs themselves, not only the parser: every module in tui/verbs and the doctor."""
    modules = [f"verbs.{p.stem}" for p in Path(command.__file__).parent.glob("verbs/[!_]*.py")]
    code = "import sys\n" + "".join(
        f"import foghill.tui.{name}\n" for name in ("__main__", "link", "doctor", *modules)
    )
    code += "heavy = {'torch', 'numpy', 'textual', 'plotext', 'rich'} & set(sys.modules)\n"
    code += "assert not heavy, heavy"
    subprocess.run([sys.executable, "-P", "-c", code], check=True, timeout=60)


def test_a_reader_that_leaves_early_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = run_program("ls", stdout=write)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_terminal_without_utf8_gets_substitutes_instead_of_a_crash() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = run_program("run", "parabola", "--seed", "-1", env=environment)
    assert done.returncode == 2
    assert "a whole number below" in done.stderr
