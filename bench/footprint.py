"""Memory, processor time and waiting of a process, as the system counts them."""

import os
import subprocess
import sys
from pathlib import Path

MIB = 1 << 20


def resident_bytes(pid: int) -> int:
    """Resident set size."""
    if sys.platform == "linux":
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return int(_ps(pid, "rss=")) * 1024


def cpu_seconds(pid: int) -> float:
    """Processor time of all its living threads; to the nanosecond on Linux."""
    if sys.platform == "linux":
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    fields = [float(part) for part in _ps(pid, "time=").replace("-", ":").split(":")]
    return sum(part * 60**place for place, part in enumerate(reversed(fields)))


def _ps(pid: int, column: str) -> str:
    command = ["ps", "-o", column, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
