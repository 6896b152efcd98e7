"""When and on what the figures were measured; never where (no host, no path)."""

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "textual", "plotext", "msgspec")


def cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """The processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def sentence() -> str:
    """One line: date, device, cores, system, versions, and how busy the machine was before."""
    versions = [f"Python {'.'.join(map(str, sys.version_info[:3]))}"]
    versions += [f"{package} {version(package)}" for package in PACKAGES]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, cpu ({processor()}), {cores()} cores, "
        f"{platform.system()}, {', '.join(versions)}; load before: {os.getloadavg()[0]:.1f}."
    )
