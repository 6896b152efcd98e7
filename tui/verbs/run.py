"""`foghill run`: start an experiment, on the screen or headless in the foreground."""

import argparse
import errno
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ...engine.runs.catalog import RunSpec, engine_command, home, new_run
from ..keys import Move, read, split
from . import VerbError
from .attach import check_terminal, names, open_screen

_HEADLESS_FLAGS = ("steps", "epochs", "until", "every", "jsonl", "show", "save")


def run(chosen: argparse.Namespace) -> int:
    """Start what was asked for. Headless does not return: this process becomes the engine."""
    headless = chosen.headless or not os.isatty(1)
    if not headless:
        _refuse_headless_flags(chosen)
    elif split(_moves(chosen))[1]:
        raise VerbError("--keys plays on the screen; without one, give --set and --steps", 2)
    if not headless:
        check_terminal("foghill run --headless")
    spec = _new_run(chosen, headless)
    if headless:
        _become_engine(spec, _report_flags(chosen))
    keys = split(_moves(chosen))[1]
    return open_screen(spec, ascii=chosen.ascii, bell=chosen.bell, keys=keys)


def _new_run(chosen: argparse.Namespace, headless: bool) -> RunSpec:
    typed = settings(chosen)
    try:
        return new_run(
            chosen.experiment,
            name=chosen.name,
            target=chosen.target,
            settings=typed,
            weights=chosen.weights,
            headless=headless,
            until=_until(chosen),
            save=chosen.save,
            show=[name.strip() for words in chosen.show for name in words.split(",")],
            hide=names(chosen.hide),
            argv=chosen.argv,
        )
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        # the error names the experiment that was being copied, which is not what is full
        raise VerbError(
            f"there is no room for a run in {home()} ({error.strerror}); "
            "remove old runs, or set FOGHILL_HOME to a directory with room",
            2,
        ) from None


def settings(chosen: argparse.Namespace) -> dict[str, str]:
    """`--keys`' first knobs, `--set`, `--seed` and `--device` as typed; later ones win."""
    typed = split(_moves(chosen))[0] | split_settings(chosen.set, "--set")
    if chosen.seed is not None:
        if not chosen.seed.isdecimal() or int(chosen.seed) >= 2**32:
            raise VerbError(f"--seed takes a whole number below 2³², not {chosen.seed!r}", 2)
        typed["seed"] = chosen.seed
    if chosen.device is not None:
        if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", chosen.device):
            raise VerbError(
                f"--device takes auto, cpu, cuda, cuda:1 or mps, not {chosen.device!r}", 2
            )
        typed["device"] = chosen.device
    if chosen.data:
        folder = Path(chosen.data).expanduser().absolute()
        if not folder.is_dir():
            raise VerbError(f"--data takes a folder, and {chosen.data} is none", 2)
        typed["data_dir"] = str(folder)
    return typed


def _moves(chosen: argparse.Namespace) -> tuple[Move, ...]:
    """What `--keys` plays."""
    try:
        return read(chosen.keys)
    except ValueError as error:
        raise VerbError(f"--keys: {error}", 2) from None


def split_settings(pairs: Sequence[str], flag: str) -> dict[str, str]:
    """`knob=value` texts as a mapping. Raises `VerbError` naming the text that is none."""
    typed: dict[str, str] = {}
    for pair in pairs:
        knob, equals, value = pair.partition("=")
        if not equals or not knob.strip():
            raise VerbError(f"{flag} takes knob=value, such as lr=0.1, not {pair!r}", 2)
        typed[knob.strip()] = value.strip()
    return typed


def _until(chosen: argparse.Namespace) -> str:
    if chosen.steps:
        return f"step>={chosen.steps}"
    return f"epoch>={chosen.epochs}" if chosen.epochs else str(chosen.until)


def _refuse_headless_flags(chosen: argparse.Namespace) -> None:
    used = [f"--{flag}" for flag in _HEADLESS_FLAGS if getattr(chosen, flag)]
    if used:
        raise VerbError(f"{used[0]} is for runs without a screen; add --headless", 2)


def _report_flags(chosen: argparse.Namespace) -> list[str]:
    every = ["--every", str(chosen.every)] if chosen.every else []
    return every + (["--jsonl"] if chosen.jsonl else [])


def _become_engine(spec: RunSpec, flags: list[str]) -> NoReturn:
    """Replace this process, so that its pid, its signals and its exit code are the engine's."""
    command = engine_command(spec, *flags)
    sys.stdout.flush()
    os.execv(command[0], command)
