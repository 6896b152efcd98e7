"""`python -m foghill.engine`: serve one run, run one in the foreground, or list devices.

Started by the screen and the command line. Torch is imported by the session's thread, later.
"""

import argparse
import asyncio
import atexit
import io
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from .runs.directory import CatalogError, RunSpec, read_spec


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m foghill.engine", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", help="own a run, detached from the terminal")
    serve.add_argument("directory", type=Path)
    headless = verbs.add_parser("headless", help="own a run in the foreground")
    headless.add_argument("directory", type=Path)
    headless.add_argument("--every", type=int, default=0, metavar="N", help="report each N steps")
    headless.add_argument("--jsonl", action="store_true", help="report in JSON lines")
    devices = verbs.add_parser("devices", help="what can be computed on")
    devices.add_argument("--json", action="store_true")
    try:
        chosen = parser.parse_args(arguments)
    except SystemExit as refused:
        return int(refused.code or 0)
    if chosen.verb == "devices":
        return list_devices(as_json=chosen.json)
    try:
        spec = read_spec(chosen.directory.absolute())
        if chosen.verb == "serve":
            return run(spec)
        return run(spec, every=max(0, chosen.every), jsonl=chosen.jsonl, foreground=True)
    except CatalogError as error:
        print(f"foghill: {error}", file=sys.stderr)
        return 2


def run(spec: RunSpec, *, every: int = 0, jsonl: bool = False, foreground: bool = False) -> int:
    """Own the run to its end."""
    from .host.headless import Reporter
    from .host.life import live

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if not foreground:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    reporter = None
    if foreground:
        reporter = Reporter(spec.name, Path(spec.directory), every=every, jsonl=jsonl)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # into engine.log, where people watch it
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    try:
        return asyncio.run(live(spec, reporter))
    except OSError as error:  # a full or unwritable disk, most likely, before anything was trained
        sentence = f"{spec.directory} cannot be used: {error.strerror or error}; make room there"
        if reporter is None:
            raise CatalogError(sentence) from None
        reporter.complain(sentence)
        return 2
    except CatalogError as error:
        if reporter is None:
            raise
        reporter.complain(str(error))  # the process' own stderr goes to engine.log
        return 2


def list_devices(*, as_json: bool) -> int:
    """Print torch's version, the CPU threads and each device; for `foghill doctor`."""
    import torch

    from .training.device import available, precisions

    devices: list[dict[str, object]] = []
    for name in available():
        device = torch.device(name)
        found: dict[str, object] = {"name": name, "precisions": precisions(device)}
        if device.type == "cuda":
            properties = torch.cuda.get_device_properties(device)
            found |= {"title": properties.name, "memory": properties.total_memory}
        devices.append(found)
    threads = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    if as_json:
        told = {"torch": torch.__version__, "threads": threads, "devices": devices}
        print(json.dumps(told))
    else:
        print(f"torch {torch.__version__}, {threads} CPU threads")
        for found in devices:
            print("  ".join(map(str, found.values())))
    return 0


class _Leaving:
    """Ends the process after all exit handlers: taking torch apart would take another second."""

    def __init__(self) -> None:
        self.code = 1
        atexit.register(self._leave)  # the first to be registered is the last to be called

    def _leave(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(self.code)


if __name__ == "__main__":
    leaving = _Leaving()
    leaving.code = main()
    sys.exit(leaving.code)
