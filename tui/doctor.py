"""`foghill doctor`: what this terminal can show, what is installed, where runs live.

Each check gives findings; nothing is changed. Torch is asked in a process of its own.
"""

import argparse
import json
import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..engine.runs.catalog import home

GLYPHS = (
    ("braille", "⡇⢣⠘⣄⠉⠒⠤⣀⣿"),
    ("boxes", "┌─┬┐│├┤└┴┘"),
    ("blocks", "▁▂▃▄▅▆▇█▀▄▌▐░▒▓"),
    ("signs", "▸ ● · × − → ² Δ …"),
)
_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "lustre", "gpfs", "beegfs", "fuse.sshfs")
_SIGNS = {"good": "ok", "doubt": " !", "bad": "!!", "plain": "  "}


class Finding(msgspec.Struct, frozen=True):
    """One line of the report. `bad` makes the exit code 1; `doubt` is worth reading."""

    subject: str
    text: str
    verdict: Literal["good", "doubt", "bad", "plain"] = "good"


def doctor(_: argparse.Namespace) -> int:
    """Print the findings; 1 if something keeps Foghill from working."""
    verdicts: list[str] = []
    for finding in findings():
        sign = _SIGNS[finding.verdict]
        print(f"{sign}  {finding.subject:<9}  {finding.text}", flush=True)
        verdicts.append(finding.verdict)
    return int("bad" in verdicts)


def findings() -> Iterator[Finding]:
    """All checks, the slow one (torch) last."""
    yield from terminal(os.environ, sys.stdout.isatty(), shutil.get_terminal_size())
    yield from tmux(os.environ)
    yield from text(sys.stdout.encoding, os.environ)
    yield from packages()
    yield from where_runs_live(home())
    yield from logout()
    yield from torch_and_devices()


def terminal(
    environment: Mapping[str, str], is_terminal: bool, size: os.terminal_size
) -> Iterator[Finding]:
    """Kind, size and colours."""
    kind = environment.get("TERM", "")
    if not is_terminal:
        yield Finding("terminal", "standard output is no terminal: runs go headless", "doubt")
    elif kind in ("", "dumb"):
        yield Finding("terminal", f"TERM={kind} shows no screen; use --headless", "bad")
    else:
        yield Finding("terminal", f"TERM={kind}")
    small = size.columns < 80 or size.lines < 24
    advice = ": the screen is complete from 80×24" if small else ""
    verdict = "doubt" if small else "good"
    yield Finding("size", f"{size.columns}×{size.lines}{advice}", verdict)
    colour = environment.get("COLORTERM", "")
    if environment.get("NO_COLOR"):
        yield Finding("colours", "NO_COLOR is set: none are used", "plain")
    elif colour in ("truecolor", "24bit"):
        yield Finding("colours", f"COLORTERM={colour}: 16 million")
    else:
        count = "256" if "256" in kind else "16"
        note = "; COLORTERM=truecolor if it can more"
        yield Finding("colours", f"{count}, as TERM says{note}", "plain")


def tmux(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Whether this is inside tmux or screen, and which tmux there is."""
    installed = _output("tmux", "-V")
    if environment.get("TMUX"):
        yield Finding("tmux", f"inside {installed or 'tmux'}")
    elif environment.get("STY"):
        yield Finding("screen", "inside GNU screen", "plain")
    else:
        there = f"{installed}, not in use" if installed else "not installed; runs outlive without"
        yield Finding("tmux", there, "plain")


def text(encoding: str | None, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Locale and a line of every kind of glyph to look at."""
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    named = next((f"{name}={environment[name]}" for name in names if environment.get(name)), "")
    spoken = (encoding or locale.getpreferredencoding(False)).upper()
    if spoken.replace("-", "") == "UTF8":
        yield Finding("locale", f"{named or 'not set'}, {spoken}")
    else:
        advice = "set LC_ALL=C.UTF-8, or use --ascii"
        yield Finding("locale", f"{named or 'not set'}, {spoken}, not UTF-8: {advice}", "doubt")
    for name, glyphs in GLYPHS:
        yield Finding(name, glyphs, "plain")
    yield Finding("", "gaps, empty boxes or question marks above? then use --ascii", "plain")


def packages() -> Iterator[Finding]:
    """Python and what the screen needs."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", f"{version} at {sys.executable}")
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    for package in ("foghill", "textual", "plotext"):
        try:
            yield Finding(package, installed(package))
        except PackageNotFoundError:
            yield Finding(package, "not installed: install foghill again", "bad")


def where_runs_live(directory: Path, mounts: Path = Path("/proc/mounts")) -> Iterator[Finding]:
    """Writable, how full, and whether on a network file system."""
    there = directory
    while not there.exists() and there != there.parent:
        there = there.parent
    if not os.access(there, os.W_OK | os.X_OK):
        advice = "set FOGHILL_HOME to a directory that can be"
        yield Finding("runs", f"{directory} cannot be written: {advice}", "bad")
        return
    free = shutil.disk_usage(there).free / 1e9
    yield Finding("runs", f"{directory}, {free:.1f} GB free", "good" if free > 1 else "doubt")
    kind = file_system(there.resolve(), mounts)
    if kind.startswith(_NETWORK):
        note = "a network file system: the history is kept without SQLite's WAL"
        yield Finding("disk", f"{kind}, {note}; FOGHILL_HOME on a local disk is faster", "doubt")


def file_system(path: Path, mounts: Path) -> str:
    """The kind of file system `path` lies on; "" where the system does not say."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind


def logout(root: Path = Path("/")) -> Iterator[Finding]:
    """systemd may kill a user's processes at logout, engines included."""
    kills = False
    files = [root / "etc/systemd/logind.conf"]
    for folder in ("usr/lib", "run", "etc"):
        files += sorted((root / folder / "systemd/logind.conf.d").glob("*.conf"))
    for file in files:
        try:
            lines = file.read_text().splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines:
            name, _, value = line.partition("=")
            if name.strip() == "KillUserProcesses":
                kills = value.strip().lower() in ("yes", "true", "on", "1")
    if kills:
        advice = "start with: systemd-run --user --scope foghill ... (after loginctl enable-linger)"
        yield Finding("logout", f"KillUserProcesses=yes: a logout ends runs; {advice}", "doubt")
    else:
        yield Finding("logout", "runs outlive it")


def torch_and_devices() -> Iterator[Finding]:
    """Asked of the engine, because the screen never imports torch."""
    command = [sys.executable, "-P", "-m", "foghill.engine", "devices", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        yield Finding("torch", "no answer within two minutes", "bad")
        return
    try:
        told: Any = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        yield Finding("torch", f"cannot be used: {last}", "bad")
        return
    yield Finding("torch", f"{told.get('torch', '?')}, {told.get('threads', '?')} CPU threads")
    for device in told.get("devices", []):
        yield Finding("device", _device_in_words(device), "plain")


def _device_in_words(device: Any) -> str:
    if not isinstance(device, dict):
        return str(device)
    parts = [str(device.get("name", "?"))]
    if device.get("title"):
        parts.append(str(device["title"]))
    if device.get("memory"):
        parts.append(f"{device['memory'] / 1e9:.0f} GB")
    if device.get("precisions"):
        parts.append(" ".join(device["precisions"]))
    return ", ".join(parts)


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
